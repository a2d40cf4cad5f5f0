import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { StorageClass } from '../types/storage.v1.ts';
import { classNameCell } from './default-class.ts';
import { validateStorageClass, validateStorageClassUpdate } from './class-validation.ts';
import { storageClassWarnings } from '../warnings/cluster-kinds.ts';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageclasses = defineResource<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  returnsDeletedObject: true,
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  warningsOnCreate: storageClassWarnings,
  warningsOnUpdate: storageClassWarnings,
  columns: [
    { ...nameColumn, cell: (object) => classNameCell(object, defaultAnnotations) },
    column('Provisioner', ({ provisioner }) => provisioner ?? ''),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
    ageColumn,
  ],
});
