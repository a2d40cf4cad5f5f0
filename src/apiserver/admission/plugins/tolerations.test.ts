import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Taint, Toleration } from '../../../api/types/core.v1.ts';
import { includes, mergeTolerations } from './tolerations.ts';

const toleration = fc.record(
  {
    key: fc.constantFrom('a', 'b'),
    operator: fc.constantFrom('Exists', 'Equal'),
    value: fc.constantFrom('', 'x', 'y'),
    effect: fc.constantFrom('NoSchedule', 'NoExecute'),
    tolerationSeconds: fc.constantFrom(0, 300),
  },
  { requiredKeys: ['operator'] },
) as fc.Arbitrary<Toleration>;
const taint = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.constantFrom('', 'x', 'y'),
  effect: fc.constantFrom('NoSchedule', 'NoExecute'),
}) as fc.Arbitrary<Taint>;

/** The rule of the scheduler (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). */
function tolerates(
  { key = '', operator, value = '', effect }: Toleration,
  { key: of, value: is, effect: does }: Taint,
): boolean {
  if (effect !== undefined && effect !== does) return false;
  if (key !== '' && key !== of) return false;
  if (operator === 'Exists') return true;
  return key !== '' && value === (is ?? '');
}

test('what a list tolerates, it tolerates when it is merged, and no more', () => {
  fc.assert(
    fc.property(fc.array(toleration), fc.array(toleration), taint, (first, second, one) => {
      const merged = mergeTolerations(first, second);
      assert.equal(
        merged.some((item) => tolerates(item, one)),
        [...first, ...second].some((item) => tolerates(item, one)),
      );
    }),
    { numRuns: 1000 },
  );
});

test('nothing is in a merged list that another one in it includes', () => {
  fc.assert(
    fc.property(fc.array(toleration), fc.array(toleration), (first, second) => {
      const merged = mergeTolerations(first, second);
      for (const [i, a] of merged.entries()) {
        for (const [j, b] of merged.entries()) assert.ok(i === j || !includes(a, b) || includes(b, a));
      }
    }),
  );
});

test('a toleration for a while does not include one for ever', () => {
  const forever: Toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute' };
  assert.ok(includes(forever, { ...forever, tolerationSeconds: 5 }));
  assert.ok(!includes({ ...forever, tolerationSeconds: 5 }, forever));
});
