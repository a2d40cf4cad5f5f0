import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { RateLimitedQueue } from './rate-limited-queue.ts';
import { taintRate, zoneStateOf } from './zone-state.ts';

const rates = { nodeEvictionRate: 0.1, secondaryNodeEvictionRate: 0.01, largeClusterSizeThreshold: 50 };

async function drained(queue: RateLimitedQueue, isDone = true): Promise<string[]> {
  const had: string[] = [];
  await queue.drain((name) => {
    had.push(name);
    return Promise.resolve(isDone);
  });
  return had;
}

test('each has its turn in order, as often as the rate allows, and only once', async () => {
  const clock = new VirtualClock();
  const queue = new RateLimitedQueue(0.1, clock);
  for (const name of ['a', 'b', 'a']) queue.add(name);
  assert.deepEqual(await drained(queue), ['a']);
  assert.equal(queue.nextInMs, 10_000);
  await clock.advance(10_000);
  assert.deepEqual(await drained(queue), ['b']);
  await clock.advance(10_000);
  assert.equal(queue.add('a'), false);
  assert.deepEqual(await drained(queue), []);
  queue.remove('a');
  assert.equal(queue.add('a'), true);
  assert.deepEqual(await drained(queue), ['a']);
});

test('what failed waits behind the others', async () => {
  const clock = new VirtualClock();
  const queue = new RateLimitedQueue(1, clock);
  queue.add('a');
  queue.add('b');
  assert.deepEqual(await drained(queue, false), ['a']);
  await clock.advance(1_000);
  assert.deepEqual(await drained(queue), ['b']);
  await clock.advance(1_000);
  assert.deepEqual(await drained(queue), ['a']);
});

test('at rate zero nobody has a turn; a new rate begins anew', async () => {
  const clock = new VirtualClock();
  const queue = new RateLimitedQueue(0, clock);
  queue.add('a');
  assert.equal(queue.nextInMs, Infinity);
  queue.setRate(0.1);
  assert.equal(queue.nextInMs, 10_000);
  await clock.advance(10_000);
  queue.setRate(0.01);
  assert.deepEqual(await drained(queue), ['a']);
});

test('a zone is as ill as its nodes, from three of them on', () => {
  const zone = (well: number, ill: number): string =>
    zoneStateOf([...Array.from({ length: well }, () => true), ...Array.from({ length: ill }, () => false)], 0.55);
  assert.equal(zone(0, 0), 'Normal');
  assert.equal(zone(0, 1), 'FullDisruption');
  assert.equal(zone(1, 2), 'Normal');
  assert.equal(zone(2, 3), 'PartialDisruption');
  assert.equal(zone(3, 3), 'Normal');
});

test('where most nodes are ill, a small zone loses none and a large one few', () => {
  assert.equal(taintRate('Normal', 10, rates), 0.1);
  assert.equal(taintRate('FullDisruption', 10, rates), 0.1);
  assert.equal(taintRate('PartialDisruption', 50, rates), 0);
  assert.equal(taintRate('PartialDisruption', 51, rates), 0.01);
});
