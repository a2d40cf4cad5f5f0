import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Store } from '../contract.ts';
import { collect, get, put } from '../suite/harness.ts';
import { openEmbeddedStore } from './index.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function dataFiles(): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.mdb'));
}

function open(): Promise<Store> {
  return openEmbeddedStore({ directory, historyMs: 1e12, rewriteAboveBytes: 1024 * 1024 });
}

describe('a file that compaction has emptied', () => {
  it('is rewritten under load, and nothing is lost', { timeout: 60_000 }, async () => {
    const value = 'x'.repeat(1024);
    let store = await open();
    await store.grantLease({ id: 1, ttlSeconds: 1000 });
    for (let i = 0; i < 100; i++) {
      await Promise.all(Array.from({ length: 200 }, (_, j) => put(store, `k${j}`, `${i} ${value}`)));
    }
    const grownBytes = store.status().sizeBytes;
    const watch = store.watch({ key: 'w', rangeEnd: 'x' });
    const from = store.revision - 1000;

    const done = new AbortController();
    let written = 0;
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; !done.signal.aborted; n++) {
        await put(store, `w${writer}`, String(n));
        written++;
        // Past states are read from one file or the other.
        if (n % 10 === 0) assert.match(String(await get(store, `k${n % 200}`, from)), /^9[0-9] x+$/);
      }
    };
    const writing = Promise.all([write(0), write(1), write(2)]);
    await store.compact(from);
    done.abort();
    await writing;

    const { sizeBytes, revision } = store.status();
    // 1,200 records of about 1.1 KB are left, and what was written meanwhile.
    const leftBytes = 1200 * 1100 + written * 80;
    assert.ok(sizeBytes < 3 * leftBytes && sizeBytes < grownBytes / 3, `${grownBytes} bytes became ${sizeBytes}`);
    const files = dataFiles();
    assert.equal(files.length, 1);
    assert.ok(statSync(join(directory, files[0] ?? '')).size < 3 * leftBytes);
    assert.equal((await collect(watch, revision)).length, written);
    await put(store, 'after', '1');
    await store.close();

    store = await open();
    assert.equal(store.revision, revision + 1);
    assert.deepEqual(await store.leases(), [1]);
    assert.equal(store.status().compactRevision, from);
    assert.equal(store.status().keys, 200 + 3 + 1);
    assert.equal(await get(store, 'k7', from), `94 ${value}`);
    assert.equal(
      (await collect(store.watch({ key: 'k', rangeEnd: 'l', startRevision: from + 1 }), revision)).length,
      1000,
    );
    await store.close();
  });

  it('is left alone when the store closes meanwhile', async () => {
    let store = await open();
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 200 }, (_, j) => put(store, `k${j}`, `${i} ${'x'.repeat(1000)}`)));
    }
    const compacted = store.compact(store.revision);
    await new Promise(setImmediate);
    await store.close();
    await compacted;
    assert.equal(dataFiles().length, 1);
    store = await open();
    assert.equal(await get(store, 'k1'), `19 ${'x'.repeat(1000)}`);
    assert.equal(store.status().keys, 200);
    await store.close();
  });

  it('holds commits of any size', async () => {
    const keys = 20_000;
    let store = await open();
    await store.grantLease({ id: 1, ttlSeconds: 1000 });
    const watch = store.watch({ key: 'k', rangeEnd: 'l', startRevision: keys + 2 });
    await Promise.all(Array.from({ length: keys }, (_, i) => put(store, `k${i}`, 'x', 1)));
    await store.revokeLease(1);
    assert.equal(store.revision, keys + 2);
    const batch = await watch.next();
    assert.equal(batch?.events.length, keys);
    await store.close();
    store = await open();
    assert.deepEqual([store.revision, store.status().keys], [keys + 2, 0]);
    assert.equal(await get(store, 'k5', keys + 1), 'x');
    await store.close();
  });
});
