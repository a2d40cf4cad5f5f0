import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { RuntimeClass } from '../types/node.v1.ts';
import { nodeDefinitions } from './index.ts';
import { runtimeclasses } from './runtimeclasses.ts';

testRows(nodeDefinitions, [
  [
    'runtimeclasses',
    { metadata: { name: 'x', creationTimestamp: created }, handler: 'gvisor' },
    'Name Handler Age',
    ['x', 'gvisor', '5m'],
  ],
  ['runtimeclasses', {}, 'Name Handler Age', ['', '', '<unknown>']],
]);

test('an overhead finer than a thousandth is rounded up', () => {
  const { overhead } = createdFrom<RuntimeClass>(runtimeclasses, {
    overhead: { podFixed: { cpu: '1u', memory: '1Mi' } },
  });
  assert.deepEqual(overhead?.podFixed, { cpu: '1m', memory: '1Mi' });
});
