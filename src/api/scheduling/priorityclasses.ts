import { ageColumn, column, integerColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { PriorityClass } from '../types/scheduling.v1.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './validation.ts';

export const priorityclasses = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
  defaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  // The first is the only generation: what a class means may not change.
  generationChanges: () => false,
  columns: [
    nameColumn,
    integerColumn('Value', ({ value }) => value ?? 0),
    { name: 'Global-Default', type: 'boolean', cell: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    column('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
});
