import type { Key, RequestOp, Store } from '../../src/store/contract.ts';

export const writers = 8;
/** Each writer has so many objects, which it writes and deletes in turn. */
const slots = 20;

function counterKeys(writer: number): readonly [Key, Key] {
  return [`counter/${writer}/first`, `counter/${writer}/second`];
}

function slotKey(writer: number, slot: number): Key {
  return `slot/${writer}/${String(slot).padStart(2, '0')}`;
}

/** Between 0 and 12 KB, so that some records are in pages of their own. */
function valueOf(writer: number, n: number): Buffer {
  return Buffer.alloc((n * 7919 + writer * 104_729) % 12_000, n % 251);
}

function counter(n: number): Buffer {
  return Buffer.from(String(n));
}

/**
 * A writer's n-th transaction (from 1 on): its two counters, which must never differ, and one of its objects, which is
 * written or deleted.
 */
export function opsOf(writer: number, n: number): RequestOp[] {
  const [first, second] = counterKeys(writer);
  const key = slotKey(writer, n % slots);
  return [
    { type: 'put', put: { key: first, value: counter(n) } },
    n % 3 === 0
      ? { type: 'deleteRange', deleteRange: { key } }
      : { type: 'put', put: { key, value: valueOf(writer, n) } },
    { type: 'put', put: { key: second, value: counter(n) } },
  ];
}

/** What there must be after a writer's n-th transaction: the values of its keys. */
export function stateAfter(writer: number, n: number): Map<Key, Buffer> {
  const state = new Map<Key, Buffer>();
  if (n > 0) for (const key of counterKeys(writer)) state.set(key, counter(n));
  for (let i = Math.max(1, n - slots + 1); i <= n; i++) {
    if (i % 3 !== 0) state.set(slotKey(writer, i % slots), valueOf(writer, i));
  }
  return state;
}

/** How many transactions of a writer the store has. */
export async function readProgress(store: Store, writer: number): Promise<number> {
  const { kvs } = await store.range({ key: counterKeys(writer)[0] });
  return kvs[0] === undefined ? 0 : Number(Buffer.from(kvs[0].value).toString());
}

/** All keys of a writer. */
export async function readState(store: Store, writer: number): Promise<Map<Key, Uint8Array>> {
  const state = new Map<Key, Uint8Array>();
  for (const prefix of [`counter/${writer}/`, `slot/${writer}/`]) {
    const { kvs } = await store.range({ key: prefix, rangeEnd: `${prefix}\xff` });
    for (const { key, value } of kvs) state.set(key, value);
  }
  return state;
}
