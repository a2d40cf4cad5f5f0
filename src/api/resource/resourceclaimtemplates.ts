import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { ResourceClaimTemplate } from '../types/resource.v1.ts';
import { setDeviceClaimDefaults } from './request-defaults.ts';
import { validateResourceClaimTemplate, validateSpecUpdate } from './validation/classes-and-claims.ts';

export const resourceclaimtemplates = defineResource<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  namespaced: true,
  returnsDeletedObject: true,
  defaults: ({ spec }) => setDeviceClaimDefaults(spec?.spec?.devices),
  validate: validateResourceClaimTemplate,
  validateUpdate: validateSpecUpdate,
  columns: [nameColumn, ageColumn],
});
