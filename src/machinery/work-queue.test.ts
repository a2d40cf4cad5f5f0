import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { ExponentialRateLimiter } from './rate-limiter.ts';
import { VirtualClock } from './virtual-clock.ts';
import { WorkQueue } from './work-queue.ts';

function makeQueue(): { clock: VirtualClock; queue: WorkQueue<string> } {
  const clock = new VirtualClock();
  return { clock, queue: new WorkQueue({ clock, rateLimiter: new ExponentialRateLimiter<string>(100, 1000) }) };
}

describe('adding', () => {
  test('gives items in order, each once', async () => {
    const { queue } = makeQueue();
    for (const item of ['a', 'b', 'a', 'c', 'b']) queue.add(item);
    assert.equal(queue.length, 3);
    assert.deepEqual([await queue.get(), await queue.get(), await queue.get()], ['a', 'b', 'c']);
  });

  test('an item added while it is worked on comes again afterwards, and only then', async () => {
    const { queue } = makeQueue();
    queue.add('a');
    assert.equal(await queue.get(), 'a');
    queue.add('a');
    queue.add('a');
    assert.equal(queue.length, 0);
    queue.done('a');
    assert.equal(queue.length, 1);
    assert.equal(await queue.get(), 'a');
    queue.done('a');
    assert.equal(queue.length, 0);
  });

  test('wakes one worker for each item, in the order they came', async () => {
    const { queue } = makeQueue();
    const workers = [queue.get(), queue.get()];
    queue.add('a');
    queue.add('b');
    assert.deepEqual(await Promise.all(workers), ['a', 'b']);
  });

  test('keeps its order over many items', async () => {
    const { queue } = makeQueue();
    let next = 0;
    for (let i = 0; i < 10_000; i++) {
      queue.add(`item ${2 * i}`);
      queue.add(`item ${2 * i + 1}`);
      const item = await queue.get();
      assert.equal(item, `item ${next++}`);
    }
    assert.equal(queue.length, 10_000);
  });
});

describe('waiting', () => {
  test('an aborted worker leaves its item to others', async () => {
    const { queue } = makeQueue();
    const controller = new AbortController();
    const aborted = queue.get(controller.signal);
    const other = queue.get(new AbortController().signal);
    controller.abort(new Error('enough'));
    await assert.rejects(aborted, /enough/);
    queue.add('a');
    assert.equal(await other, 'a');
    await assert.rejects(queue.get(controller.signal), /enough/);
  });
});

describe('delays', () => {
  test('an item comes when its delay ends, and of two delays the shorter counts', async () => {
    const { clock, queue } = makeQueue();
    queue.addAfter('late', 500);
    queue.addAfter('a', 300);
    queue.addAfter('a', 100);
    queue.addAfter('a', 400);
    queue.addAfter('now', 0);
    assert.equal(queue.length, 1);
    assert.equal(await queue.get(), 'now');
    await clock.advance(99);
    assert.equal(queue.length, 0);
    await clock.advance(1);
    assert.equal(await queue.get(), 'a');
    queue.done('a');
    await clock.advance(399);
    assert.equal(queue.length, 0);
    await clock.advance(1);
    assert.equal(await queue.get(), 'late');
    assert.equal(clock.pending, 0);
  });

  test('failures wait longer and longer, until the item is forgotten', async () => {
    const { clock, queue } = makeQueue();
    for (const delayMs of [100, 200, 400]) {
      queue.addRateLimited('a');
      await clock.advance(delayMs - 1);
      assert.equal(queue.length, 0);
      await clock.advance(1);
      assert.equal(await queue.get(), 'a');
      queue.done('a');
    }
    assert.equal(queue.failures('a'), 3);
    queue.forget('a');
    queue.addRateLimited('a');
    await clock.advance(100);
    assert.equal(queue.length, 1);
  });
});

describe('shutting down', () => {
  test('workers get what is queued, then undefined; nothing enters', async () => {
    const { clock, queue } = makeQueue();
    queue.add('a');
    queue.addAfter('b', 100);
    queue.shutDown();
    queue.add('c');
    queue.addAfter('d', 1);
    await clock.advance(1000);
    assert.equal(await queue.get(), 'a');
    assert.equal(await queue.get(), undefined);
    assert.equal(clock.pending, 0);
    assert.equal(queue.isShuttingDown, true);
  });

  test('wakes the workers that wait', async () => {
    const { queue } = makeQueue();
    const worker = queue.get();
    queue.shutDown();
    assert.equal(await worker, undefined);
  });

  test('draining waits for the items that are worked on', async () => {
    const { clock, queue } = makeQueue();
    queue.add('a');
    queue.add('b');
    await queue.get();
    await queue.get();
    let isDrained = false;
    const draining = queue.shutDownWithDrain().then(() => {
      isDrained = true;
    });
    queue.done('a');
    await clock.advance(1);
    assert.equal(isDrained, false);
    queue.done('b');
    await draining;
    await queue.shutDownWithDrain();
  });
});

test('never gives an item to two workers, and leaves nothing undone', async () => {
  const item = fc.constantFrom('a', 'b', 'c', 'd');
  const action = fc.oneof(
    fc.record({ do: fc.constant('add' as const), item }),
    fc.record({ do: fc.constant('addAfter' as const), item, delayMs: fc.nat({ max: 50 }) }),
    fc.record({ do: fc.constant('addRateLimited' as const), item }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat({ max: 50 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.nat({ max: 40 }), async (actions, workMs) => {
      const { clock, queue } = makeQueue();
      const busy = new Set<string>();
      /** When each item was asked for last, and when work on it began last. */
      const askedAt = new Map<string, number>();
      const beganAt = new Map<string, number>();
      let step = 0;
      const worker = async (): Promise<void> => {
        for (let item = await queue.get(); item !== undefined; item = await queue.get()) {
          assert.equal(busy.has(item), false);
          busy.add(item);
          beganAt.set(item, step++);
          await clock.sleep(workMs);
          busy.delete(item);
          queue.done(item);
        }
      };
      const workers = Promise.all([worker(), worker(), worker()]);
      for (const each of actions) {
        if (each.do === 'pass') {
          await clock.advance(each.ms);
          continue;
        }
        askedAt.set(each.item, step++);
        if (each.do === 'add') queue.add(each.item);
        else if (each.do === 'addAfter') queue.addAfter(each.item, each.delayMs);
        else queue.addRateLimited(each.item);
      }
      await clock.advance(10_000);
      for (const [item, at] of askedAt) assert.ok((beganAt.get(item) ?? -1) > at, `${item} was not worked on`);
      queue.shutDown();
      await clock.advance(1000);
      await workers;
    }),
    { numRuns: 60 },
  );
});
