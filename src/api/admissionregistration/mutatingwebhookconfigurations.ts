import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { ageColumn, integerColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { MutatingWebhookConfiguration } from '../types/admissionregistration.v1.ts';
import { setWebhookDefaults } from './defaults.ts';
import { validateWebhookConfiguration, validateWebhookConfigurationUpdate } from './validation/webhooks.ts';

export const mutatingwebhookconfigurations = defineResource<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  namespaced: false,
  allowUnconditionalUpdate: false,
  validate: validateWebhookConfiguration,
  validateUpdate: validateWebhookConfigurationUpdate,
  defaults({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      setWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  generationChanges: (object, old) => !semanticDeepEqual(object.webhooks, old.webhooks),
  columns: [nameColumn, integerColumn('Webhooks', ({ webhooks }) => (webhooks ?? []).length), ageColumn],
});
