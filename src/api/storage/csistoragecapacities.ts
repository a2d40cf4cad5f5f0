import { column, nameColumn, orUnset } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { CSIStorageCapacity } from '../types/storage.v1.ts';
import { validateStorageCapacity, validateStorageCapacityUpdate } from './class-validation.ts';
import { storageCapacityWarnings } from '../warnings/cluster-kinds.ts';

export const csistoragecapacities = defineResource<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  namespaced: true,
  validate: validateStorageCapacity,
  validateUpdate: validateStorageCapacityUpdate,
  allowUnconditionalUpdate: false,
  warningsOnCreate: storageCapacityWarnings,
  warningsOnUpdate: storageCapacityWarnings,
  columns: [
    nameColumn,
    column('StorageClassName', ({ storageClassName }) => storageClassName ?? ''),
    column('Capacity', ({ capacity }) => orUnset(capacity)),
  ],
});
