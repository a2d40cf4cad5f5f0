// Where Pods may run, and where they may stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodSpec, ResourceList } from '../../src/api/types/core.v1.ts';
import { configMaps, events, nodes, podDisruptionBudgets, pods, runtimeClasses } from '../../src/client/resources.ts';
import { nameOf, startRunningCluster, type Space } from './running-cluster.ts';
import { imageOf } from './workload.ts';

const running = startRunningCluster();
const container = { name: 'c', image: imageOf(1) };

function create(space: Space, name: string, spec: Partial<PodSpec> = {}): Promise<Pod> {
  return space.create(pods, { metadata: { name, labels: { name } }, spec: { containers: [container], ...spec } });
}

async function runs(space: Space, name: string): Promise<Pod> {
  await running.until(`${name} runs`, async () => (await space.get(pods, name)).status?.phase === 'Running');
  return space.get(pods, name);
}

/** What the scheduler says of a Pod that it finds no node for. */
async function staysPending(space: Space, name: string): Promise<string> {
  await running.cluster.advance('30s');
  const { status, spec } = await space.get(pods, name);
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  assert.deepEqual([status?.phase, spec.nodeName, condition?.reason], ['Pending', undefined, 'Unschedulable']);
  const told = await space.list(events, { fieldSelector: `involvedObject.name=${name},reason=FailedScheduling` });
  assert.ok(told.length > 0);
  return condition?.message ?? '';
}

async function setTaints(node: string, effects: readonly string[]): Promise<void> {
  const taints = effects.map((effect) => ({ key: 'test', value: 'evict', effect }));
  await running.client.patch(nodes, undefined, node, 'merge', { spec: { taints: taints.length > 0 ? taints : null } });
}

test('[sig-scheduling] SchedulerPredicates validates resource limits of pods that are allowed to run', async () => {
  const space = await running.newSpace();
  const asking = (cpu: string): Partial<PodSpec> => ({
    containers: [{ ...container, resources: { requests: { cpu }, limits: { cpu } } }],
  });
  // Each node has 8 CPUs.
  for (const name of ['filler-0', 'filler-1', 'filler-2']) await create(space, name, asking('5'));
  const used = new Set((await space.readyPods(3)).map(({ spec }) => spec.nodeName));
  assert.equal(used.size, 3);
  await create(space, 'additional', asking('4'));
  assert.match(await staysPending(space, 'additional'), /^0\/3 nodes are available: 3 Insufficient cpu\./);
  await space.delete(pods, 'filler-0');
  await runs(space, 'additional');
});

test('[sig-scheduling] SchedulerPredicates validates that NodeSelector is respected if not matching', async () => {
  const space = await running.newSpace();
  await create(space, 'restricted', { nodeSelector: { label: 'nonempty' } });
  const message = await staysPending(space, 'restricted');
  assert.match(message, /^0\/3 nodes are available: 3 node\(s\) didn't match Pod's node affinity\/selector\./);
});

test('[sig-scheduling] SchedulerPredicates validates that NodeSelector is respected if matching', async () => {
  const space = await running.newSpace();
  const label = (value: string | null): Promise<unknown> =>
    running.client.patch(nodes, undefined, 'node-1', 'merge', { metadata: { labels: { 'example.com/e2e': value } } });
  await create(space, 'with-labels', { nodeSelector: { 'example.com/e2e': '42' } });
  await staysPending(space, 'with-labels');
  await label('42');
  assert.equal((await runs(space, 'with-labels')).spec.nodeName, 'node-1');
  await label(null);
});

function onPort(hostPort: number, hostIP: string, protocol: 'TCP' | 'UDP' = 'TCP'): Partial<PodSpec> {
  return {
    nodeSelector: { 'kubernetes.io/hostname': 'node-0' },
    containers: [{ ...container, ports: [{ containerPort: 8080, hostPort, hostIP, protocol }] }],
  };
}

