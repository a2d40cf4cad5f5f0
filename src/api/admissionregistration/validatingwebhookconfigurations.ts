import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { ageColumn, integerColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { ValidatingWebhookConfiguration } from '../types/admissionregistration.v1.ts';
import { setWebhookDefaults } from './defaults.ts';
import { validateWebhookConfiguration, validateWebhookConfigurationUpdate } from './validation/webhooks.ts';

export const validatingwebhookconfigurations = defineResource<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  namespaced: false,
  allowUnconditionalUpdate: false,
  validate: validateWebhookConfiguration,
  validateUpdate: validateWebhookConfigurationUpdate,
  defaults({ webhooks }) {
    for (const webhook of webhooks ?? []) setWebhookDefaults(webhook);
  },
  generationChanges: (object, old) => !semanticDeepEqual(object.webhooks, old.webhooks),
  columns: [nameColumn, integerColumn('Webhooks', ({ webhooks }) => (webhooks ?? []).length), ageColumn],
});
