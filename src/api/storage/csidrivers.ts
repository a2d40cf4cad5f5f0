import { ageColumn, column, nameColumn, orNone } from '../columns.ts';
import type { Column } from '../contract.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { CSIDriver } from '../types/storage.v1.ts';
import { validateCSIDriver, validateCSIDriverUpdate } from './driver-validation.ts';

function defaults({ spec }: CSIDriver): void {
  if (spec === undefined || spec === null) return;
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

function booleanColumn(name: string, cell: Column<CSIDriver>['cell']): Column<CSIDriver> {
  return { name, type: 'boolean', cell };
}

export const csidrivers = defineResource<CSIDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  namespaced: false,
  validate: validateCSIDriver,
  validateUpdate: validateCSIDriverUpdate,
  returnsDeletedObject: true,
  allowUnconditionalUpdate: false,
  defaults,
  generationChanges: specDiffers,
  columns: [
    nameColumn,
    booleanColumn('AttachRequired', ({ spec }) => spec?.attachRequired ?? true),
    booleanColumn('PodInfoOnMount', ({ spec }) => spec?.podInfoOnMount ?? false),
    booleanColumn('StorageCapacity', ({ spec }) => spec?.storageCapacity ?? false),
    column('TokenRequests', ({ spec }) =>
      spec?.tokenRequests ? spec.tokenRequests.map((request) => request?.audience ?? '').join(',') : '<unset>',
    ),
    booleanColumn('RequiresRepublish', ({ spec }) => spec?.requiresRepublish ?? false),
    column('Modes', ({ spec }) => orNone((spec?.volumeLifecycleModes ?? []).join(','))),
    ageColumn,
  ],
});
