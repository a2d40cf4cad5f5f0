import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../types/flowcontrol.v1.ts';
import { flowschemas } from './flowschemas.ts';
import { flowcontrolDefinitions } from './index.ts';
import { prioritylevelconfigurations } from './prioritylevelconfigurations.ts';

const metadata = { name: 'x', creationTimestamp: created };
const schemaHeader = 'Name PriorityLevel MatchingPrecedence DistinguisherMethod Age MissingPL';
const levelHeader = 'Name Type NominalConcurrencyShares Queues HandSize QueueLengthLimit Age';

testRows(flowcontrolDefinitions, [
  [
    'flowschemas',
    {
      metadata,
      spec: {
        priorityLevelConfiguration: { name: 'p' },
        matchingPrecedence: 9,
        distinguisherMethod: { type: 'ByUser' },
      },
      status: { conditions: [{ type: 'Dangling', status: 'False' }] },
    },
    schemaHeader,
    ['x', 'p', 9, 'ByUser', '5m', 'False'],
  ],
  ['flowschemas', {}, schemaHeader, ['', '', 0, '<none>', '<unknown>', '?']],
  [
    'prioritylevelconfigurations',
    {
      metadata,
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 5,
          limitResponse: { type: 'Queue', queuing: { queues: 1, handSize: 2, queueLengthLimit: 3 } },
        },
      },
    },
    levelHeader,
    ['x', 'Limited', 5, 1, 2, 3, '5m'],
  ],
  [
    'prioritylevelconfigurations',
    { spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
    levelHeader,
    ['', 'Limited', 0, '<none>', '<none>', '<none>', '<unknown>'],
  ],
  ['prioritylevelconfigurations', {}, levelHeader, ['', '', '<none>', '<none>', '<none>', '<none>', '<unknown>']],
]);

test('a FlowSchema comes after the more important ones', () => {
  assert.equal(createdFrom<FlowSchema>(flowschemas, { spec: {} }).spec.matchingPrecedence, 1000);
  assert.equal(createdFrom<FlowSchema>(flowschemas, { spec: { matchingPrecedence: 1 } }).spec.matchingPrecedence, 1);
});

test("a priority level gets upstream's defaults", () => {
  const limited = createdFrom<PriorityLevelConfiguration>(prioritylevelconfigurations, {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
  }).spec.limited;
  assert.equal(limited?.nominalConcurrencyShares, 30);
  assert.equal(limited.lendablePercent, 0);
  assert.deepEqual(limited.limitResponse?.queuing, { queues: 64, handSize: 8, queueLengthLimit: 50 });
  const none = createdFrom<PriorityLevelConfiguration>(prioritylevelconfigurations, {
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } } },
  }).spec.limited;
  assert.equal(none?.nominalConcurrencyShares, 0);
  assert.equal(none.limitResponse?.queuing, undefined);
  const exempt = createdFrom<PriorityLevelConfiguration>(prioritylevelconfigurations, {
    spec: { type: 'Exempt', exempt: {} },
  }).spec.exempt;
  assert.deepEqual(exempt, { nominalConcurrencyShares: 0, lendablePercent: 0 });
});
