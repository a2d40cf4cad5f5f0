import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepFor, ttlSecondsOf } from './steps.ts';

test('kubelets of larger clusters remember longer, and a Node more or less changes nothing', () => {
  const sizes = [1, 100, 101, 95, 89, 2500, 1000, 20_000, 0];
  const ttls: number[] = [];
  let step = 0;
  for (const size of sizes) {
    step = stepFor(size, step);
    ttls.push(ttlSecondsOf(step));
  }
  assert.deepEqual(ttls, [0, 0, 15, 15, 0, 300, 60, 600, 0]);
});
