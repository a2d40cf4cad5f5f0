import { column, nameColumn, orUnset } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { CSIStorageCapacity } from '../types/storage.v1.ts';

export const csistoragecapacities = defineResource<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  namespaced: true,
  allowUnconditionalUpdate: false,
  columns: [
    nameColumn,
    column('StorageClassName', ({ storageClassName }) => storageClassName ?? ''),
    column('Capacity', ({ capacity }) => orUnset(capacity)),
  ],
});
