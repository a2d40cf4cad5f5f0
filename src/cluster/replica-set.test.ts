// The ReplicaSet and ReplicationController controllers, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ReplicaSet } from '../api/types/apps.v1.ts';
import type { Pod, ReplicationController } from '../api/types/core.v1.ts';
import { events, pods, priorityClasses, replicaSets, replicationControllers } from '../client/resources.ts';
import { replicaSetController, replicationControllerController } from '../controllers/replica-set/index.ts';
import { setReady } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [replicaSetController, replicationControllerController],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
});
afterEach(() => plane.stop());

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] },
};

function replicaSet(replicas: number, more: object = {}): ReplicaSet {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template, ...more },
  };
}

async function podsOf(): Promise<Pod[]> {
  await plane.settle();
  return (await plane.client.list(pods, 'default')).items;
}

async function current(): Promise<ReplicaSet> {
  await plane.settle();
  return plane.client.get(replicaSets, 'default', 'web');
}

test('it creates as many Pods as are asked for, names them after itself and owns them', async () => {
  await plane.client.create(replicaSets, replicaSet(3));
  const created = await podsOf();
  assert.equal(created.length, 3);
  const owner = await current();
  for (const { metadata, spec } of created) {
    assert.match(metadata.name ?? '', /^web-[a-z0-9]{5}$/);
    assert.deepEqual(metadata.labels, { app: 'web' });
    assert.equal(spec.containers?.[0]?.image, 'registry.example/web:1');
    assert.deepEqual(metadata.ownerReferences, [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web',
        uid: owner.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  }
  assert.deepEqual(owner.status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    observedGeneration: 1,
    terminatingReplicas: 0,
  });
  const told = (await plane.client.list(events, 'default')).items;
  assert.equal(told.filter(({ reason, type }) => reason === 'SuccessfulCreate' && type === 'Normal').length, 3);
  assert.match(told[0]?.message ?? '', /^Created pod: web-/);
  assert.equal(told[0]?.source?.component, 'replicaset-controller');
});

test('what is deleted is replaced, and what is too many goes: those not ready first', async () => {
  await plane.client.create(replicaSets, replicaSet(3));
  const [first, second, third] = await podsOf();
  assert.ok(first && second && third);
  await plane.client.delete(pods, 'default', first.metadata.name ?? '', { gracePeriodSeconds: 0 });
  const replaced = await podsOf();
  assert.equal(replaced.length, 3);
  await setReady(plane, second, true);
  await setReady(plane, third, true);
  await plane.client.patch(replicaSets, 'default', 'web', 'merge', { spec: { replicas: 2 } });
  const left = await podsOf();
  assert.deepEqual(
    new Set(
      left.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name),
    ),
    new Set([second.metadata.name, third.metadata.name]),
  );
});

test('a Pod counts as available after minReadySeconds', async () => {
  await plane.client.create(replicaSets, replicaSet(1, { minReadySeconds: 30 }));
  const [pod] = await podsOf();
  assert.ok(pod);
  await setReady(plane, pod, true);
  assert.deepEqual((await current()).status?.readyReplicas, 1);
  assert.deepEqual((await current()).status?.availableReplicas, undefined);
  await plane.clock.advance(29_000);
  assert.deepEqual((await current()).status?.availableReplicas, undefined);
  await plane.clock.advance(3_000);
  assert.deepEqual((await current()).status?.availableReplicas, 1);
});

test('orphans that match are adopted, what no longer matches is released and replaced', async () => {
  const orphan = { metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } }, spec: template.spec };
  await plane.client.create(pods, orphan);
  await plane.client.create(replicaSets, replicaSet(1));
  const adopted = await podsOf();
  assert.deepEqual(
    adopted.map(({ metadata }) => [metadata.name, metadata.ownerReferences?.[0]?.name]),
    [['orphan', 'web']],
  );
  await plane.client.patch(pods, 'default', 'orphan', 'merge', { metadata: { labels: { app: 'other' } } });
  const after = await podsOf();
  assert.equal(after.length, 2);
  const released = after.find(({ metadata }) => metadata.name === 'orphan');
  assert.deepEqual(released?.metadata.ownerReferences ?? [], []);
});

test('a refused creation shows in a condition and an event, is tried again, and heals', async () => {
  const demanding = { ...template, spec: { ...template.spec, priorityClassName: 'missing' } };
  await plane.client.create(replicaSets, replicaSet(1, { template: demanding }));
  const condition = (await current()).status?.conditions?.[0];
  assert.ok(condition);
  assert.equal(condition.type, 'ReplicaFailure');
  assert.equal(condition.reason, 'FailedCreate');
  assert.match(condition.message ?? '', /no PriorityClass with name missing was found/);
  await plane.client.create(priorityClasses, { metadata: { name: 'missing' }, value: 1 });
  await plane.clock.advance(60_000);
  assert.equal((await podsOf()).length, 1);
  assert.equal((await current()).status?.conditions, undefined);
});

test('nothing is written at rest', async () => {
  await plane.client.create(replicaSets, replicaSet(5));
  await plane.clock.advance(60_000);
  const before = (await plane.client.list(pods)).metadata.resourceVersion;
  await plane.clock.advance(10 * 60_000);
  assert.equal((await plane.client.list(pods)).metadata.resourceVersion, before);
});

test('a ReplicationController does the same', async () => {
  const controller: ReplicationController = {
    metadata: { name: 'old', namespace: 'default' },
    spec: { replicas: 2, selector: { app: 'web' }, template },
  };
  await plane.client.create(replicationControllers, controller);
  assert.equal((await podsOf()).length, 2);
  const { status } = await plane.client.get(replicationControllers, 'default', 'old');
  assert.deepEqual(status, { replicas: 2, fullyLabeledReplicas: 2, observedGeneration: 1 });
});
