// What a whole cluster in one process costs: its start, its rest, how fast what is wanted comes to be, and how much of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { Deployment } from '../src/api/types/apps.v1.ts';
import { deployments, namespaces, pods } from '../src/client/resources.ts';
import { Cluster, type ClusterOptions } from '../src/cluster/cluster.ts';
import { median } from './contract.ts';
import type { Benchmark, Report } from './contract.ts';
import { cpuTimeOf, residentMegabytes } from './process-figures.ts';
import { ensureBundle, startCluster, type Form } from './server-process.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

const forms: readonly Form[] = ['bundle', 'source'];
const namespace = 'bench';
/** Until what the start set off is over. */
const calmMs = 5000;
const millisecond = 1000;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function withCluster(options: ClusterOptions, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await Cluster.start(options);
  try {
    await cluster.client.create(namespaces, { metadata: { name: namespace }, spec: {} });
    await use(cluster);
  } finally {
    await cluster.stop();
  }
}

function deployment(name: string, replicas: number): Deployment {
  const labels = { app: name };
  const resources = { requests: { cpu: '10m', memory: '16Mi' } };
  return {
    metadata: { namespace, name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1', resources }] } },
    },
  };
}

/** Resolves when so many Deployments have all their replicas available. */
async function available({ client }: Cluster, count: number): Promise<void> {
  const done = new Set<string>();
  const stop = new AbortController();
  const events = client.watch(
    deployments,
    namespace,
    { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true },
    stop.signal,
  );
  for await (const { type, object } of events) {
    if (type === 'BOOKMARK' || object.status?.availableReplicas !== object.spec?.replicas) continue;
    done.add(object.metadata.name ?? '');
    if (done.size === count) return;
  }
  throw new Error('the watch ended before all was available');
}

/** Resolves when the namespace is gone. */
async function gone({ client }: Cluster): Promise<void> {
  const events = client.watch(namespaces, undefined, {
    fieldSelector: `metadata.name=${namespace}`,
    resourceVersion: '0',
  });
  for await (const { type } of events) if (type === 'DELETED') return;
  throw new Error('the watch ended before the namespace was gone');
}

async function benchProcesses(report: Report, times: number, idleMs: number): Promise<void> {
  for (const form of forms) {
    const readyMs: number[] = [];
    for (let i = 0; i < times; i++) {
      await withTemporaryDirectory(async (directory) => {
        const server = await startCluster(form, join(directory, 'kubeconfig'), 3);
        try {
          readyMs.push(server.readyMs);
          if (i > 0) return;
          await sleep(calmMs);
          const before = cpuTimeOf(server.pid);
          await sleep(idleMs);
          const cpuMs = (cpuTimeOf(server.pid).totalMicros - before.totalMicros) / millisecond;
          report(`3 nodes at rest, CPU of one core: ${form}`, (100 * cpuMs) / idleMs, '%');
          report(`3 nodes at rest, memory: ${form}`, residentMegabytes(server.pid), 'MB');
        } finally {
          await server.stop();
        }
      });
    }
    report(`kubets up with 3 nodes, from starting the process: ${form}`, median(readyMs), 'ms');
  }
}

async function benchStart(report: Report, times: number): Promise<void> {
  const startMs: number[] = [];
  const availableMs: number[] = [];
  for (let i = 0; i < times; i++) {
    const beginMs = performance.now();
    const cluster = await Cluster.start({ nodes: 3 });
    startMs.push(performance.now() - beginMs);
    await cluster.client.create(namespaces, { metadata: { name: namespace }, spec: {} });
    await sleep(200);
    availableMs.push(
      await timed(async () => {
        await cluster.client.create(deployments, deployment('web', 10));
        await available(cluster, 1);
      }),
    );
    await cluster.stop();
  }
  report('Cluster.start with 3 nodes, the first in a process', startMs[0] ?? Number.NaN, 'ms');
  report('Cluster.start with 3 nodes, later ones', median(startMs.slice(1)), 'ms');
  report('a Deployment of 10 is available, the first in a process', availableMs[0] ?? Number.NaN, 'ms');
  report('a Deployment of 10 is available, later ones', median(availableMs.slice(1)), 'ms');
}

async function benchEviction(report: Report, times: number): Promise<void> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) {
    await withCluster({ nodes: 3, clock: 'virtual', seed: i }, async (cluster) => {
      await cluster.client.create(deployments, deployment('web', 10));
      await cluster.advance('30s');
      await cluster.node('node-0').stop();
      await cluster.advance('50s');
      all.push(await timed(() => cluster.advance('5m')));
      const { items } = await cluster.client.list(pods, namespace);
      const stuck = items.filter(({ metadata, spec }) => spec.nodeName === 'node-0' && !metadata.deletionTimestamp);
      if (stuck.length > 0) throw new Error(`${stuck.length} Pods were not evicted`);
    });
  }
  report('5 min of eviction from a dead node, virtual clock', median(all), 'ms');
}

async function benchScale(report: Report, nodes: number, count: number, replicas: number): Promise<void> {
  const name = `${(count * replicas).toLocaleString('en-US')} Pods of ${count} Deployments on ${nodes} nodes`;
  await withCluster({ nodes }, async (cluster) => {
    const readyMs = await timed(async () => {
      for (let i = 0; i < count; i++) await cluster.client.create(deployments, deployment(`web-${i}`, replicas));
      await available(cluster, count);
    });
    report(`${name}, available`, readyMs / millisecond, 's');
    report(`${name}, memory`, residentMegabytes(process.pid), 'MB');
    const goneMs = await timed(async () => {
      await cluster.client.delete(namespaces, undefined, namespace);
      await gone(cluster);
    });
    report(`${name}, namespace deleted`, goneMs / millisecond, 's');
  });
}

export const benchmark: Benchmark = {
  name: 'cluster',
  async run(report, { isQuick }) {
    await benchStart(report, isQuick ? 2 : 7);
    await benchEviction(report, isQuick ? 1 : 5);
    await benchScale(report, isQuick ? 50 : 500, isQuick ? 10 : 100, 100);
    ensureBundle();
    await benchProcesses(report, isQuick ? 1 : 5, isQuick ? 2000 : 20_000);
  },
};