test('[sig-scheduling] SchedulerPredicates validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP', async () => {
  const space = await running.newSpace();
  await create(space, 'pod4', onPort(54322, ''));
  await runs(space, 'pod4');
  await create(space, 'pod5', onPort(54322, '127.0.0.1'));
  assert.match(await staysPending(space, 'pod5'), /1 node\(s\) didn't have free ports for the requested pod ports/);
});

test('[sig-network] HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol', async () => {
  const space = await running.newSpace();
  await create(space, 'pod1', onPort(54323, '127.0.0.1'));
  await create(space, 'pod2', onPort(54323, '198.18.0.1'));
  await create(space, 'pod3', onPort(54323, '198.18.0.1', 'UDP'));
  const all = await space.readyPods(3);
  assert.deepEqual(new Set(all.map(({ spec }) => spec.nodeName)), new Set(['node-0']));
});

test('[sig-node] Events should be sent by kubelets and the scheduler about pods scheduling and running', async () => {
  const space = await running.newSpace();
  await create(space, 'told');
  await runs(space, 'told');
  const from = async (component: string): Promise<(string | undefined)[]> =>
    (await space.list(events, { fieldSelector: 'involvedObject.name=told' }))
      .filter(({ source, reportingComponent }) => (source?.component || reportingComponent) === component)
      .map(({ reason }) => reason);
  await running.until('both have told', async () => {
    const [scheduler, kubelet] = [await from('default-scheduler'), await from('kubelet')];
    return scheduler.includes('Scheduled') && kubelet.includes('Started');
  });
});

test('[sig-node] NoExecuteTaintManager Single Pod removing taint cancels eviction', async () => {
  const space = await running.newSpace();
  const tolerations = [{ key: 'test', operator: 'Equal', value: 'evict', effect: 'NoExecute', tolerationSeconds: 120 }];
  await create(space, 'taint-eviction', { nodeName: 'node-2', tolerations } as Partial<PodSpec>);
  await runs(space, 'taint-eviction');
  await setTaints('node-2', ['NoExecute']);
  await running.cluster.advance('60s');
  assert.equal((await space.pods()).length, 1);
  await setTaints('node-2', []);
  await running.cluster.advance('5m');
  assert.equal((await space.pods()).length, 1);
});

test('[sig-node] NoExecuteTaintManager Multiple Pods evicts pods with minTolerationSeconds', async () => {
  const space = await running.newSpace();
  for (const [name, tolerationSeconds] of [
    ['first', 5],
    ['second', 25],
  ] as const) {
    const tolerations = [{ key: 'test', operator: 'Equal', value: 'evict', effect: 'NoExecute', tolerationSeconds }];
    await create(space, name, { nodeName: 'node-2', tolerations } as Partial<PodSpec>);
    await runs(space, name);
  }
  await setTaints('node-2', ['NoExecute']);
  await running.cluster.advance('15s');
  assert.deepEqual((await space.pods()).map(nameOf), ['second']);
  await running.cluster.advance('20s');
  assert.deepEqual(await space.pods(), []);
  await setTaints('node-2', []);
});

test('[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace', async () => {
  const space = await running.newSpace();
  const read = async (): Promise<string | undefined> =>
    (await space.list(configMaps)).find((one) => nameOf(one) === 'kube-root-ca.crt')?.data?.['ca.crt'];
  await running.until('it is there', async () => (await read()) !== undefined);
  const published = await read();
  assert.match(published ?? '', /BEGIN CERTIFICATE/);
  await space.delete(configMaps, 'kube-root-ca.crt');
  await running.until('it is there again', async () => (await read()) === published);
  await running.client.patch(configMaps, space.namespace, 'kube-root-ca.crt', 'merge', { data: { 'ca.crt': '' } });
  await running.until('it says again what it said', async () => (await read()) === published);
});

test('[sig-apps] DisruptionController should observe PodDisruptionBudget status updated', async () => {
  const space = await running.newSpace();
  await space.create(podDisruptionBudgets, {
    metadata: { name: 'foo' },
    spec: { minAvailable: 1, selector: { matchExpressions: [{ key: 'name', operator: 'Exists' }] } },
  });
  for (const name of ['pod-0', 'pod-1', 'pod-2']) await create(space, name);
  await running.until('two may go', async () => {
    const { status } = await space.get(podDisruptionBudgets, 'foo');
    return status?.disruptionsAllowed === 2 && status.currentHealthy === 3 && status.desiredHealthy === 1;
  });
});

async function createWithRuntimeClass(overhead: ResourceList | undefined): Promise<Pod> {
  const space = await running.newSpace();
  const name = `runtime-${space.namespace}`;
  const handler = { metadata: { name }, handler: 'runc', ...(overhead && { overhead: { podFixed: overhead } }) };
  await running.client.create(runtimeClasses, handler);
  await create(space, 'classed', { runtimeClassName: name });
  return runs(space, 'classed');
}

test('[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead', async () => {
  assert.equal((await createWithRuntimeClass(undefined)).spec.overhead, undefined);
});

test('[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead', async () => {
  const overhead = { cpu: '10m', memory: '1Mi' };
  assert.deepEqual((await createWithRuntimeClass(overhead)).spec.overhead, overhead);
});
