import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { Lease } from '../types/coordination.v1.ts';
import { validateLease } from './validation.ts';

export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  allowCreateOnUpdate: true,
  validate: validateLease,
  // A writer that has not seen the present holder must not take the lease from it.
  allowUnconditionalUpdate: false,
  columns: [nameColumn, column('Holder', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
});
