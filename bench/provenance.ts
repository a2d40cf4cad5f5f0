// What it costs that every revision keeps who made it: the note's making, and its way to the disk, as a share of the
// cheapest create that there is.
import { join } from 'node:path';
import { InternalExchange } from '../src/apiserver/http/internal.ts';
import { noteOf } from '../src/apiserver/registry/provenance.ts';
import { keyOf } from '../src/store/contract.ts';
import type { Store } from '../src/store/contract.ts';
import { openEmbeddedStore } from '../src/store/embedded/index.ts';
import { median } from './contract.ts';
import type { Benchmark } from './contract.ts';
import { readCredentials } from './load/credentials.ts';
import { Http2Client } from './load/http2.ts';
import { eachOf, Tally, timed } from './load/measure.ts';
import { configMap, configMapsPath } from './load/objects.ts';
import { warmUp } from './load/phases.ts';
import { ensureBundle, startApiServer } from './server-process.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

const concurrency = 32;
const valueBytes = 1024;

const user = { username: 'kubernetes-admin', uid: '', groups: ['system:masters', 'system:authenticated'], extra: {} };
const userAgent = 'kubectl/v1.36.0 (linux/amd64) kubernetes/0123456';

function exchange(): InternalExchange {
  return new InternalExchange({ method: 'POST', target: '/', headers: { 'user-agent': userAgent } });
}

/** Microseconds to make one note. */
function measureNoteOf(times: number): number {
  const one = exchange();
  let bytes = 0;
  const startMs = performance.now();
  for (let i = 0; i < times; i++) bytes += noteOf(one, user, 'create').length;
  if (bytes === 0) throw new Error('a note has no bytes');
  return ((performance.now() - startMs) * 1000) / times;
}

/** CPU of all threads for one put of this process, in microseconds. */
async function cpuOfPuts(store: Store, note: Uint8Array | undefined, from: number, to: number): Promise<number> {
  const before = process.cpuUsage();
  await eachOf(new Tally(), { from, to }, concurrency, (i) => {
    const value = Buffer.alloc(valueBytes, 'y');
    const put = { key: keyOf(`/registry/configmaps/bench/object-${i}`), value };
    return store.txn({ success: [{ type: 'put', put }], ...(note === undefined ? {} : { note }) });
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (to - from);
}

/** What a note adds to a put, in microseconds: the median of pairs of rounds. */
async function measureStoring(directory: string, rounds: number, puts: number): Promise<number> {
  const store = await openEmbeddedStore({ directory });
  const note = noteOf(exchange(), user, 'create');
  const differences: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = round * 2 * puts;
    const isNoteFirst = round % 2 === 0;
    const first = await cpuOfPuts(store, isNoteFirst ? note : undefined, from, from + puts);
    const second = await cpuOfPuts(store, isNoteFirst ? undefined : note, from + puts, from + 2 * puts);
    // The first pairs warm the code up.
    if (round >= rounds / 4) differences.push(isNoteFirst ? first - second : second - first);
  }
  await store.close();
  return median(differences);
}

/** The server's CPU for one create of a ConfigMap over HTTP/2, in microseconds. */
async function measureCreate(directory: string, count: number): Promise<number> {
  const server = await startApiServer('bundle', directory);
  const client = new Http2Client(server.url, await readCredentials(server.kubeconfig), concurrency);
  try {
    const target = { name: 'kubets', pid: server.pid, client };
    await warmUp(target, 200);
    const tally = new Tally();
    await timed(target, tally, () =>
      eachOf(tally, { from: 0, to: count }, concurrency, (i) =>
        client.send({ method: 'POST', path: configMapsPath, body: configMap(`load-${i}`) }),
      ),
    );
    if (tally.errors > 0) throw new Error(tally.firstError);
    return tally.cpuMicros / tally.done;
  } finally {
    client.close();
    await server.stop();
  }
}

export const benchmark: Benchmark = {
  name: 'provenance',
  async run(report, { isQuick }) {
    ensureBundle();
    measureNoteOf(20_000);
    const making = measureNoteOf(isQuick ? 20_000 : 500_000);
    report('making a note', making, 'µs');
    report('size of a note', noteOf(exchange(), user, 'create').length, 'B');
    await withTemporaryDirectory(async (directory) => {
      const storing = await measureStoring(join(directory, 'store'), isQuick ? 4 : 24, isQuick ? 500 : 5000);
      report('storing a note', storing, 'µs');
      const creating = await measureCreate(join(directory, 'server'), isQuick ? 500 : 10_000);
      report('creating a ConfigMap, CPU of the server', creating, 'µs');
      report('share of a create', ((making + Math.max(0, storing)) / creating) * 100, '%');
    });
  },
};
