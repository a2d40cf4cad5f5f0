import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { VirtualClock } from './virtual-clock.ts';

test('stands still until moved', async () => {
  const clock = new VirtualClock({ startMs: 5000 });
  let ran = false;
  clock.setTimeout(() => {
    ran = true;
  }, 10);
  await clock.advance(9);
  assert.equal(ran, false);
  assert.deepEqual([clock.now(), clock.monotonicMs(), clock.pending, clock.nextInMs], [5009, 9, 1, 1]);
  await clock.advance(1);
  assert.equal(ran, true);
  assert.equal(clock.nextInMs, undefined);
});

test('promises that a timer resolves run before the next timer', async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  const worker = async (name: string): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(10);
      order.push(`${name} wakes at ${clock.monotonicMs()}`);
      await Promise.resolve();
      await Promise.resolve();
      order.push(`${name} goes on at ${clock.monotonicMs()}`);
    }
  };
  const done = Promise.all([worker('a'), worker('b')]);
  await clock.advance(30);
  await done;
  assert.deepEqual(order.slice(0, 4), ['a wakes at 10', 'a goes on at 10', 'b wakes at 10', 'b goes on at 10']);
  assert.equal(order.length, 12);
  assert.equal(order.at(-1), 'b goes on at 30');
});

test('runs any set of timers in the order of time, then of setting, never early', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 20 }), { maxLength: 30 }), async (delays) => {
      const clock = new VirtualClock();
      const ran: { delay: number; index: number; atMs: number }[] = [];
      delays.forEach((delay, index) =>
        clock.setTimeout(() => ran.push({ delay, index, atMs: clock.monotonicMs() }), delay),
      );
      await clock.advance(20);
      const expected = delays
        .map((delay, index) => ({ delay, index, atMs: delay }))
        .sort((a, b) => a.delay - b.delay || a.index - b.index);
      assert.deepEqual(ran, expected);
    }),
    { numRuns: 50 },
  );
});

test('runNext jumps; runUntil stops at its condition, at its limit, and when nothing is left', async () => {
  const clock = new VirtualClock();
  let count = 0;
  const timer = clock.setInterval(() => count++, 60_000);
  assert.equal(await clock.runNext(), true);
  assert.equal(clock.monotonicMs(), 60_000);
  assert.equal(await clock.runUntil(() => count === 5, 3_600_000), true);
  assert.equal(clock.monotonicMs(), 300_000);
  assert.equal(await clock.runUntil(() => false, 90_000), false);
  assert.equal(count, 6);
  timer.cancel();
  assert.equal(await clock.runNext(), false);
  assert.equal(await clock.runUntil(() => false, 1), false);
});

test('a jump of the wall clock moves no timer', async () => {
  const clock = new VirtualClock({ startMs: 0 });
  let ran = 0;
  clock.setTimeout(() => ran++, 100);
  clock.setWallTime(1e9);
  await clock.advance(50);
  assert.deepEqual([clock.now(), clock.monotonicMs(), ran], [1e9 + 50, 50, 0]);
  await clock.advance(50);
  assert.equal(ran, 1);
});

test('an error in a timer comes out of advance; time cannot go back', async () => {
  const clock = new VirtualClock();
  clock.setTimeout(() => {
    throw new Error('broken');
  }, 1);
  await assert.rejects(clock.advance(2), /broken/);
  await assert.rejects(clock.advance(-1), RangeError);
  assert.throws(() => clock.setTimeout(() => {}, Number.NaN), RangeError);
});
