import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configmaps } from '../../api/core/configmaps.ts';
import type { KubernetesObject } from '../../api/contract.ts';
import { realClock } from '../../machinery/clock.ts';
import { seededRandom } from '../../machinery/random.ts';
import type { Store } from '../../store/contract.ts';
import { openMemoryStore } from '../../store/memory/index.ts';
import type { Frame, ResponseStream } from '../contract.ts';
import { CacheFeed } from './cache-feed.ts';
import type { CachedObject } from './cached-object.ts';
import { JsonEventEncoder, StoredFormEncoder } from './encoder.ts';
import { ResourceCache } from './resource-cache.ts';
import { Watcher, type WatcherOptions } from './watcher.ts';

/** A client whose reading the test controls. */
class Client implements ResponseStream {
  readonly lines: { readonly type: string; readonly object: KubernetesObject & { code?: number } }[] = [];
  ended = false;
  stuck = false;
  #pending: Frame[] = [];
  #drained: (() => void)[] = [];
  maxPending = 0;

  get pendingBytes(): number {
    return this.#pending.reduce((sum, frame) => sum + frame.bytes.length, 0);
  }
  write(frame: Frame): boolean {
    if (!this.stuck) {
      this.#take(frame);
      return true;
    }
    this.#pending.push(frame);
    this.maxPending = Math.max(this.maxPending, this.pendingBytes);
    return false;
  }
  onDrain(listener: () => void): void {
    this.#drained.push(listener);
  }
  end(): void {
    this.ended = true;
  }
  destroy(): void {
    this.ended = true;
  }
  /** Reads everything that waits, and goes on reading. */
  read(): void {
    this.stuck = false;
    const pending = this.#pending;
    this.#pending = [];
    for (const frame of pending) this.#take(frame);
    for (const listener of this.#drained) listener();
  }
  #take(frame: Frame): void {
    const text = frame.bytes.toString();
    assert.ok(text.endsWith('\n'));
    assert.equal(frame.chunk.toString(), `${frame.bytes.length.toString(16)}\r\n${text}\r\n`);
    this.lines.push(JSON.parse(text));
  }
}

interface World {
  readonly store: Store;
  readonly cache: ResourceCache;
  readonly feed: CacheFeed;
  put(name: string, labels: Record<string, string>, size?: number): Promise<number>;
  remove(name: string): Promise<number>;
  watch(client: Client, options?: Partial<WatcherOptions>): Watcher;
  /** Waits until a client has seen so many lines. */
  seen(client: Client, count: number): Promise<void>;
}

