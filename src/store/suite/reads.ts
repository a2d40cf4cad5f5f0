import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CompactedError, FutureRevisionError, keyOf, prefixEnd, textOf } from '../contract.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { assertSame, bytes, collect, get, put, remove } from './harness.ts';
import type { OpenTest } from './harness.ts';

export function readTests(open: OpenTest): void {
  it('orders keys by their bytes', async () => {
    const store = await open();
    const texts = ['z', 'ä', 'a', '€', '\u{1f600}', 'ab', '\uffff'];
    for (const text of texts) await put(store, keyOf(text), text);
    const { kvs } = await store.range({ key: '\0', rangeEnd: '\0' });
    const sorted = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(
      kvs.map(({ key }) => textOf(key)),
      sorted,
    );
    const prefix = keyOf('a');
    const found = await store.range({ key: prefix, rangeEnd: prefixEnd(prefix) });
    assert.deepEqual(
      found.kvs.map(({ key }) => textOf(key)),
      ['a', 'ab'],
    );
  });

  it('cuts a range, and says how much there is', async () => {
    const store = await open();
    for (const key of ['a1', 'a2', 'a3', 'b1']) await put(store, key, key);
    const range = { key: 'a', rangeEnd: 'b' };
    const page = await store.range({ ...range, limit: 2 });
    assert.deepEqual([page.kvs.map(({ key }) => key), page.more, page.count], [['a1', 'a2'], true, 3]);
    const last = await store.range({ ...range, key: 'a2\0', limit: 2 });
    assert.deepEqual([last.kvs.map(({ key }) => key), last.more, last.count], [['a3'], false, 1]);
    assertSame(await store.range({ ...range, countOnly: true, limit: 1 }), {
      revision: 5,
      kvs: [],
      more: false,
      count: 3,
    });
    const [first] = (await store.range({ ...range, keysOnly: true })).kvs;
    assertSame(first, { key: 'a1', value: bytes(''), createRevision: 2, modRevision: 2, version: 1, lease: 0 });
    assert.equal((await store.range({ key: 'b', rangeEnd: 'a' })).count, 0);
  });

  it('pages through an old revision while keys come and go', async () => {
    const store = await open();
    for (let i = 0; i < 50; i++) await put(store, `k${String(i).padStart(2, '0')}`, 'old');
    const { revision } = store;
    for (let i = 0; i < 50; i += 3) await remove(store, `k${String(i).padStart(2, '0')}`);
    for (let i = 0; i < 50; i += 5) await put(store, `k${String(i).padStart(2, '0')}`, 'new');
    await put(store, 'k100', 'new');
    const keys: string[] = [];
    let start = 'k';
    for (let more = true; more;) {
      const page = await store.range({ key: start, rangeEnd: 'l', limit: 7, revision });
      assert.equal(page.count, 50 - keys.length);
      for (const { key, value } of page.kvs) {
        keys.push(key);
        assert.equal(String(Buffer.from(value)), 'old');
      }
      ({ more } = page);
      start = `${keys.at(-1)}\0`;
    }
    assert.equal(keys.length, 50);
  });

  it('reads no revision that is gone or yet to come', async () => {
    const store = await open();
    await put(store, 'a', '1');
    await put(store, 'a', '2');
    await put(store, 'a', '3');
    await store.compact(3);
    assert.deepEqual([await get(store, 'a', 3), await get(store, 'a', 4), await get(store, 'a')], ['2', '3', '3']);
    await assert.rejects(store.range({ key: 'a', revision: 2 }), CompactedError);
    await assert.rejects(store.range({ key: 'a', revision: 5 }), FutureRevisionError);
    await assert.rejects(store.compact(3), { message: 'etcdserver: mvcc: required revision has been compacted' });
    await assert.rejects(store.compact(5), { message: 'etcdserver: mvcc: required revision is a future revision' });
    assert.equal(store.status().compactRevision, 3);
  });

  it('tells a key’s history with time and note', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock });
    const startMs = clock.now();
    await store.txn({ success: [{ type: 'put', put: { key: 'a', value: bytes('1') } }], note: bytes('by me') });
    await clock.advance(1000);
    await put(store, 'a', '2');
    await clock.advance(1000);
    await remove(store, 'a');
    const history = await store.history({ key: 'a' });
    assert.deepEqual(
      history.map(({ revision, timeMs, type }) => [revision, timeMs - startMs, type]),
      [
        [4, 2000, 'delete'],
        [3, 1000, 'put'],
        [2, 0, 'put'],
      ],
    );
    assertSame(history[2]?.note, bytes('by me'));
    assert.ok(!('note' in (history[1] ?? {})));
    assert.deepEqual(
      (await store.history({ key: 'a', limit: 1 })).map(({ revision }) => revision),
      [4],
    );
    assert.deepEqual(
      (await store.history({ key: 'a', before: 4, limit: 1 })).map(({ revision }) => revision),
      [3],
    );
    assert.deepEqual(await store.history({ key: 'b' }), []);
    const at = (ms: number): Promise<number> => store.revisionAt(startMs + ms);
    assert.deepEqual([await at(-1), await at(0), await at(999), await at(1500), await at(1e9)], [1, 2, 2, 3, 4]);
    await store.compact(3);
    assert.deepEqual([await at(0), await at(1999), await at(2000)], [3, 3, 4]);
  });

  it('has times that never go back', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock });
    await put(store, 'a', '1');
    clock.setWallTime(clock.now() - 60_000);
    await put(store, 'a', '2');
    const [newest, oldest] = await store.history({ key: 'a' });
    assert.equal(newest?.timeMs, oldest?.timeMs);
  });

  it('compacts by itself, by age and by number', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock, historyMs: 60_000, historyRevisions: 10 });
    for (let i = 0; i < 30; i++) await put(store, 'a', String(i));
    await clock.advance(59_000);
    assert.equal(store.status().compactRevision, 0);
    for (let i = 0; i < 5; i++) await put(store, 'b', String(i));
    await clock.advance(20_000);
    await waitFor(() => store.status().compactRevision > 0);
    // By age it could be revision 31 already, but ten revisions are kept in any case.
    assert.equal(store.status().compactRevision, 26);
    await clock.advance(120_000);
    await waitFor(() => store.status().compactRevision >= 26);
    assert.equal(store.status().compactRevision, 26);
    for (let i = 0; i < 20; i++) await put(store, 'b', String(i));
    await clock.advance(30_000);
    // By number it could be revision 46, but those are not old enough.
    assert.ok(store.status().compactRevision <= 36);
    assert.equal((await collect(store.watch({ key: 'b', startRevision: 37 }), 56)).length, 20);
  });
}

/** Waits for something that the store does in the background, for some seconds at most. */
async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(isTrue());
}
