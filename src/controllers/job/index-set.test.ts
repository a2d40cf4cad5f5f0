import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { IndexSet } from './index-set.ts';

const completions = 60;
const indexes = fc.uniqueArray(fc.nat(completions - 1), { maxLength: 60 });

function members(set: IndexSet): number[] {
  return Array.from({ length: completions }, (_, index) => index).filter((index) => set.has(index));
}

test('it is written in intervals, two neighbours side by side', () => {
  for (const [given, text] of [
    [[], ''],
    [[3], '3'],
    [[2, 1], '1,2'],
    [[1, 3, 4, 5, 7], '1,3-5,7'],
    [[0, 1, 2, 9], '0-2,9'],
  ] as const) {
    assert.equal(String(IndexSet.of(given)), text);
  }
});

test('what cannot be read is left out, as is what the Job does not have', () => {
  for (const [text, completionsOfJob, expected] of [
    ['1,3-5,7', 10, '1,3-5,7'],
    ['1,3-5,7', 5, '1,3,4'],
    ['1,x,3', 10, '1,3'],
    ['1,2-y,4', 10, '1,4'],
    ['0-9', 4, '0-3'],
    ['1-3,2-6', 10, '1-6'],
    ['', 10, ''],
  ] as const) {
    assert.equal(String(IndexSet.parse(text, completionsOfJob)), expected, text);
  }
});

test('it is the set of its members, and reads what it writes', () => {
  fc.assert(
    fc.property(indexes, (given) => {
      const set = IndexSet.of(given);
      assert.deepEqual(
        members(set),
        given.toSorted((a, b) => a - b),
      );
      assert.equal(set.size, given.length);
      assert.equal(String(IndexSet.parse(String(set), completions)), String(set));
    }),
  );
});

test('union, overlap and what is missing are those of sets', () => {
  fc.assert(
    fc.property(indexes, indexes, fc.nat(70), fc.nat(70), (a, b, count, limit) => {
      const [setA, setB] = [IndexSet.of(a), IndexSet.of(b)];
      assert.deepEqual(members(setA.union(setB)), members(IndexSet.of(new Set([...a, ...b]))));
      assert.equal(setA.overlap(setB), a.filter((index) => b.includes(index)).length);
      const missing = Array.from({ length: limit }, (_, index) => index).filter((index) => !a.includes(index));
      assert.deepEqual(setA.firstMissing(count, limit), missing.slice(0, count));
    }),
  );
});
