import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { VolumeAttributesClass } from '../types/storage.v1.ts';
import { classNameCell } from './default-class.ts';
import { validateVolumeAttributesClass, validateVolumeAttributesClassUpdate } from './class-validation.ts';

const defaultAnnotations = ['volumeattributesclass.alpha.kubernetes.io/is-default-class'];

export const volumeattributesclasses = defineResource<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  namespaced: false,
  validate: validateVolumeAttributesClass,
  validateUpdate: validateVolumeAttributesClassUpdate,
  returnsDeletedObject: true,
  columns: [
    { ...nameColumn, cell: (object) => classNameCell(object, defaultAnnotations) },
    column('DriverName', ({ driverName }) => driverName ?? ''),
    ageColumn,
  ],
});
