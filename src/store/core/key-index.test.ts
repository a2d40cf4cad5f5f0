import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeyValue } from '../contract.ts';
import { KeyIndex } from './key-index.ts';
import { emptyValue } from './range.ts';

function state(key: string, modRevision: number): KeyValue {
  return { key, value: emptyValue, createRevision: modRevision, modRevision, version: 1, lease: 0 };
}

describe('the key index', () => {
  it('keeps a key whose writes are on their way, whatever compaction takes', () => {
    const index = new KeyIndex();
    const record = index.obtain('a');
    // Created and deleted again, both not yet durable: there is no state, accepted or durable.
    record.pending = 2;
    index.forget(record);
    assert.equal(index.obtain('a'), record);
    const kv = state('a', 2);
    index.apply({ type: 'put', record, kv, previous: undefined }, 2, 0);
    assert.deepEqual([index.size, index.get('a')?.durable], [1, kv]);
    index.apply({ type: 'delete', record, kv: state('a', 3), previous: kv }, 3, 0);
    assert.deepEqual([index.size, index.get('a')?.past], [0, [2, 0, 3, ~0]]);
    record.past = undefined;
    index.forget(record);
    assert.equal(index.get('a'), undefined);
  });

  it('walks living and deleted keys in one order', () => {
    const index = new KeyIndex();
    for (const key of ['b', 'd', 'f']) {
      const record = index.obtain(key);
      record.pending = 1;
      index.apply({ type: 'put', record, kv: state(key, 2), previous: undefined }, 2, 0);
    }
    for (const key of ['a', 'c', 'e', 'g']) index.obtain(key);
    const walk = (key: string, rangeEnd: string, count: number): string => {
      let seen = '';
      index.forEach({ key, rangeEnd }, (record) => {
        seen += record.key;
        return seen.length < count;
      });
      return seen;
    };
    assert.deepEqual(
      [
        walk('a', '\0', 9),
        walk('b', 'f', 9),
        walk('a', '\0', 3),
        walk('e', '\0', 9),
        walk('a', '\0', 6),
        walk('c', 'b', 9),
      ],
      ['abcdefg', 'bcde', 'abc', 'efg', 'abcdef', ''],
    );
  });
});
