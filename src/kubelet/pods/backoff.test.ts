import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { Backoff } from './backoff.ts';

test('a delay doubles with every failure, up to the longest, and is forgotten after twice that', async () => {
  const clock = new VirtualClock();
  const backoff = new Backoff(clock, 10_000, 300_000);
  assert.equal(backoff.remainingMs('a', clock.now()), 0);
  const delays: number[] = [];
  for (let failure = 0; failure < 7; failure++) {
    backoff.next('a', clock.now());
    delays.push(backoff.remainingMs('a', clock.now()));
    await clock.advance(backoff.delayMs('a'));
  }
  assert.deepEqual(delays, [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  assert.equal(backoff.remainingMs('b', clock.now()), 0);
  await clock.advance(600_001);
  assert.equal(backoff.remainingMs('a', clock.now()), 0);
  backoff.next('a', clock.now());
  assert.equal(backoff.delayMs('a'), 10_000);
});

test('a delay counts from the moment that is given', async () => {
  const clock = new VirtualClock();
  const backoff = new Backoff(clock, 10_000, 300_000);
  backoff.next('a', clock.now());
  const failedMs = clock.now();
  await clock.advance(4000);
  assert.equal(backoff.remainingMs('a', failedMs), 6000);
  backoff.forget((key) => key === 'a');
  assert.equal(backoff.remainingMs('a', failedMs), 0);
});
