// Kills a process that writes to a store at random moments. What it was told is stored must be there afterwards, nothing
// may be there by halves, and history must be whole. CRASH_ROUNDS sets how often (default 10).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../src/machinery/random.ts';
import type { Key, Revision, Store } from '../../src/store/contract.ts';
import { openEmbeddedStore } from '../../src/store/embedded/index.ts';
import { readProgress, readState, stateAfter, writers } from './store-workload.ts';

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 10);
const seed = process.env['CRASH_SEED'] ?? String(Date.now());
const writerPath = fileURLToPath(new URL('./store-writer.ts', import.meta.url));

interface Said {
  /** By writer: its last acknowledged transaction. */
  readonly acknowledged: Map<number, number>;
  revision: Revision;
  compactRevision: Revision;
  transactions: number;
}

/** Lets the process write for a while, kills it, and reads what it said. */
async function writeAndKill(directory: string, afterMs: number): Promise<Said> {
  const child = spawn(process.execPath, [writerPath, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<string | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  let output = '';
  let isOpened = false;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (isOpened) return;
    isOpened = true;
    setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  await new Promise((resolve) => child.stdout.once('close', resolve));
  assert.equal(await exited, 'SIGKILL', 'the writer ended by itself');
  const said: Said = { acknowledged: new Map(), revision: 1, compactRevision: 0, transactions: 0 };
  // The last line may be cut off: then nobody was told.
  for (const line of output.split('\n').slice(0, -1)) {
    const [what, ...numbers] = line.split(' ');
    const [a = 0, b = 0, c = 0] = numbers.map(Number);
    if (what === 'acknowledged') {
      assert.equal(b, (said.acknowledged.get(a) ?? b - 1) + 1);
      said.acknowledged.set(a, b);
      said.revision = Math.max(said.revision, c);
      said.transactions++;
    } else if (what === 'compacted') said.compactRevision = a;
  }
  return said;
}

async function checkAcknowledged(store: Store, said: Said, before: readonly number[]): Promise<number[]> {
  assert.ok(store.revision >= said.revision, `revision ${said.revision} is lost`);
  assert.ok(store.status().compactRevision >= said.compactRevision, `compaction at ${said.compactRevision} is lost`);
  const progress: number[] = [];
  for (let writer = 0; writer < writers; writer++) {
    const n = await readProgress(store, writer);
    const acknowledged = said.acknowledged.get(writer) ?? before[writer] ?? 0;
    // The one that was on its way may be there or not.
    assert.ok(n === acknowledged || n === acknowledged + 1, `writer ${writer} is at ${n} instead of ${acknowledged}`);
    const expected = stateAfter(writer, n);
    const actual = await readState(store, writer);
    assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
    for (const [key, value] of actual) assert.ok(expected.get(key)?.equals(value), `${key} is wrong`);
    progress.push(n);
  }
  return progress;
}

/** From the oldest state that can be read, all changes must lead to the newest. */
async function checkHistory(store: Store): Promise<void> {
  const { compactRevision, revision } = store.status();
  const all = { key: '\0', rangeEnd: '\0' };
  const from = Math.max(1, compactRevision);
  const state = new Map<Key, Uint8Array>();
  for (const { key, value } of (await store.range({ ...all, revision: from })).kvs) state.set(key, value);
  const watch = store.watch({ ...all, startRevision: from + 1, prevKv: true });
  let last = from;
  while (last < revision) {
    const batch = await watch.next();
    for (const { type, kv, prevKv } of batch?.events ?? []) {
      assert.ok(kv.modRevision === last || kv.modRevision === last + 1, `revisions after ${last} are lost`);
      last = kv.modRevision;
      const previous = state.get(kv.key);
      assert.deepEqual(prevKv && Buffer.from(prevKv.value), previous && Buffer.from(previous));
      if (type === 'put') state.set(kv.key, kv.value);
      else state.delete(kv.key);
    }
  }
  watch.close();
  const newest = new Map((await store.range(all)).kvs.map(({ key, value }) => [key, value]));
  assert.deepEqual([...state.keys()].sort(), [...newest.keys()].sort());
  for (const [key, value] of newest) assert.ok(Buffer.from(value).equals(state.get(key) ?? Buffer.from('none')));
}

describe('a store whose process is killed', { timeout: 60_000 + rounds * 5000 }, () => {
  it(`has everything it acknowledged, ${rounds} times (CRASH_SEED=${seed})`, async (test) => {
    const random = seededRandom(seed);
    const directory = mkdtempSync(join(tmpdir(), 'crash-store-'));
    try {
      let progress: number[] = [];
      let transactions = 0;
      for (let round = 0; round < rounds; round++) {
        const said = await writeAndKill(directory, random.int(400));
        const store = await openEmbeddedStore({ directory, historyMs: 1e12 });
        progress = await checkAcknowledged(store, said, progress);
        await checkHistory(store);
        await store.close();
        transactions += said.transactions;
      }
      assert.ok(transactions > rounds * 10, `only ${transactions} transactions were acknowledged`);
      const [file] = readdirSync(directory).filter((name) => name.endsWith('.mdb'));
      test.diagnostic(`${transactions} transactions acknowledged in ${rounds} rounds; data file ${file}`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
