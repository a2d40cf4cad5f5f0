// A whole cluster in the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments, events, namespaces, nodes, pods, services, endpointSlices } from '../client/resources.ts';
import { eventually } from '../../test/support/eventually.ts';
import { Cluster } from './cluster.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
const spec = { replicas: 3, selector: { matchLabels: { app: 'web' } }, template };

test('a Deployment becomes available, serves, and goes with its namespace', async () => {
  const cluster = await Cluster.start({ nodes: 3 });
  try {
    const { client } = cluster;
    await client.create(namespaces, { metadata: { name: 'a' }, spec: {} });
    await client.create(deployments, { metadata: { name: 'web', namespace: 'a' }, spec });
    await client.create(services, {
      metadata: { name: 'web', namespace: 'a' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    await eventually('three Pods are available', async () => {
      const { status } = await client.get(deployments, 'a', 'web');
      return status?.availableReplicas === 3;
    });
    const used = new Set((await client.list(pods, 'a')).items.map((pod) => pod.spec.nodeName));
    assert.equal(used.size, 3);
    await eventually('three endpoints are ready', async () => {
      const { items } = await client.list(endpointSlices, 'a');
      return (
        items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready).length === 3
      );
    });
    await client.delete(namespaces, undefined, 'a');
    await eventually('the namespace is gone', async () =>
      (await client.list(namespaces)).items.every(({ metadata }) => metadata.name !== 'a'),
    );
    assert.equal((await client.list(pods)).items.length, 0);
  } finally {
    await cluster.stop();
  }
});

test('time moves when it is told to: a dead node’s Pods are elsewhere after six minutes', async () => {
  const cluster = await Cluster.start({ nodes: 2, clock: 'virtual', seed: 'dead node' });
  try {
    const { client } = cluster;
    await client.create(deployments, { metadata: { name: 'web', namespace: 'default' }, spec });
    await cluster.advance('10s');
    assert.equal((await client.get(deployments, 'default', 'web')).status?.availableReplicas, 3);
    await cluster.node('node-0').stop();
    await cluster.advance('30s');
    const readiness = async (): Promise<string | undefined> => {
      const { status } = await client.get(nodes, undefined, 'node-0');
      return status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    };
    assert.equal(await readiness(), 'True');
    await cluster.advance('30s');
    assert.equal(await readiness(), 'Unknown');
    await cluster.advance('6m');
    const { items } = await client.list(pods, 'default');
    const living = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    assert.deepEqual(new Set(living.map((pod) => pod.spec.nodeName)), new Set(['node-1']));
    assert.equal((await client.get(deployments, 'default', 'web')).status?.availableReplicas, 3);
    const told = (await client.list(events)).items.map(({ reason }) => reason);
    assert.ok(told.includes('NodeNotReady') && told.includes('TaintManagerEviction'));
  } finally {
    await cluster.stop();
  }
});

test('several run side by side, each on its own', async () => {
  const clusters = await Promise.all([Cluster.start({ nodes: 1 }), Cluster.start({ nodes: 2 })]);
  const counts = await Promise.all(clusters.map(async ({ client }) => (await client.list(nodes)).items.length));
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  assert.deepEqual(counts, [1, 2]);
});

test('a cluster on the real clock does not advance', async () => {
  const cluster = await Cluster.start({ nodes: 0 });
  await assert.rejects(cluster.advance('1s'), /only a cluster started with/);
  await cluster.stop();
});
