import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Heap } from './heap.ts';
import type { HeapEntry } from './heap.ts';

test('pops what a sorted list would, whatever was pushed and removed before', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), value: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constant('remove' as const), at: fc.nat() }),
    fc.record({ do: fc.constant('pop' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      const entries: HeapEntry<number>[] = [];
      const model: number[] = [];
      for (const action of steps) {
        if (action.do === 'push') {
          entries.push(heap.push(action.value));
          model.push(action.value);
        } else if (action.do === 'remove' && entries.length > 0) {
          const entry = entries[action.at % entries.length];
          assert.ok(entry);
          const wasIn = entry.position >= 0;
          assert.equal(heap.remove(entry), wasIn);
          if (wasIn) model.splice(model.indexOf(entry.value), 1);
        } else if (action.do === 'pop') {
          model.sort((a, b) => a - b);
          assert.equal(heap.peek(), model[0]);
          assert.equal(heap.pop(), model.shift());
        }
        assert.equal(heap.size, model.length);
      }
      const rest: (number | undefined)[] = [];
      while (heap.size > 0) rest.push(heap.pop());
      assert.deepEqual(
        rest,
        model.sort((a, b) => a - b),
      );
    }),
  );
});

test('entries of a cleared heap are gone', () => {
  const heap = new Heap<number>((a, b) => a < b);
  const entry = heap.push(1);
  heap.clear();
  heap.push(2);
  assert.equal(heap.remove(entry), false);
  assert.equal(heap.size, 1);
});