async function world(): Promise<World> {
  const store = await openMemoryStore({ historyRevisions: 1_000_000 });
  const feed = new CacheFeed(store, (error) => assert.fail(String(error)));
  const cache = new ResourceCache(configmaps, (object) => object);
  feed.add(cache);
  feed.start();
  await cache.load(store);
  const key = (name: string): string => `${cache.prefix}ns/${name}`;
  return {
    store,
    cache,
    feed,
    async put(name, labels, size = 10) {
      const value = cache.form.encode({
        metadata: { name, namespace: 'ns', labels, annotations: { x: 'x'.repeat(size) } },
      });
      const { revision } = await store.txn({ success: [{ type: 'put', put: { key: key(name), value } }] });
      return revision;
    },
    async remove(name) {
      const { revision } = await store.txn({ success: [{ type: 'deleteRange', deleteRange: { key: key(name) } }] });
      return revision;
    },
    watch(client, options = {}) {
      const watcher = new Watcher({
        cache,
        store,
        clock: realClock,
        stream: client,
        encoder: new JsonEventEncoder(new StoredFormEncoder(cache.form)),
        namespace: '',
        matches: () => true,
        initial: [],
        revision: feed.revision,
        marksInitialEnd: false,
        bookmarks: false,
        timeoutMs: 60_000,
        currentRevision: () => feed.revision,
        onEnd: () => {},
        ...options,
      });
      watcher.start();
      return watcher;
    },
    async seen(client, count) {
      const deadline = Date.now() + 10_000;
      while (client.lines.length < count) {
        assert.ok(Date.now() < deadline, `${client.lines.length} of ${count} lines came`);
        client.read();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

test('changes of a selection are seen as additions, changes and deletions', async () => {
  const { put, remove, watch, seen } = await world();
  const client = new Client();
  const watcher = watch(client, { matches: (object: CachedObject) => object.labels?.['app'] === 'a' });
  await put('x', { app: 'b' });
  const into = await put('x', { app: 'a' });
  const within = await put('x', { app: 'a', more: 'yes' });
  const out = await put('x', { app: 'b' });
  await put('x', { app: 'a' });
  const gone = await remove('x');
  await seen(client, 5);
  watcher.abandon();
  assert.deepEqual(
    client.lines.map(
      ({ type, object }) => `${type} ${object.metadata?.resourceVersion} ${object.metadata?.labels?.['app']}`,
    ),
    [`ADDED ${into} a`, `MODIFIED ${within} a`, `DELETED ${out} a`, `ADDED ${gone - 1} a`, `DELETED ${gone} a`],
  );
});

test('initial objects come first, and a bookmark says that they are complete', async () => {
  const { put, watch, seen, cache, feed } = await world();
  await put('a', {});
  const revision = await put('b', {});
  const initial = ['a', 'b']
    .map((name) => cache.get(`${cache.prefix}ns/${name}`))
    .filter((object) => object !== undefined);
  const client = new Client();
  const watcher = watch(client, { initial, revision: feed.revision, marksInitialEnd: true });
  await put('c', {});
  await seen(client, 4);
  watcher.abandon();
  assert.deepEqual(
    client.lines.map(({ type }) => type),
    ['ADDED', 'ADDED', 'BOOKMARK', 'ADDED'],
  );
  assert.deepEqual(client.lines[2]?.object.metadata, {
    resourceVersion: String(revision),
    annotations: { 'k8s.io/initial-events-end': 'true' },
  });
});

test('a client that does not read costs no memory and loses nothing', async () => {
  const { put, watch, seen, cache } = await world();
  const random = seededRandom(7);
  const client = new Client();
  const watcher = watch(client);
  await put('first', {});
  client.stuck = true;
  const written: string[] = ['first'];
  // More than the window holds: what comes first must be read from the store's history.
  for (let i = 0; i < 5000; i++) {
    const name = `n${random.int(50)}`;
    await put(name, {}, 1000);
    written.push(name);
  }
  assert.ok(cache.window.start > 0);
  assert.ok(client.maxPending < 2 * 1024 * 1024, `${client.maxPending} bytes waited`);
  await seen(client, written.length);
  watcher.abandon();
  assert.deepEqual(
    client.lines.map(({ object }) => object.metadata?.name),
    written,
  );
});

test('a watch from an old revision replays what happened since, once', async () => {
  const { put, watch, seen, cache } = await world();
  const start = await put('a', {});
  for (let i = 0; i < 3000; i++) await put(`n${i % 10}`, { i: String(i) });
  assert.equal(cache.window.indexAfter(start), -1);
  const client = new Client();
  const watcher = watch(client, { revision: start });
  await put('z', {});
  await seen(client, 3001);
  watcher.abandon();
  assert.deepEqual(
    client.lines.map(({ object }) => Number(object.metadata?.resourceVersion)),
    Array.from({ length: 3001 }, (_, i) => start + 1 + i),
  );
});

test('a watch whose history is compacted is told to start over', async () => {
  const { put, watch, store } = await world();
  const start = await put('a', {});
  for (let i = 0; i < 3000; i++) await put('a', { i: String(i) });
  await store.compact(store.revision);
  const client = new Client();
  const ended = new Promise<void>((resolve) => watch(client, { revision: start, onEnd: resolve }));
  await ended;
  const [line] = client.lines;
  assert.equal(line?.type, 'ERROR');
  assert.equal(line?.object.code, 410);
  assert.ok(client.ended);
});
