import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open as openLmdb } from 'lmdb';
import { NoSpaceError, StoreUnusableError } from '../contract.ts';
import { get, put } from '../suite/harness.ts';
import { dataPath } from './directory.ts';
import { openEmbeddedStore } from './index.ts';

const modulePath = fileURLToPath(new URL('./index.ts', import.meta.url));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** What a child process says that tries to open the directory. */
function openElsewhere(prelude = ''): string {
  const script = `${prelude}
    const { openEmbeddedStore } = await import(${JSON.stringify(modulePath)});
    await openEmbeddedStore({ directory: ${JSON.stringify(directory)} }).then(
      (store) => store.close().then(() => console.log('opened')),
      (error) => console.log(error.name + ': ' + error.message),
    );`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return stdout + stderr;
}

function unusable(...parts: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StoreUnusableError, String(error));
    for (const part of parts) assert.ok(error.message.includes(part), `${error.message} lacks ${part}`);
    return true;
  };
}

describe('a store that cannot be opened', () => {
  it('is in use by another process, whose number it names', async () => {
    const store = await openEmbeddedStore({ directory });
    await put(store, 'a', '1');
    const said = openElsewhere();
    assert.ok(said.startsWith('StoreUnusableError:') && said.includes(directory), said);
    assert.ok(said.includes(`(${process.pid})`), said);
    await assert.rejects(openEmbeddedStore({ directory }), unusable(directory, 'in use'));
    await put(store, 'a', '2');
    await store.close();
    assert.match(openElsewhere(), /opened/);
  });

  it('is free again after its process was killed', async () => {
    const script = `const { openEmbeddedStore } = await import(${JSON.stringify(modulePath)});
      await openEmbeddedStore({ directory: ${JSON.stringify(directory)} }); console.log('opened'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const _ of child.stdout) break;
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const store = await openEmbeddedStore({ directory });
    await store.close();
  });

  it('is a file of another program', async () => {
    const path = dataPath(directory, 1);
    writeFileSync(path, 'hello '.repeat(10_000));
    await assert.rejects(openEmbeddedStore({ directory }), unusable(path, 'not a store of kubets'));
    assert.equal(readFileSync(path, 'utf8'), 'hello '.repeat(10_000));
  });

  it("is another program's LMDB file", async () => {
    const path = dataPath(directory, 7);
    const other = openLmdb({ path, noSubdir: true, overlappingSync: false });
    await other.put('theirs', 1);
    await other.close();
    const before = readFileSync(path);
    await assert.rejects(openEmbeddedStore({ directory }), unusable(path, 'not a store of kubets'));
    assert.ok(before.equals(readFileSync(path)), 'the file was changed');
  });

  it('has a newer format', async () => {
    await (await openEmbeddedStore({ directory })).close();
    const path = dataPath(directory, 1);
    const root = openLmdb({ path, noSubdir: true, overlappingSync: false });
    await root.openDB('meta', { encoding: 'json' }).put('format', { program: 'kubets', version: 99 });
    await root.close();
    const before = readFileSync(path);
    await assert.rejects(openEmbeddedStore({ directory }), unusable(path, 'format 99', 'newer'));
    assert.ok(before.equals(readFileSync(path)), 'the file was changed');
  });

  it('is not a directory', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    await assert.rejects(openEmbeddedStore({ directory: path }), unusable(path, 'not a directory'));
  });

  const isRoot = process.getuid?.() === 0;
  it('may not be read', { skip: isRoot ? false : 'only root can become somebody else' }, async () => {
    const store = await openEmbeddedStore({ directory });
    await store.close();
    const said = openElsewhere('process.setgid(65534); process.setuid(65534);');
    assert.match(said, /StoreUnusableError: .*permission denied/);
    assert.ok(said.includes(directory), said);
    // The directory may be written to, but not the file.
    chmodSync(directory, 0o777);
    for (const name of readdirSync(directory)) if (name.startsWith('lock')) chmodSync(join(directory, name), 0o666);
    assert.match(openElsewhere('process.setgid(65534); process.setuid(65534);'), /mdb: permission denied/);
    assert.match(openElsewhere(), /opened/);
  });

  it('has left-overs of a process that died', async () => {
    const store = await openEmbeddedStore({ directory });
    await put(store, 'a', '1');
    await store.close();
    const leftOver = `${dataPath(directory, 2)}.new`;
    writeFileSync(leftOver, 'half a file');
    const again = await openEmbeddedStore({ directory });
    assert.equal(await get(again, 'a'), '1');
    assert.ok(!existsSync(leftOver));
    await again.close();
  });
});

/** A small file system; undefined where one may not be mounted. */
function mountSmall(path: string, megabytes: number): boolean {
  mkdirSync(path);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]).status === 0;
}

describe('a full disk', () => {
  it('refuses writes, keeps what was written, and goes on when there is space again', async (test) => {
    const path = join(directory, 'small');
    if (!mountSmall(path, 8)) return test.skip('a small file system can be mounted by root only');
    try {
      const filler = join(path, 'filler');
      writeFileSync(filler, Buffer.alloc(500_000));
      const store = await openEmbeddedStore({ directory: path });
      const watch = store.watch({ key: 'k', rangeEnd: 'l' });
      const written: string[] = [];
      const refusals: unknown[] = [];
      for (let i = 0; refusals.length === 0; i++) {
        const keys = [0, 1, 2].map((j) => `k${i}.${j}`);
        const results = await Promise.allSettled(keys.map((key) => put(store, key, 'x'.repeat(100_000))));
        results.forEach((result, j) => {
          if (result.status === 'fulfilled') written.push(keys[j] ?? '');
          else refusals.push(result.reason);
        });
      }
      const [refusal] = refusals;
      assert.ok(refusal instanceof NoSpaceError, String(refusal));
      assert.ok(refusal.message.includes(path) && refusal.message.includes('free'), refusal.message);
      assert.equal((await store.range({ key: 'k', rangeEnd: 'l' })).count, written.length);
      assert.equal(store.revision, 1 + written.length);

      await assert.rejects(put(store, 'k', 'y'.repeat(1_000_000)), NoSpaceError);
      assert.equal(store.revision, 1 + written.length);
      // Space that compaction frees can be written to again.
      await store.txn({ success: [{ type: 'deleteRange', deleteRange: { key: 'k', rangeEnd: 'k2' } }] });
      await store.compact(store.revision);
      rmSync(filler);
      const left = (await store.range({ key: 'k', rangeEnd: 'l' })).kvs.map(({ key }) => key);
      await put(store, 'k', 'again');
      let seen = 0;
      for (let batch = watch.poll(); batch !== undefined; batch = watch.poll()) seen += batch.events.length;
      assert.ok(seen > written.length);
      await store.close();

      const again = await openEmbeddedStore({ directory: path });
      const { kvs } = await again.range({ key: 'k', rangeEnd: 'l' });
      assert.deepEqual(
        kvs.map(({ key }) => key),
        ['k', ...left],
      );
      await again.close();
      return undefined;
    } finally {
      spawnSync('umount', [path]);
    }
  });

  it('cannot be opened', async (test) => {
    const path = join(directory, 'small');
    if (!mountSmall(path, 2)) return test.skip('a small file system can be mounted by root only');
    try {
      const filler = join(path, 'filler');
      assert.throws(() => writeFileSync(filler, Buffer.alloc(3_000_000)), { code: 'ENOSPC' });
      assert.ok(statSync(filler).size > 0);
      await assert.rejects(openEmbeddedStore({ directory: path }), (error) => {
        assert.ok(error instanceof NoSpaceError && error.message.includes(path), String(error));
        return true;
      });
      rmSync(filler);
      await (await openEmbeddedStore({ directory: path })).close();
      return undefined;
    } finally {
      spawnSync('umount', [path]);
    }
  });
});
