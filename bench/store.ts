// What the embedded store can do on this machine's disk, and what it costs in memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { keyOf, prefixEnd } from '../src/store/contract.ts';
import type { Store } from '../src/store/contract.ts';
import { openEmbeddedStore } from '../src/store/embedded/index.ts';

export type Report = (figure: string, value: number, unit: string) => void;

const valueBytes = 2048;
const measureMs = 2000;
const warmUpMs = 300;
const manyObjects = 100_000;
const manyUpdates = 200_000;
const watchers = 100;

function objectKey(i: number): string {
  return keyOf(`/registry/pods/namespace-${i % 10}/pod-${String(i).padStart(7, '0')}`);
}

/** Runs `once` until the time is over, `concurrency` times at once; gives runs per second and latencies in ms. */
async function measure(
  concurrency: number,
  once: (worker: number) => Promise<unknown>,
): Promise<{ perSecond: number; p50: number; p99: number }> {
  const latenciesMs: number[] = [];
  const startMs = performance.now() + warmUpMs;
  const endMs = startMs + measureMs;
  const work = async (worker: number): Promise<void> => {
    for (let fromMs = performance.now(); fromMs < endMs;) {
      await once(worker);
      const nowMs = performance.now();
      if (fromMs >= startMs) latenciesMs.push(nowMs - fromMs);
      fromMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, worker) => work(worker)));
  latenciesMs.sort((a, b) => a - b);
  const at = (fraction: number): number => latenciesMs[Math.floor(latenciesMs.length * fraction)] ?? 0;
  return { perSecond: (latenciesMs.length * 1000) / measureMs, p50: at(0.5), p99: at(0.99) };
}

/** Each writer updates its own objects under the condition that nobody else has, as the API server does. */
async function benchWrites(store: Store, concurrency: number, report: Report): Promise<void> {
  const revisions = new Map<string, number>();
  let next = 0;
  const before = process.cpuUsage();
  let writes = 0;
  const { perSecond, p50, p99 } = await measure(concurrency, async () => {
    const key = objectKey(next++ % 5000);
    const value = new Uint8Array(valueBytes).fill(120);
    const operand = revisions.get(key) ?? (await store.range({ key })).kvs[0]?.modRevision ?? 0;
    const { succeeded, revision } = await store.txn({
      compare: [{ key, target: 'mod', result: 'equal', operand }],
      success: [{ type: 'put', put: { key, value } }],
    });
    if (!succeeded) throw new Error(`a writer lost the race for ${key}`);
    revisions.set(key, revision);
    writes++;
  });
  const { user, system } = process.cpuUsage(before);
  report(`put, ${concurrency} writers`, perSecond, '/s');
  report(`put, ${concurrency} writers, p50`, p50, 'ms');
  report(`put, ${concurrency} writers, p99`, p99, 'ms');
  report(`put, ${concurrency} writers, CPU of all threads`, (user + system) / writes, 'µs');
}

/** What LMDB alone does with the same writes: the store's throughput is best seen as a part of this. */
async function benchBareLmdb(concurrency: number, report: Report): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-store-'));
  const root = open<Uint8Array, number>({
    path: join(directory, 'bare.mdb'),
    noSubdir: true,
    overlappingSync: false,
    eventTurnBatching: false,
    pageSize: 8192,
    encoding: 'binary',
  });
  let waiting: (() => void)[] = [];
  let isBusy = false;
  let last = 0;
  const flush = async (): Promise<void> => {
    const writers = waiting;
    waiting = [];
    await root.batch(() => {
      for (const _ of writers) void root.put(++last, new Uint8Array(valueBytes));
    });
    for (const resolve of writers) resolve();
    await new Promise(setImmediate);
    isBusy = waiting.length > 0;
    if (isBusy) await flush();
  };
  const { perSecond, p99 } = await measure(concurrency, () => {
    return new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (isBusy) return;
      isBusy = true;
      setImmediate(() => void flush());
    });
  });
  report(`put, ${concurrency} writers, bare LMDB`, perSecond, '/s');
  report(`put, ${concurrency} writers, bare LMDB, p99`, p99, 'ms');
  await root.close();
  rmSync(directory, { recursive: true, force: true });
}

