// ReplicaSets and ReplicationControllers and their Pods.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/api/types/core.v1.ts';
import { pods, replicaSets, replicationControllers, resourceQuotas } from '../../src/client/resources.ts';
import { startRunningCluster, type Space } from './running-cluster.ts';
import { imageOf, templateOf } from './workload.ts';

const running = startRunningCluster();
const podSpec = { containers: [{ name: 'c', image: imageOf(1) }] };

async function createSet(space: Space, replicas: number, name = 'owner'): Promise<void> {
  const labels = { name };
  await space.create(replicaSets, {
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template: templateOf(labels) },
  });
}

async function createController(space: Space, replicas: number, name = 'owner'): Promise<void> {
  const labels = { name };
  await space.create(replicationControllers, {
    metadata: { name },
    spec: { replicas, selector: labels, template: templateOf(labels) },
  });
}

function ownersOf({ metadata }: Pod): unknown[] {
  return (metadata.ownerReferences ?? []).map(({ kind, name, controller }) => [kind, name, controller]);
}

async function assertAdoptsAndReleases(
  kind: 'ReplicaSet' | 'ReplicationController',
  create: typeof createSet,
): Promise<void> {
  const space = await running.newSpace();
  await space.create(pods, { metadata: { name: 'orphan', labels: { name: 'owner' } }, spec: podSpec });
  await space.readyPods(1);
  await create(space, 1);
  await running.until('it is adopted', async () => ownersOf(await space.get(pods, 'orphan')).length > 0);
  assert.deepEqual(ownersOf(await space.get(pods, 'orphan')), [[kind, 'owner', true]]);
  await running.cluster.advance('10s');
  assert.equal((await space.pods()).length, 1);
  // A label that does not match any more: it is let go, and another takes its place.
  await space.patch(pods, 'orphan', { metadata: { labels: { name: 'other' } } });
  await space.readyPods(2);
  assert.deepEqual(ownersOf(await space.get(pods, 'orphan')), []);
  const [other] = await space.pods('name=owner');
  assert.ok(other !== undefined);
  assert.deepEqual(ownersOf(other), [[kind, 'owner', true]]);
}

async function assertServesOnEach(create: typeof createSet): Promise<void> {
  const space = await running.newSpace();
  await create(space, 3);
  const all = await space.readyPods(3);
  assert.equal(new Set(all.map(({ status }) => status?.podIP)).size, 3);
  for (const { status } of all) {
    assert.equal(status?.phase, 'Running');
    assert.deepEqual(
      status?.containerStatuses?.map(({ ready, started, state }) => [ready, started, state?.running !== undefined]),
      [[true, true, true]],
    );
  }
}

test('[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods', () =>
  assertAdoptsAndReleases('ReplicaSet', createSet));

test('[sig-apps] ReplicationController should adopt matching pods on creation', async () => {
  const space = await running.newSpace();
  await space.create(pods, {
    metadata: { name: 'orphan', labels: { name: 'owner' } },
    spec: podSpec,
  });
  await createController(space, 1);
  await running.until('it is adopted', async () => ownersOf(await space.get(pods, 'orphan')).length > 0);
  await space.readyPods(1);
  assert.deepEqual(ownersOf(await space.get(pods, 'orphan')), [['ReplicationController', 'owner', true]]);
});

test('[sig-apps] ReplicationController should release no longer matching pods', () =>
  assertAdoptsAndReleases('ReplicationController', createController));

test('[sig-apps] ReplicaSet should serve a basic image on each replica with a public image', () =>
  assertServesOnEach(createSet));

test('[sig-apps] ReplicationController should serve a basic image on each replica with a public image', () =>
  assertServesOnEach(createController));

test('[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota', async () => {
  const space = await running.newSpace();
  await space.create(resourceQuotas, { metadata: { name: 'condition-test' }, spec: { hard: { pods: '2' } } });
  await running.client.patch(
    resourceQuotas,
    space.namespace,
    'condition-test',
    'merge',
    { status: { hard: { pods: '2' }, used: { pods: '0' } } },
    { subresource: 'status' },
  );
  await createController(space, 3);
  const failure = async (): Promise<readonly unknown[] | undefined> => {
    const { status } = await space.get(replicationControllers, 'owner');
    const condition = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    return condition && [condition.status, condition.reason, /exceeded quota/.test(condition.message ?? '')];
  };
  await running.until('the failure is told', async () => (await failure()) !== undefined);
  assert.deepEqual(await failure(), ['True', 'FailedCreate', true]);
  await space.scale(replicationControllers, 'owner', 2);
  await running.until('it is told no more', async () => (await failure()) === undefined);
});
