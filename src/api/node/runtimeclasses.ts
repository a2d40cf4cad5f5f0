import { ageColumn, column, nameColumn } from '../columns.ts';
import { roundUpResourceList } from '../core/resource-list.ts';
import { defineResource } from '../define.ts';
import type { RuntimeClass } from '../types/node.v1.ts';
import { validateRuntimeClass, validateRuntimeClassUpdate } from './validation.ts';
import { runtimeClassWarnings } from '../warnings/cluster-kinds.ts';

export const runtimeclasses = defineResource<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  namespaced: false,
  validate: validateRuntimeClass,
  validateUpdate: validateRuntimeClassUpdate,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  defaults: ({ overhead }) => roundUpResourceList(overhead?.podFixed),
  warningsOnCreate: runtimeClassWarnings,
  warningsOnUpdate: runtimeClassWarnings,
  columns: [nameColumn, column('Handler', ({ handler }) => handler ?? ''), ageColumn],
});
