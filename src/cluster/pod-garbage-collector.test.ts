// The pod garbage collector, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Node, Pod } from '../api/types/core.v1.ts';
import { nodes, pods } from '../client/resources.ts';
import { podGarbageCollector } from '../controllers/pod-garbage-collector/index.ts';
import { setFinished, setReady } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [podGarbageCollector],
    options: { terminatedPodGCThreshold: 2 },
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
});
afterEach(() => plane.stop());

async function createPod(name: string, more: Partial<Pod['spec']> = {}, finalizers: string[] = []): Promise<Pod> {
  const spec = { containers: [{ name: 'main', image: 'work:1' }], ...more } as Pod['spec'];
  return plane.client.create(pods, { metadata: { name, namespace: 'default', finalizers }, spec });
}

async function createNode(name: string, taints: NonNullable<Node['spec']>['taints'] = []): Promise<void> {
  await plane.client.create(nodes, { metadata: { name }, spec: { taints } } as Node);
}

async function podsNow(): Promise<Pod[]> {
  await plane.settle();
  return (await plane.client.list(pods, 'default')).items;
}

async function names(): Promise<(string | undefined)[]> {
  return (await podsNow()).map(({ metadata }) => metadata.name);
}

test('of Pods that have ended, the newest stay, and those that were evicted go first', async () => {
  for (const name of ['a', 'b', 'c', 'd']) {
    await setFinished(plane, await createPod(name), 'Failed');
    await plane.clock.advance(1_000);
  }
  await createPod('running');
  const evicted = { status: { reason: 'Evicted' } };
  await plane.client.patch(pods, 'default', 'd', 'strategic', evicted, { subresource: 'status' });
  await plane.clock.advance(20_000);
  assert.deepEqual(await names(), ['b', 'c', 'running']);
});

test('Pods of a node that is gone are marked and removed after 40 s', async () => {
  await createNode('n1');
  await setReady(plane, await createPod('kept', { nodeName: 'n1' }), true);
  await setReady(plane, await createPod('lost', { nodeName: 'n2' }, ['example.com/watch']), true);
  await plane.clock.advance(39_000);
  assert.equal((await podsNow())[1]?.status?.phase, 'Running');
  await plane.clock.advance(25_000);
  const [kept, lost] = await podsNow();
  assert.equal(kept?.metadata.deletionTimestamp, undefined);
  assert.ok(lost?.metadata.deletionTimestamp);
  assert.equal(lost.status?.phase, 'Failed');
  const condition = lost.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual(
    [condition?.status, condition?.reason, condition?.message],
    ['True', 'DeletionByPodGC', 'PodGC: node no longer exists'],
  );
  assert.ok(
    lost.status.conditions?.some(({ type }) => type === 'Ready'),
    'other conditions stay',
  );
  await plane.client.patch(pods, 'default', 'lost', 'merge', { metadata: { finalizers: null } });
  assert.deepEqual(await names(), ['kept']);
});

test('a node that comes back in time keeps its Pods', async () => {
  await createPod('kept', { nodeName: 'n2' });
  await plane.clock.advance(30_000);
  await createNode('n2');
  await plane.clock.advance(120_000);
  assert.deepEqual(await names(), ['kept']);
});

test('Pods that are stuck on a node that is out of service go', async () => {
  await createNode('n1', [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }]);
  await createNode('n2');
  for (const nodeName of ['n1', 'n2']) {
    await createPod(`stuck-${nodeName}`, { nodeName });
    await plane.client.delete(pods, 'default', `stuck-${nodeName}`, { gracePeriodSeconds: 30 });
  }
  await createPod('other', { nodeName: 'n1' });
  await plane.clock.advance(21_000);
  assert.deepEqual(await names(), ['other', 'stuck-n2']);
});

test('Pods that are to go and have no node are marked failed and go', async () => {
  await createPod('held', {}, ['example.com/watch']);
  await plane.client.delete(pods, 'default', 'held', { gracePeriodSeconds: 30 });
  await plane.clock.advance(21_000);
  const [held] = await podsNow();
  assert.equal(held?.status?.phase, 'Failed');
  await plane.clock.advance(120_000);
  const [later] = await podsNow();
  assert.equal(later?.metadata.resourceVersion, held.metadata.resourceVersion, 'it is written once');
});
