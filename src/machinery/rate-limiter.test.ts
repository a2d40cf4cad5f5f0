import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  ExponentialRateLimiter,
  MaxRateLimiter,
  TokenBucketRateLimiter,
  controllerRateLimiter,
} from './rate-limiter.ts';
import { VirtualClock } from './virtual-clock.ts';

test('each failure of an item doubles its wait, up to a limit, until it is forgotten', () => {
  const limiter = new ExponentialRateLimiter<string>(5, 1000);
  assert.deepEqual(
    Array.from({ length: 10 }, () => limiter.delayMs('a')),
    [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000],
  );
  assert.equal(limiter.delayMs('b'), 5);
  assert.equal(limiter.failures('a'), 10);
  limiter.forget('a');
  assert.equal(limiter.failures('a'), 0);
  assert.equal(limiter.delayMs('a'), 5);
});

test('however often it fails, the wait stays finite', () => {
  const limiter = new ExponentialRateLimiter<string>(5, 1_000_000);
  for (let i = 0; i < 2000; i++) assert.ok(limiter.delayMs('a') <= 1_000_000);
});

test('a bucket lets a burst through, then its rate, and fills again', async () => {
  const clock = new VirtualClock();
  const limiter = new TokenBucketRateLimiter<string>(10, 3, clock);
  const delays = Array.from({ length: 5 }, () => limiter.delayMs('any'));
  assert.deepEqual(delays, [0, 0, 0, 100, 200]);
  await clock.advance(10_000);
  assert.deepEqual(
    Array.from({ length: 4 }, () => limiter.delayMs('any')),
    [0, 0, 0, 100],
  );
});

test('in no span of time does a bucket let through more than its burst and its rate', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 500 }), { maxLength: 60 }), async (pauses) => {
      const clock = new VirtualClock();
      const limiter = new TokenBucketRateLimiter<string>(10, 5, clock);
      const passedAtMs: number[] = [];
      for (const pause of pauses) {
        await clock.advance(pause);
        passedAtMs.push(clock.monotonicMs() + limiter.delayMs('any'));
      }
      passedAtMs.forEach((startMs, first) => {
        passedAtMs.slice(first).forEach((endMs, count) => {
          assert.ok(count + 1 <= 5 + ((endMs - startMs) / 1000) * 10 + 1e-6);
        });
      });
    }),
    { numRuns: 30 },
  );
});

test('of several limiters the slowest counts, and all are told', () => {
  const slow = new ExponentialRateLimiter<string>(50, 1000);
  const fast = new ExponentialRateLimiter<string>(5, 1000);
  const limiter = new MaxRateLimiter([fast, slow]);
  assert.equal(limiter.delayMs('a'), 50);
  assert.deepEqual([slow.failures('a'), fast.failures('a'), limiter.failures('a')], [1, 1, 1]);
  limiter.forget('a');
  assert.equal(limiter.failures('a'), 0);
});

test('controllers start at 5 ms, and slow down when everything fails at once', () => {
  const limiter = controllerRateLimiter<number>(new VirtualClock());
  assert.equal(limiter.delayMs(0), 5);
  for (let item = 1; item < 100; item++) assert.equal(limiter.delayMs(item), 5);
  assert.equal(limiter.delayMs(100), 100);
});
