// How long the API server takes to be ready, from the bundle and from source: with an empty store, on its second start,
// and with 100,000 objects; and how it answers with so many.
import { join } from 'node:path';
import { ObjectForm } from '../src/apiserver/registry/object-bytes.ts';
import { keyOf } from '../src/store/contract.ts';
import { openEmbeddedStore } from '../src/store/embedded/index.ts';
import { median } from './contract.ts';
import type { Benchmark, Report } from './contract.ts';
import { readCredentials } from './load/credentials.ts';
import { Http1Client } from './load/http1.ts';
import { residentMegabytes } from './process-figures.ts';
import { ensureBundle, startApiServer } from './server-process.ts';
import type { Form, ServerProcess } from './server-process.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

const forms: readonly Form[] = ['bundle', 'source'];
/** Puts under way at once while the store is filled. */
const batchSize = 1000;
const listPath = '/api/v1/namespaces/default/configmaps?limit=500';

interface Start {
  /** From starting the process to its line. */
  readonly readyMs: number;
  /** From starting the process to a 200 on /readyz. */
  readonly answeredMs: number;
  readonly residentMegabytes: number;
}

/** Starts a server on a directory, calls `use`, stops it. */
async function measureStart(
  form: Form,
  directory: string,
  use?: (client: Http1Client, server: ServerProcess) => Promise<void>,
): Promise<Start> {
  const startMs = performance.now();
  const server = await startApiServer(form, directory);
  const client = new Http1Client(server.url, await readCredentials(server.kubeconfig), 1);
  try {
    await client.send({ method: 'GET', path: '/readyz' });
    const answeredMs = performance.now() - startMs;
    const start = { readyMs: server.readyMs, answeredMs, residentMegabytes: residentMegabytes(server.pid) };
    await use?.(client, server);
    return start;
  } finally {
    client.close();
    await server.stop();
  }
}

function reportStarts(report: Report, row: string, form: Form, starts: readonly Start[]): void {
  report(`${row}, ready: ${form}`, median(starts.map(({ readyMs }) => readyMs)), 'ms');
  report(`${row}, 200 on /readyz: ${form}`, median(starts.map(({ answeredMs }) => answeredMs)), 'ms');
  report(`${row}, memory: ${form}`, median(starts.map((start) => start.residentMegabytes)), 'MB');
}

/** Puts ConfigMaps of 1 KB straight into the store of a server that does not run. */
async function fillStore(directory: string, count: number): Promise<void> {
  const form = new ObjectForm({ kind: 'ConfigMap' }, '', 'v1');
  const store = await openEmbeddedStore({ directory: join(directory, 'store') });
  for (let from = 0; from < count; from += batchSize) {
    const puts = Array.from({ length: Math.min(batchSize, count - from) }, (_, i) => {
      const name = `config-${String(from + i).padStart(7, '0')}`;
      const metadata = {
        name,
        namespace: 'default',
        uid: crypto.randomUUID(),
        creationTimestamp: '2026-01-01T00:00:00Z',
      };
      const value = form.encode({ metadata, data: { a: 'y'.repeat(800) } } as Parameters<typeof form.encode>[0]);
      return store.txn({
        success: [{ type: 'put', put: { key: keyOf(`/registry/configmaps/default/${name}`), value } }],
      });
    });
    await Promise.all(puts);
  }
  await store.close();
}

/** Times `once` several times, one after the other; the median in milliseconds. */
async function medianMs(times: number, once: (i: number) => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) {
    const startMs = performance.now();
    await once(i);
    all.push(performance.now() - startMs);
  }
  return median(all);
}

async function benchMany(report: Report, count: number): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    await measureStart('bundle', directory);
    await fillStore(directory, count);
    const row = `${count.toLocaleString('en-US')} ConfigMaps of 1 KB`;
    for (const form of forms) {
      const start = await measureStart(form, directory, async (client, server) => {
        const get = (path: string): Promise<Buffer> => client.send({ method: 'GET', path });
        report(`${row}, first list page of 500: ${form}`, await medianMs(1, () => get(listPath)), 'ms');
        report(`${row}, list page of 500: ${form}`, await medianMs(40, () => get(listPath)), 'ms');
        const nameOf = (i: number): string => `config-${String((i * 7919) % count).padStart(7, '0')}`;
        const one = await medianMs(1000, (i) => get(`/api/v1/namespaces/default/configmaps/${nameOf(i)}`));
        report(`${row}, get: ${form}`, one, 'ms');
        report(`${row}, memory after it: ${form}`, residentMegabytes(server.pid), 'MB');
      });
      reportStarts(report, row, form, [start]);
    }
  });
}

export const benchmark: Benchmark = {
  name: 'start',
  async run(report, { isQuick }) {
    ensureBundle();
    const times = isQuick ? 1 : 7;
    for (const form of forms) {
      const first: Start[] = [];
      const second: Start[] = [];
      for (let i = 0; i < times; i++) {
        await withTemporaryDirectory(async (directory) => {
          first.push(await measureStart(form, directory));
          second.push(await measureStart(form, directory));
        });
      }
      reportStarts(report, 'first start, empty store', form, first);
      reportStarts(report, 'second start', form, second);
    }
    await benchMany(report, isQuick ? 5000 : 100_000);
  },
};
