import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { DeviceClass } from '../types/resource.v1.ts';
import { validateDeviceClass } from './validation/classes-and-claims.ts';

export const deviceclasses = defineResource<DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  namespaced: false,
  returnsDeletedObject: true,
  generationChanges: specDiffers,
  validate: (deviceClass) => validateDeviceClass(deviceClass),
  validateUpdate: validateDeviceClass,
  columns: [nameColumn, ageColumn],
});
