import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { KeyRange } from '../contract.ts';
import { contains } from './key-index.ts';
import { RangeSet } from './range-set.ts';

const anyKey = fc.stringMatching(/^[ab\0\xff]{1,3}$/);
const anyRange: fc.Arbitrary<KeyRange> = fc.oneof(
  anyKey.map((key) => ({ key })),
  fc.record({ key: anyKey, rangeEnd: fc.oneof(anyKey, fc.constant('\0')) }),
);

describe('a set of ranges', () => {
  it('finds the ranges that contain a key', () => {
    const anyChange = fc.record({ range: anyRange, removes: fc.nat(), looksFor: anyKey });
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30, size: 'max' }), (changes) => {
        const set = new RangeSet<{ range: KeyRange }>();
        const members: { range: KeyRange }[] = [];
        for (const { range, removes, looksFor } of changes) {
          const member = { range };
          set.add(member);
          members.push(member);
          if (removes % 3 === 0) {
            for (const gone of members.splice(removes % members.length, 1)) set.delete(gone);
          }
          const found = new Set<{ range: KeyRange }>();
          set.forEachContaining(looksFor, (each) => {
            assert.ok(!found.has(each), 'a range is found twice');
            found.add(each);
          });
          assert.deepEqual(found, new Set(members.filter((each) => contains(each.range, looksFor))));
        }
      }),
    );
  });
});
