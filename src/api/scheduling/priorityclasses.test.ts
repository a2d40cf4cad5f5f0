import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { PriorityClass } from '../types/scheduling.v1.ts';
import { schedulingDefinitions } from './index.ts';
import { priorityclasses } from './priorityclasses.ts';

const header = 'Name Value Global-Default Age PreemptionPolicy';

testRows(schedulingDefinitions, [
  [
    'priorityclasses',
    {
      metadata: { name: 'x', creationTimestamp: created },
      value: 1000,
      globalDefault: true,
      preemptionPolicy: 'Never',
    },
    header,
    ['x', 1000, true, '5m', 'Never'],
  ],
  ['priorityclasses', {}, header, ['', 0, false, '<unknown>', '']],
]);

test('a PriorityClass preempts unless it says otherwise, and has one generation', () => {
  const made = createdFrom<PriorityClass>(priorityclasses, { value: 1 });
  assert.equal(made.preemptionPolicy, 'PreemptLowerPriority');
  assert.equal(priorityclasses.generationChanges?.(made, {}), false);
});
