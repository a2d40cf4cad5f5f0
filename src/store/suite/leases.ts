import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Store } from '../contract.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { describeEvent, get, put, remove, take } from './harness.ts';
import type { OpenTest } from './harness.ts';

/** Moves time on, and waits until the store has stored what that led to. */
async function pass(clock: VirtualClock, store: Store, seconds: number): Promise<void> {
  await clock.advance(seconds * 1000);
  // A transaction answers after everything that was accepted before it.
  await store.txn({});
}

export function leaseTests(open: OpenTest): void {
  it('deletes the keys of a lease that ends, in one revision', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock });
    const { id, ttlSeconds } = await store.grantLease({ ttlSeconds: 10 });
    assert.ok(Number.isSafeInteger(id) && id > 0 && ttlSeconds === 10);
    await put(store, 'b', '1', id);
    await put(store, 'a', '1', id);
    await put(store, 'c', '1');
    const watch = store.watch({ key: 'a', rangeEnd: 'z' });
    await pass(clock, store, 9);
    assert.deepEqual(await store.leaseStatus(id), { id, ttlSeconds: 1, grantedTtlSeconds: 10, keys: ['a', 'b'] });
    await pass(clock, store, 1);
    assert.deepEqual((await take(watch, 2)).map(describeEvent), ['delete a@5', 'delete b@5']);
    assert.deepEqual([await get(store, 'a'), await get(store, 'c')], [undefined, '1']);
    assert.deepEqual(await store.leaseStatus(id), { id, ttlSeconds: -1, grantedTtlSeconds: 0, keys: [] });
    assert.deepEqual(await store.leases(), []);
  });

  it('is prolonged by keep-alives', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock });
    await store.grantLease({ id: 3, ttlSeconds: 10 });
    await put(store, 'a', '1', 3);
    for (let i = 0; i < 5; i++) {
      await pass(clock, store, 8);
      assert.equal((await store.keepAliveLease(3)).ttlSeconds, 10);
    }
    assert.equal(await get(store, 'a'), '1');
    await pass(clock, store, 11);
    assert.equal(await get(store, 'a'), undefined);
    await assert.rejects(store.keepAliveLease(3), { name: 'LeaseNotFoundError' });
  });

  it('lets go of keys that are deleted or get another lease', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock });
    await store.grantLease({ id: 1, ttlSeconds: 10 });
    await store.grantLease({ id: 2, ttlSeconds: 100 });
    await put(store, 'a', '1', 1);
    await put(store, 'b', '1', 1);
    await put(store, 'c', '1', 1);
    await put(store, 'a', '2', 2);
    await put(store, 'b', '2');
    await remove(store, 'c');
    await put(store, 'c', 'again');
    assert.deepEqual((await store.leaseStatus(1)).keys, []);
    await pass(clock, store, 20);
    assert.deepEqual([await get(store, 'a'), await get(store, 'b'), await get(store, 'c')], ['2', '2', 'again']);
    assert.deepEqual(await store.leases(), [2]);
  });

  it('can be revoked', async () => {
    const store = await open();
    await store.grantLease({ id: 1, ttlSeconds: 10 });
    await assert.rejects(store.grantLease({ id: 1, ttlSeconds: 10 }), { name: 'LeaseExistsError' });
    const revision = await put(store, 'a', '1', 1);
    await store.revokeLease(1);
    assert.deepEqual([await get(store, 'a'), store.revision], [undefined, revision + 1]);
    await assert.rejects(store.revokeLease(1), { name: 'LeaseNotFoundError' });
    await assert.rejects(put(store, 'a', '1', 1), { name: 'LeaseNotFoundError' });
    await store.grantLease({ id: 1, ttlSeconds: 10 });
    await store.revokeLease(1);
    assert.equal(store.revision, revision + 1);
  });

  it('has bounds', async () => {
    const store = await open();
    assert.equal((await store.grantLease({ ttlSeconds: 0 })).grantedTtlSeconds, 1);
    await assert.rejects(store.grantLease({ ttlSeconds: 1e10 }), { message: 'etcdserver: too large lease TTL' });
  });
}

/** For stores that outlive their object. */
export function durableLeaseTests(open: OpenTest, reopen: () => Promise<Store>): void {
  it('has as much time after a restart as before it, and no more', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock });
    await store.grantLease({ id: 1, ttlSeconds: 1000 });
    await store.grantLease({ id: 2, ttlSeconds: 1000 });
    await put(store, 'a', '1', 1);
    await put(store, 'b', '1', 2);
    await pass(clock, store, 900);
    await store.keepAliveLease(2);
    const again = await reopen();
    assert.deepEqual(await again.leases(), [1, 2]);
    assert.deepEqual((await again.leaseStatus(1)).keys, ['a']);
    const { ttlSeconds } = await again.leaseStatus(1);
    assert.ok(ttlSeconds >= 100 && ttlSeconds <= 200, String(ttlSeconds));
    assert.equal((await again.leaseStatus(2)).ttlSeconds, 1000);
    await pass(clock, again, 201);
    assert.deepEqual([await get(again, 'a'), await get(again, 'b')], [undefined, '1']);
  });
}
