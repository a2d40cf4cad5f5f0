import assert from 'node:assert/strict';
import type { Key, Store, Watch, WatchEvent } from '../contract.ts';
import { maxBatchEvents } from '../contract.ts';
import type { Clock } from '../../machinery/clock.ts';

export interface SuiteOptions {
  readonly clock: Clock;
  readonly historyMs?: number;
  readonly historyRevisions?: number;
  /** Bounds the events kept in memory. */
  readonly recentEvents?: number;
}

/** A store under test, opened empty. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens what it left; absent when it leaves nothing. */
  readonly reopen?: () => Promise<Store>;
  /** Closes it and removes what it left. */
  dispose(): Promise<void>;
}

/** Opens an empty store for the test that runs; it is removed when the test ends. */
export type OpenTest = (options?: Partial<SuiteOptions>) => Promise<Store>;

export type OpenStore = (options: SuiteOptions) => Promise<StoreUnderTest>;

/** Values compare as bytes, whatever class of array they are in. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map((item: unknown): unknown => plain(item));
  if (typeof value !== 'object' || value === null) return value;
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) fields[name] = plain(field);
  return fields;
}

export function assertSame(actual: unknown, expected: unknown): void {
  assert.deepEqual(plain(actual), plain(expected));
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

/** Puts a key; gives the revision. */
export async function put(store: Store, key: Key, value = '', lease = 0): Promise<number> {
  const { revision } = await store.txn({ success: [{ type: 'put', put: { key, value: bytes(value), lease } }] });
  return revision;
}

export async function remove(store: Store, key: Key, rangeEnd?: Key): Promise<number> {
  const deleteRange = rangeEnd === undefined ? { key } : { key, rangeEnd };
  const { revision } = await store.txn({ success: [{ type: 'deleteRange', deleteRange }] });
  return revision;
}

/** A key's value as text; undefined when there is none. */
export async function get(store: Store, key: Key, revision = 0): Promise<string | undefined> {
  const { kvs } = await store.range({ key, revision });
  return kvs[0] === undefined ? undefined : Buffer.from(kvs[0].value).toString();
}

/** Every event up to `through`, in order; checks that revisions come whole and batches are bounded. */
export async function collect(watch: Watch, through: number): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  let reached = 0;
  watch.requestProgress();
  while (reached < through) {
    const batch = await watch.next();
    assert.ok(batch !== undefined, 'the watch ended');
    assert.ok(batch.revision >= reached, 'a batch goes back');
    for (const { kv } of batch.events) {
      assert.ok(kv.modRevision > reached && kv.modRevision <= batch.revision, 'a revision is split or out of order');
    }
    const revisions = new Set(batch.events.map(({ kv }) => kv.modRevision));
    assert.ok(batch.events.length <= maxBatchEvents || revisions.size <= maxBatchEvents, 'a batch is too large');
    reached = batch.revision;
    events.push(...batch.events);
    watch.requestProgress();
  }
  return events;
}

/** Reads a `Watch` until it has so many events. */
export async function take(watch: Watch, count: number): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  while (events.length < count) {
    const batch = await watch.next();
    assert.ok(batch !== undefined, 'the watch ended');
    events.push(...batch.events);
  }
  return events;
}

/** An event as short text: `put a=1@2`, `delete a@3`, with `(was 0)` when it has a previous value. */
export function describeEvent({ type, kv, prevKv }: WatchEvent): string {
  const value = type === 'put' ? `=${Buffer.from(kv.value).toString()}` : '';
  const before = prevKv === undefined ? '' : ` (was ${Buffer.from(prevKv.value).toString()})`;
  return `${type} ${kv.key}${value}@${kv.modRevision}${before}`;
}
