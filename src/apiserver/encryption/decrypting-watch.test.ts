import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/index.ts';
import type { KeyValue } from '../../store/contract.ts';
import { DecryptingWatch } from './decrypting-watch.ts';

test('order is kept whether keys are at hand or are asked for, and however events are read', async () => {
  const store = await openMemoryStore();
  const waiting: (() => void)[] = [];
  const open = (kv: KeyValue): KeyValue | Promise<KeyValue> => {
    const opened = { ...kv, value: Buffer.from(`opened ${Buffer.from(kv.value).toString()}`) };
    if (!kv.key.endsWith('slow')) return opened;
    return new Promise((resolve) => waiting.push(() => resolve(opened)));
  };
  const watch = new DecryptingWatch(store.watch({ key: 'a', rangeEnd: 'b' }), open);
  const seen: string[] = [];
  const take = (batch: { readonly events: readonly { readonly kv: KeyValue }[] } | undefined): void => {
    for (const { kv } of batch?.events ?? []) seen.push(Buffer.from(kv.value).toString());
  };
  watch.onAvailable(() => {
    for (let batch = watch.poll(); batch !== undefined; batch = watch.poll()) take(batch);
  });
  const following = (async () => {
    for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) take(batch);
  })();
  const expected: string[] = [];
  for (let i = 0; i < 20; i++) {
    const key = i % 4 === 1 ? `a${i}slow` : `a${i}`;
    await store.txn({ success: [{ type: 'put', put: { key, value: Buffer.from(String(i)) } }] });
    expected.push(`opened ${i}`);
    if (i % 3 === 0) for (const go of waiting.splice(0)) go();
  }
  while (seen.length < expected.length) {
    for (const go of waiting.splice(0)) go();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(seen, expected);
  watch.close();
  await following;
  await store.close();
});