/** Updates few objects often, then compacts: what the file then takes, as a multiple of what is kept. */
async function benchSpace(report: Report): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-store-'));
  const store = await openEmbeddedStore({ directory });
  for (let i = 0; i < manyUpdates; i += 500) {
    const updates = Array.from({ length: 500 }, (_, j) => {
      const put = { key: objectKey((i + j) % 1000), value: new Uint8Array(1024).fill(i) };
      return store.txn({ success: [{ type: 'put', put }] });
    });
    await Promise.all(updates);
  }
  const grownBytes = store.status().sizeBytes;
  await store.compact(store.revision - 10_000);
  const keptBytes = 11_000 * (1024 + objectKey(0).length);
  report(`file after ${manyUpdates} updates of 1,000 objects of 1 KB`, grownBytes / 1e6, 'MB');
  report('file after compaction', store.status().sizeBytes / 1e6, 'MB');
  report('file after compaction, as a multiple of what is kept', store.status().sizeBytes / keptBytes, '×');
  await store.close();
  rmSync(directory, { recursive: true, force: true });
}

async function benchReads(store: Store, report: Report): Promise<void> {
  let next = 0;
  const point = await measure(1, async () => {
    for (let i = 0; i < 100; i++) await store.range({ key: objectKey(next++ % 5000) });
  });
  report('read one key', point.perSecond * 100, '/s');
  for (const limit of [500, 5000]) {
    const range = { key: '/registry/pods/', rangeEnd: prefixEnd('/registry/pods/'), limit };
    const ranges = await measure(1, () => store.range(range));
    report(`read a range of ${limit}`, ranges.p50, 'ms');
  }
}

/** Writes while 100 watches listen to the same objects; counts what they get. */
async function benchWatch(store: Store, report: Report): Promise<void> {
  let delivered = 0;
  const watches = Array.from({ length: watchers }, () => {
    const watch = store.watch({ key: '/registry/pods/', rangeEnd: prefixEnd('/registry/pods/'), prevKv: true });
    watch.onAvailable(() => {
      for (let batch = watch.poll(); batch !== undefined; batch = watch.poll()) delivered += batch.events.length;
    });
    return watch;
  });
  const startMs = performance.now();
  let next = 0;
  const { perSecond } = await measure(32, async () => {
    const value = new Uint8Array(valueBytes);
    await store.txn({ success: [{ type: 'put', put: { key: objectKey(next++ % 5000), value } }] });
  });
  report(`put, 32 writers, ${watchers} watches listening`, perSecond, '/s');
  report(`watch events delivered to ${watchers} watches`, (delivered * 1000) / (performance.now() - startMs), '/s');
  for (const watch of watches) watch.close();
}

/** Runs this file as a process of its own, so that what it reports is the memory of nothing else. */
async function benchOpen(report: Report): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-store-'));
  try {
    const store = await openEmbeddedStore({ directory });
    for (let i = 0; i < manyObjects; i += 1000) {
      const batch = Array.from({ length: 1000 }, (_, j) => {
        const put = { key: objectKey(i + j), value: new Uint8Array(1024).fill(97) };
        return store.txn({ success: [{ type: 'put', put }] });
      });
      await Promise.all(batch);
    }
    await store.close();
    const { openMs, rssBytes, emptyRssBytes } = await openElsewhere(directory);
    report(`open ${manyObjects} objects of 1 KB`, openMs, 'ms');
    report(`memory with ${manyObjects} objects of 1 KB`, rssBytes / 1e6, 'MB');
    report('memory before opening', emptyRssBytes / 1e6, 'MB');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Opened {
  readonly openMs: number;
  readonly rssBytes: number;
  readonly emptyRssBytes: number;
}

async function openElsewhere(directory: string): Promise<Opened> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'open', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  return JSON.parse(output) as Opened;
}

async function reportOpen(directory: string): Promise<void> {
  const emptyRssBytes = process.memoryUsage.rss();
  const startMs = performance.now();
  const store = await openEmbeddedStore({ directory });
  const openMs = performance.now() - startMs;
  const rssBytes = process.memoryUsage.rss();
  await store.close();
  process.stdout.write(JSON.stringify({ openMs, rssBytes, emptyRssBytes } satisfies Opened));
}

export const benchmark = {
  name: 'store',
  async run(report: Report): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), 'bench-store-'));
    const store = await openEmbeddedStore({ directory });
    try {
      for (const concurrency of [1, 32, 100, 256]) await benchWrites(store, concurrency, report);
      await benchBareLmdb(100, report);
      await benchReads(store, report);
      await benchWatch(store, report);
    } finally {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    }
    await benchSpace(report);
    await benchOpen(report);
  },
};

if (import.meta.main) {
  const [action, directory = ''] = process.argv.slice(2);
  if (action === 'open') await reportOpen(directory);
  else await benchmark.run((figure, value, unit) => console.log(`${figure}: ${value.toFixed(3)} ${unit}`));
}
