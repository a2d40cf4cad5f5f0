import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { allocateConcurrency } from './concurrency-allocation.ts';
import { FairQueues, type FlowQueue } from './fair-queues.ts';
import { RetryAfter } from './retry-after.ts';
import { SeatDemand } from './seat-demand.ts';
import { dealHand, flowHash } from './shuffle-sharding.ts';

test('seats are divided within all bounds, by the same fraction of each target', () => {
  const item = fc
    .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 600 }))
    .map(([lowerBound, more, range]) => ({ lowerBound, target: lowerBound + more, upperBound: lowerBound + range }));
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (items, at) => {
        const low = items.reduce((sum, { lowerBound }) => sum + lowerBound, 0);
        const high = items.reduce((sum, { upperBound }) => sum + upperBound, 0);
        const sum = Math.round(low + (high - low) * at);
        const { seats, fairFraction } = allocateConcurrency(sum, items);
        const total = seats.reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(total - sum) < 1e-6 * Math.max(1, sum), `${total} of ${sum}`);
        items.forEach(({ lowerBound, upperBound, target }, i) => {
          const got = seats[i] ?? NaN;
          assert.ok(got >= lowerBound - 1e-9 && got <= upperBound + 1e-9);
          const fair = fairFraction * Math.max(target, 0.001);
          if (got > lowerBound + 1e-6) assert.ok(got <= fair + 1e-6);
          if (got < upperBound - 1e-6) assert.ok(got >= fair - 1e-6);
        });
      },
    ),
  );
});

test('seats that cannot be divided within the bounds come as near as they can', () => {
  const items = [{ lowerBound: 5, target: 5, upperBound: 10 }];
  assert.deepEqual(allocateConcurrency(1, items).seats, [5]);
  assert.deepEqual(allocateConcurrency(100, items).seats, [10]);
  assert.deepEqual(allocateConcurrency(100, []).seats, []);
});

test('a hand has as many different queues as it should, the same for the same flow', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 512 }), fc.integer({ min: 1, max: 6 }), fc.string(), (deck, wanted, flow) => {
      const size = Math.min(deck, wanted);
      const hand = dealHand(flowHash('s', flow), deck, size);
      assert.equal(new Set(hand).size, size);
      assert.ok(hand.every((queue) => queue >= 0 && queue < deck));
      assert.deepEqual(dealHand(flowHash('s', flow), deck, size), hand);
    }),
  );
});

test('every hand is dealt, none much more often than others', () => {
  const counts = new Map<string, number>();
  const rounds = 12_000;
  for (let i = 0; i < rounds; i++) {
    const hand = dealHand(flowHash('s', `u${i}`), 4, 2).join();
    counts.set(hand, (counts.get(hand) ?? 0) + 1);
  }
  assert.equal(counts.size, 12);
  for (const count of counts.values()) assert.ok(Math.abs(count - rounds / 12) < rounds / 60, String(count));
});

interface Job {
  readonly flow: number;
  readonly seats: number;
  readonly work: number;
}

test('queues that always have requests get the same work done, however much waits in each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ backlog: fc.integer({ min: 30, max: 90 }), work: fc.integer({ min: 1, max: 20 }) }), {
        minLength: 2,
        maxLength: 6,
      }),
      (flows) => {
        const queues = new FairQueues<Job>();
        const done = flows.map(() => 0);
        flows.forEach(({ backlog, work }, flow) => {
          for (let i = 0; i < backlog; i++) queues.add([flow], { flow, seats: 1, work }, 1000);
        });
        const left = flows.map(({ backlog }) => backlog);
        while (left.every((count) => count > 0)) {
          const taken = queues.take();
          assert.ok(taken);
          const { flow, work } = taken.request;
          left[flow] = (left[flow] ?? 0) - 1;
          done[flow] = (done[flow] ?? 0) + work;
          queues.finish(taken.queue, taken.request, work);
        }
        assert.ok(Math.max(...done) - Math.min(...done) <= 40, done.join());
      },
    ),
  );
});

test('what is added, taken, removed and finished in any order leaves nothing behind', () => {
  const step = fc.record({ kind: fc.constantFrom('add', 'take', 'remove', 'finish'), at: fc.nat(), seats: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queues = new FairQueues<Job>();
      const waiting = new Map<Job, FlowQueue<Job>>();
      const taken: { request: Job; queue: FlowQueue<Job> }[] = [];
      const finish = (at: number): void => {
        const [one] = taken.splice(at, 1);
        if (one !== undefined) queues.finish(one.queue, one.request, one.request.work * (at + 1));
      };
      const take = (): boolean => {
        const next = queues.peek();
        const one = queues.take();
        assert.equal(one?.request, next);
        if (one === undefined) return false;
        assert.ok(waiting.delete(one.request));
        taken.push(one);
        return true;
      };
      for (const { kind, at, seats } of steps) {
        if (kind === 'add') {
          const job = { flow: at % 5, seats: seats + 1, work: seats };
          const queue = queues.add([job.flow, (job.flow + 1) % 5], job, 4);
          if (queue !== undefined) waiting.set(job, queue);
        } else if (kind === 'take') take();
        else if (kind === 'remove') {
          const entry = [...waiting][at % Math.max(1, waiting.size)];
          if (entry !== undefined) {
            queues.remove(entry[1], entry[0]);
            waiting.delete(entry[0]);
          }
        } else if (taken.length > 0) finish(at % taken.length);
        assert.equal(queues.waiting, waiting.size);
        assert.equal(
          queues.waitingSeats,
          [...waiting.keys()].reduce((sum, job) => sum + job.seats, 0),
        );
      }
      while (take());
      while (taken.length > 0) finish(0);
      assert.equal(queues.waiting, 0);
      assert.equal(queues.waitingSeats, 0);
      assert.equal(queues.peek(), undefined);
    }),
  );
});

test('demand is averaged over time, with its deviation and its peak', () => {
  const demand = new SeatDemand(0);
  demand.set(10, 0);
  demand.set(0, 500);
  const figures = demand.takeFigures(1000);
  assert.deepEqual(figures, { average: 5, deviation: 5, highWatermark: 10 });
  assert.equal(demand.takeFigures(1000), undefined);
  assert.deepEqual(demand.takeFigures(2000), { average: 0, deviation: 0, highWatermark: 0 });
});

test('clients are told to stay away longer while many are refused, and not for ever', () => {
  const retry = new RetryAfter();
  assert.equal(retry.refuse(0), 1);
  let longest = 0;
  for (let ms = 0; ms < 3000_000; ms += 5) longest = Math.max(longest, retry.refuse(ms));
  assert.equal(longest, 32);
  assert.equal(retry.refuse(100_000_000), 1);
});
