import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { DeviceClass } from '../types/resource.v1.ts';

export const deviceclasses = defineResource<DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  namespaced: false,
  returnsDeletedObject: true,
  generationChanges: specDiffers,
  columns: [nameColumn, ageColumn],
});
