import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { ServiceAccount } from '../types/core.v1.ts';
import { serviceAccountWarnings } from '../warnings/cluster-kinds.ts';

/** Secrets are of the account's own namespace: a reference holds their name alone. */
function cleanSecretReferences(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name ? { name } : {}));
}

export const serviceaccounts = defineResource<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  returnsDeletedObject: true,
  prepareForCreate: cleanSecretReferences,
  prepareForUpdate: cleanSecretReferences,
  warningsOnCreate: (account) => serviceAccountWarnings(account),
  warningsOnUpdate: serviceAccountWarnings,
  columns: [nameColumn, ageColumn],
  subresources: {
    token: {
      shape: 'served',
      body: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
      verbs: ['create'],
    },
  },
});
