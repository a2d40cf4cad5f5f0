import { ageColumn, integerColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { CSINode } from '../types/storage.v1.ts';
import { validateCSINode, validateCSINodeUpdate } from './driver-validation.ts';

export const csinodes = defineResource<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  namespaced: false,
  validate: validateCSINode,
  validateUpdate: validateCSINodeUpdate,
  returnsDeletedObject: true,
  allowUnconditionalUpdate: false,
  columns: [nameColumn, integerColumn('Drivers', ({ spec }) => (spec?.drivers ?? []).length), ageColumn],
});
