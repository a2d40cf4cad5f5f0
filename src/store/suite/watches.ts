import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CompactedError, maxBatchEvents, StoreClosedError } from '../contract.ts';
import type { Store } from '../contract.ts';
import { bytes, collect, describeEvent, put, remove, take } from './harness.ts';
import type { OpenTest } from './harness.ts';

/** Puts keys `prefix0` … many at a time; gives the last revision. */
async function putMany(store: Store, prefix: string, count: number, value = ''): Promise<number> {
  for (let i = 0; i < count; i += 500) {
    const group = Array.from({ length: Math.min(500, count - i) }, (_, j) => put(store, `${prefix}${i + j}`, value));
    await Promise.all(group);
  }
  return store.revision;
}

export function watchTests(open: OpenTest): void {
  it('delivers the changes to its keys from now on', async () => {
    const store = await open();
    await put(store, 'a', '0');
    const watch = store.watch({ key: 'a', rangeEnd: 'b' });
    const single = store.watch({ key: 'a', prevKv: true });
    await put(store, 'a', '1');
    await put(store, 'a/b', '2');
    await put(store, 'b', '3');
    await remove(store, 'a', 'b');
    assert.deepEqual((await take(watch, 4)).map(describeEvent), [
      'put a=1@3',
      'put a/b=2@4',
      'delete a@6',
      'delete a/b@6',
    ]);
    assert.deepEqual((await take(single, 2)).map(describeEvent), ['put a=1@3 (was 0)', 'delete a@6 (was 1)']);
  });

  it('delivers what happened before it began', async () => {
    const store = await open();
    await put(store, 'a', '1');
    await put(store, 'a', '2');
    const watch = store.watch({ key: 'a', startRevision: 3, prevKv: true });
    await put(store, 'a', '3');
    assert.deepEqual((await take(watch, 2)).map(describeEvent), ['put a=2@3 (was 1)', 'put a=3@4 (was 2)']);
    const all = store.watch({ key: 'a', startRevision: 1 });
    assert.equal((await take(all, 3)).length, 3);
  });

  it('may begin in the future', async () => {
    const store = await open();
    const watch = store.watch({ key: 'a', startRevision: 4 });
    await put(store, 'a', '2');
    await put(store, 'a', '3');
    assert.equal(watch.poll(), undefined);
    await put(store, 'a', '4');
    assert.deepEqual((await take(watch, 1)).map(describeEvent), ['put a=4@4']);
  });

  it('leaves out what is filtered', async () => {
    const store = await open();
    const puts = store.watch({ key: 'a', filters: ['nodelete'] });
    const deletes = store.watch({ key: 'a', filters: ['noput'] });
    await put(store, 'a', '1');
    await remove(store, 'a');
    await put(store, 'a', '2');
    assert.deepEqual((await collect(puts, 4)).map(describeEvent), ['put a=1@2', 'put a=2@4']);
    assert.deepEqual((await collect(deletes, 4)).map(describeEvent), ['delete a@3']);
  });

  it('delivers an event before the writer hears of it', async () => {
    const store = await open();
    const watch = store.watch({ key: 'a' });
    const polled = store.watch({ key: 'a' });
    const order: string[] = [];
    polled.onAvailable(() => order.push(`available ${polled.poll()?.events.length}`));
    const seen = watch.next().then(() => order.push('watched'));
    await put(store, 'a', '1').then(() => order.push('written'));
    await seen;
    assert.deepEqual(order, ['available 1', 'watched', 'written']);
  });

  it('keeps the order for who both polls and waits, however much comes at once', async () => {
    const store = await open();
    const watch = store.watch({ key: 'k', rangeEnd: 'l' });
    const revisions: number[] = [];
    const drain = (): void => {
      for (let batch = watch.poll(); batch !== undefined; batch = watch.poll()) revisions.push(batch.revision);
    };
    watch.onAvailable(drain);
    const follow = async (): Promise<void> => {
      for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) {
        revisions.push(batch.revision);
        drain();
      }
    };
    const following = follow();
    await Promise.all(
      Array.from({ length: 2.5 * maxBatchEvents }, (_, i) =>
        store.txn({ success: [{ type: 'put', put: { key: `k${i}`, value: bytes('') } }] }),
      ),
    );
    watch.close();
    await following;
    assert.equal(revisions.at(-1), store.revision);
    assert.deepEqual(
      revisions,
      revisions.toSorted((a, b) => a - b),
    );
  });

  it('has nothing to poll between events', async () => {
    const store = await open();
    const watch = store.watch({ key: 'a' });
    let calls = 0;
    watch.onAvailable(() => calls++);
    assert.equal(watch.poll(), undefined);
    await put(store, 'b');
    assert.deepEqual([watch.poll(), calls], [undefined, 0]);
    await put(store, 'a', '1');
    assert.deepEqual(watch.poll()?.events.map(describeEvent), ['put a=1@3']);
    assert.deepEqual([watch.poll(), calls], [undefined, 1]);
  });

  it('gives whole revisions, in batches of bounded size', async () => {
    const store = await open();
    const watch = store.watch({ key: 'k', rangeEnd: 'l' });
    await putMany(store, 'k', maxBatchEvents + 500);
    await remove(store, 'k', 'l');
    const first = await watch.next();
    assert.equal(first?.events.length, maxBatchEvents);
    assert.equal(first.revision, 1 + maxBatchEvents);
    const second = await watch.next();
    assert.equal(second?.events.length, 500 + maxBatchEvents + 500);
    assert.equal(second.revision, store.revision);
  });

  it('reads what has left memory, and joins what has not', async () => {
    const store = await open({ recentEvents: 100 });
    const slow = store.watch({ key: 'k', rangeEnd: 'l' });
    const withPrevious = store.watch({ key: 'k', rangeEnd: 'l', prevKv: true });
    const other = store.watch({ key: 'other' });
    const unchanged = store.watch({ key: 'unchanged' });
    await put(store, 'other', '1');
    await putMany(store, 'k', 1200, 'old');
    await putMany(store, 'k', 1200, 'new');
    const late = store.watch({ key: 'k', rangeEnd: 'l', startRevision: 2000 });
    assert.equal(slow.poll(), undefined);
    const { revision } = store;
    const events = await collect(slow, revision);
    assert.deepEqual([events.length, events[0]?.kv.modRevision], [2400, 3]);
    const previous = (await collect(withPrevious, revision)).map(
      ({ prevKv }) => prevKv && String(Buffer.from(prevKv.value)),
    );
    assert.deepEqual(previous, [
      ...Array.from({ length: 1200 }, () => undefined),
      ...Array.from({ length: 1200 }, () => 'old'),
    ]);
    assert.equal((await collect(late, revision)).length, revision - 1999);
    assert.deepEqual((await collect(other, revision)).map(describeEvent), ['put other=1@2']);
    assert.deepEqual(await collect(unchanged, revision), []);
    await put(store, 'k1', 'last');
    assert.deepEqual((await take(slow, 1)).map(describeEvent), [`put k1=last@${revision + 1}`]);
  });

  it('waits for the next event when history had none for it', async () => {
    const store = await open({ recentEvents: 10 });
    await putMany(store, 'k', 100);
    const watch = store.watch({ key: 'a', startRevision: 2 });
    const next = watch.next();
    await put(store, 'a', '1');
    assert.deepEqual((await next)?.events.map(describeEvent), ['put a=1@102']);
  });

  it('says when what it should deliver was compacted', async () => {
    const store = await open({ recentEvents: 10 });
    const lagging = store.watch({ key: 'k', rangeEnd: 'l' });
    const idle = store.watch({ key: 'idle' });
    await putMany(store, 'k', 100);
    await store.compact(50);
    const isCompacted = (error: unknown): boolean => error instanceof CompactedError && error.compactRevision === 50;
    await assert.rejects(lagging.next(), isCompacted);
    await assert.rejects(store.watch({ key: 'k', startRevision: 49 }).next(), isCompacted);
    const atCompaction = store.watch({ key: 'k', rangeEnd: 'l', startRevision: 50 });
    assert.equal((await collect(atCompaction, 101)).length, 52);
    // A watch that missed nothing goes on.
    await put(store, 'idle', '1');
    assert.deepEqual((await take(idle, 1)).map(describeEvent), ['put idle=1@102']);
  });

  it('keeps a deletion for a watch that begins at the compacted revision', async () => {
    const store = await open({ recentEvents: 1 });
    await put(store, 'a', '1');
    await remove(store, 'a');
    await put(store, 'b', '1');
    await store.compact(3);
    const watch = store.watch({ key: 'a', startRevision: 3 });
    assert.deepEqual((await take(watch, 1)).map(describeEvent), ['delete a@3']);
  });

  it('tells its progress when asked', async () => {
    const store = await open();
    const watch = store.watch({ key: 'a' });
    const next = watch.next();
    await put(store, 'b');
    watch.requestProgress();
    assert.deepEqual(await next, { revision: 2, events: [] });
    watch.requestProgress();
    await put(store, 'a', '1');
    assert.deepEqual((await watch.next())?.events.map(describeEvent), ['put a=1@3']);
    await put(store, 'b');
    watch.requestProgress();
    assert.deepEqual(await watch.next(), { revision: 4, events: [] });
  });

  it('ends when it is closed, and with the store', async () => {
    const store = await open();
    const closed = store.watch({ key: 'a' });
    const next = closed.next();
    closed.close();
    assert.equal(await next, undefined);
    assert.equal(await closed.next(), undefined);
    const open1 = store.watch({ key: 'a' });
    const pending = open1.next();
    const isClosed = (error: unknown): boolean => error instanceof StoreClosedError;
    const ended = assert.rejects(pending, isClosed);
    await store.close();
    await ended;
    await assert.rejects(open1.next(), isClosed);
    open1.close();
  });

  it('costs a writer little when there are many', async () => {
    const store = await open();
    const watches = Array.from({ length: 100 }, (_, i) => store.watch({ key: `${i % 50}/`, rangeEnd: `${i % 50}0` }));
    const counts = watches.map(() => 0);
    watches.forEach((watch, i) => {
      watch.onAvailable(() => {
        counts[i] = (counts[i] ?? 0) + (watch.poll()?.events.length ?? 0);
      });
    });
    for (let i = 0; i < 50; i++) await put(store, `${i}/x`, String(i));
    assert.deepEqual(
      counts,
      watches.map(() => 1),
    );
    for (const watch of watches.slice(0, 50)) watch.close();
    await store.txn({
      success: [
        { type: 'put', put: { key: '7/x', value: bytes('') } },
        { type: 'put', put: { key: '8/x', value: bytes('') } },
      ],
    });
    assert.deepEqual([counts[7], counts[57], counts[58], counts[59]], [1, 2, 2, 1]);
  });
}
