import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { ConfigMap } from '../types/core.v1.ts';
import { validateConfigMap, validateConfigMapUpdate } from './validation/configuration-data.ts';

export const configmaps = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  columns: [
    nameColumn,
    column('Data', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    ageColumn,
  ],
});
