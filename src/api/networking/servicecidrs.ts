import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { ServiceCIDR } from '../types/networking.v1.ts';
import { validateServiceCIDR, validateServiceCIDRUpdate } from './validation/service-network.ts';

export const servicecidrs = defineResource<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  namespaced: false,
  validate: validateServiceCIDR,
  validateUpdate: validateServiceCIDRUpdate,
  // As upstream, which resets a status neither on create nor on update, and keeps no generation.
  statusIsSeparate: false,
  columns: [nameColumn, column('CIDRs', ({ spec }) => (spec?.cidrs ?? []).join(',')), ageColumn],
  subresources: { status: statusOnlySubresource() },
});
