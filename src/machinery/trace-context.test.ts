import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { seededRandom } from './random.ts';
import { continueTrace, formatTraceparent, parseTraceparent, startTrace } from './trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

test('reads the header of this and of later versions', () => {
  assert.deepEqual(parseTraceparent(`00-${traceId}-${parentId}-01`), { traceId, parentId, isSampled: true });
  assert.deepEqual(parseTraceparent(`00-${traceId}-${parentId}-fe`), { traceId, parentId, isSampled: false });
  assert.deepEqual(parseTraceparent(`cc-${traceId}-${parentId}-01-more`), { traceId, parentId, isSampled: true });
});

test('ignores what is not valid', () => {
  const headers = [
    undefined,
    '',
    `ff-${traceId}-${parentId}-01`,
    `00-${traceId}-${parentId}-01-more`,
    `cc-${traceId}-${parentId}-01.more`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${traceId}-${parentId}-1`,
    `0-${traceId}-${parentId}-01`,
    ` 00-${traceId}-${parentId}-01`,
    `00-${traceId}-${parentId}-01\n`,
    `cc-${traceId}-${parentId}-01-${'x'.repeat(10_000)}`,
  ];
  for (const header of headers) assert.equal(parseTraceparent(header), undefined, String(header));
});

test('every context survives being written and read; a step on keeps the trace', () => {
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (seed, isSampled) => {
      const random = seededRandom(seed);
      const context = startTrace(random, isSampled);
      assert.deepEqual(parseTraceparent(formatTraceparent(context)), context);
      const next = continueTrace(context, random);
      assert.equal(next.traceId, context.traceId);
      assert.notEqual(next.parentId, context.parentId);
      assert.equal(next.isSampled, isSampled);
    }),
  );
});

test('no ids of zeros are made', () => {
  let calls = 0;
  const random = {
    ...seededRandom(1),
    bytes: (length: number) => new Uint8Array(length).fill(calls++ === 0 ? 0 : 7),
  };
  assert.equal(startTrace(random).traceId, '07'.repeat(16));
});
