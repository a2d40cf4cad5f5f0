import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logger } from '../machinery/logging.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { ReconcileLoop } from './reconcile-loop.ts';

const log = Logger.silent;

test('what fails is tried again, later each time, with its cause', async () => {
  const clock = new VirtualClock();
  const tries: { readonly atMs: number; readonly cause: string | undefined }[] = [];
  const loop = new ReconcileLoop({
    name: 'test',
    clock,
    log,
    workers: 2,
    reconcile: (_key, cause) => {
      tries.push({ atMs: clock.monotonicMs(), cause });
      return tries.length < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    },
  });
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  loop.enqueue('a/b', '7');
  await clock.advance(60_000);
  assert.deepEqual(tries, [
    { atMs: 0, cause: '7' },
    { atMs: 5, cause: '7' },
    { atMs: 15, cause: '7' },
    { atMs: 35, cause: '7' },
  ]);
  stop.abort();
  await running;
});

test('a key is never worked on twice at a time, and the newest cause counts', async () => {
  const clock = new VirtualClock();
  const causes: (string | undefined)[] = [];
  let underWay = 0;
  const gate = Promise.withResolvers<void>();
  const loop = new ReconcileLoop({
    name: 'test',
    clock,
    log,
    workers: 4,
    reconcile: async (_key, cause) => {
      assert.equal(++underWay, 1);
      causes.push(cause);
      await gate.promise;
      underWay--;
    },
  });
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  loop.enqueue('k', '1');
  await clock.advance(0);
  loop.enqueue('k', '2');
  loop.enqueue('k', '3');
  await clock.advance(0);
  gate.resolve();
  await clock.advance(0);
  assert.deepEqual(causes, ['1', '3']);
  stop.abort();
  await running;
});

test('stopping waits for what is under way and takes nothing more', async () => {
  const clock = new VirtualClock();
  const gate = Promise.withResolvers<void>();
  const started: string[] = [];
  const loop = new ReconcileLoop({
    name: 'test',
    clock,
    log,
    workers: 1,
    reconcile: async (key) => {
      started.push(key);
      await gate.promise;
    },
  });
  const stop = new AbortController();
  let hasEnded = false;
  const running = loop.run(stop.signal).then(() => (hasEnded = true));
  loop.enqueue('a');
  loop.enqueue('b');
  await clock.advance(0);
  stop.abort();
  await clock.advance(0);
  assert.equal(hasEnded, false);
  gate.resolve();
  await running;
  assert.deepEqual(started, ['a']);
});
