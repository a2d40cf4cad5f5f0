import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { CoarseClock } from './coarse-clock.ts';

test('timers of one step go off together, late by less than a step', async () => {
  const clock = new VirtualClock();
  const coarse = new CoarseClock(clock, 1000);
  const fired: string[] = [];
  for (const delayMs of [100, 700, 1000, 1001]) {
    coarse.setTimeout(() => fired.push(`${delayMs}@${clock.monotonicMs()}`), delayMs);
  }
  assert.equal(clock.pending, 2);
  await clock.advance(2000);
  assert.deepEqual(fired, ['100@1000', '700@1000', '1000@1000', '1001@2000']);
  assert.equal(clock.pending, 0);
});

test('a timer that is taken back does not fire, and the last one of a step frees its timer', async () => {
  const clock = new VirtualClock();
  const coarse = new CoarseClock(clock, 1000);
  const first = coarse.setTimeout(() => assert.fail('it was taken back'), 100);
  let hasFired = false;
  const second = coarse.setTimeout(() => (hasFired = true), 200);
  first.cancel();
  assert.equal(clock.pending, 1);
  await clock.advance(1000);
  assert.ok(hasFired);
  second.cancel();
  coarse.setTimeout(() => assert.fail('it was taken back'), 100).cancel();
  assert.equal(clock.pending, 0);
  // A step whose timers were all taken back can be used again.
  coarse.setTimeout(() => (hasFired = false), 100);
  await clock.advance(1000);
  assert.equal(hasFired, false);
});

test('an interval goes on until it is taken back; Infinity never comes', async () => {
  const clock = new VirtualClock();
  const coarse = new CoarseClock(clock, 1000);
  let count = 0;
  const interval = coarse.setInterval(() => count++, 3000);
  coarse.setTimeout(() => assert.fail('never'), Infinity);
  await clock.advance(10_000);
  assert.equal(count, 3);
  interval.cancel();
  await clock.advance(10_000);
  assert.equal(count, 3);
});
