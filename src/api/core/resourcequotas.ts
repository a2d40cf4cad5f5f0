import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { ResourceQuota } from '../types/core.v1.ts';
import { roundUpResourceList } from './resource-list.ts';
import {
  validateQuotaStatus,
  validateResourceQuota,
  validateResourceQuotaUpdate,
} from './validation/resourcequotas.ts';

/** `cpu: 1/4, pods: 3/10` of the resources for which `isShown` holds. */
function usageCell({ status }: ResourceQuota, isShown: (resource: string) => boolean): string {
  return Object.entries(status?.hard ?? {})
    .filter(([resource]) => isShown(resource))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, hard]) => `${resource}: ${status?.used?.[resource] ?? '0'}/${hard}`)
    .join(', ');
}

function isLimit(resource: string): boolean {
  return resource.startsWith('limits.');
}

export const resourcequotas = defineResource<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  namespaced: true,
  generationChanges: 'none',
  returnsDeletedObject: true,
  defaults: ({ spec, status }) => {
    roundUpResourceList(spec?.hard);
    roundUpResourceList(status?.hard);
    roundUpResourceList(status?.used);
  },
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  columns: [
    nameColumn,
    column('Request', (quota) => usageCell(quota, (resource) => !isLimit(resource))),
    column('Limit', (quota) => usageCell(quota, isLimit)),
    ageColumn,
  ],
  subresources: { status: statusSubresource(validateQuotaStatus) },
});
