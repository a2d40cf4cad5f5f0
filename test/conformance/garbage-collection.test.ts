// What becomes of an object's dependents, by how it is deleted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicationController } from '../../src/api/types/core.v1.ts';
import type { OwnerReference } from '../../src/api/types/meta.v1.ts';
import { deployments, pods, replicaSets, replicationControllers } from '../../src/client/resources.ts';
import { namesOf, startRunningCluster, type Space } from './running-cluster.ts';

const running = startRunningCluster();
const labels = { app: 'gc' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'registry.example/c:1' }] } };

function controller(name: string, replicas: number): ReplicationController {
  return { metadata: { name }, spec: { replicas, selector: labels, template } };
}

async function startController(space: Space, replicas: number): Promise<void> {
  await space.create(replicationControllers, controller('rc', replicas));
  await space.readyPods(replicas);
}

async function startDeployment(space: Space): Promise<void> {
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  await space.create(deployments, { metadata: { name: 'd' }, spec });
  await space.readyPods(2);
}

function ownerOf(object: { readonly kind?: string; readonly metadata?: object }, more: object = {}): OwnerReference {
  const { name, uid } = object.metadata as { name: string; uid: string };
  return { apiVersion: 'v1', kind: object.kind ?? '', name, uid, ...more };
}

test('[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning', async () => {
  const space = await running.newSpace();
  await startController(space, 2);
  await space.delete(replicationControllers, 'rc', { propagationPolicy: 'Background' });
  assert.ok(await space.isGone(replicationControllers, 'rc'));
  await running.until('the Pods are gone', async () => (await space.list(pods)).length === 0);
});

test('[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so', async () => {
  const space = await running.newSpace();
  await startController(space, 10);
  const before = namesOf(await space.pods());
  await space.delete(replicationControllers, 'rc', { propagationPolicy: 'Orphan' });
  await running.until('it is gone', () => space.isGone(replicationControllers, 'rc'));
  await running.cluster.advance('30s');
  const left = await space.pods();
  assert.deepEqual(namesOf(left), before);
  assert.deepEqual(
    left.flatMap(({ metadata }) => metadata.ownerReferences ?? []),
    [],
  );
});

test('[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning', async () => {
  const space = await running.newSpace();
  await startDeployment(space);
  assert.equal((await space.list(replicaSets)).length, 1);
  await space.delete(deployments, 'd', { propagationPolicy: 'Background' });
  await running.until('the ReplicaSet and its Pods are gone', async () => {
    const [sets, left] = [await space.list(replicaSets), await space.list(pods)];
    return sets.length === 0 && left.length === 0;
  });
});

test('[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
  const space = await running.newSpace();
  await startDeployment(space);
  await space.delete(deployments, 'd', { propagationPolicy: 'Orphan' });
  await running.until('it is gone', () => space.isGone(deployments, 'd'));
  await running.cluster.advance('30s');
  const sets = await space.list(replicaSets);
  assert.deepEqual(
    sets.map(({ metadata, status }) => [metadata.ownerReferences ?? [], status?.readyReplicas]),
    [[[], 2]],
  );
});

test('[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so', async () => {
  const space = await running.newSpace();
  await startController(space, 3);
  const [held] = await space.pods();
  assert.ok(held !== undefined);
  await space.patch(pods, held.metadata.name ?? '', { metadata: { finalizers: ['example.com/held'] } });
  await space.delete(replicationControllers, 'rc', { propagationPolicy: 'Foreground' });
  await running.until('one Pod is left', async () => (await space.list(pods)).length === 1);
  await running.cluster.advance('30s');
  const { metadata } = await space.get(replicationControllers, 'rc');
  assert.ok(metadata?.deletionTimestamp !== undefined);
  assert.deepEqual(metadata.finalizers, ['foregroundDeletion']);
  await space.patch(pods, held.metadata.name ?? '', { metadata: { finalizers: null } });
  await running.until('it follows its last Pod', () => space.isGone(replicationControllers, 'rc'));
  assert.deepEqual(await space.list(pods), []);
});

test("[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted", async () => {
  const space = await running.newSpace();
  await startController(space, 4);
  const stays = await space.create(replicationControllers, {
    metadata: { name: 'stays' },
    spec: {
      replicas: 0,
      selector: { app: 'other' },
      template: { ...template, metadata: { labels: { app: 'other' } } },
    },
  });
  const [first, second, ...others] = namesOf(await space.pods());
  for (const name of [first ?? '', second ?? '']) {
    const { metadata } = await space.get(pods, name);
    const ownerReferences = [...(metadata.ownerReferences ?? []), ownerOf(stays)];
    await space.patch(pods, name, { metadata: { ownerReferences } });
  }
  await space.delete(replicationControllers, 'rc', { propagationPolicy: 'Foreground' });
  await running.until('it is gone', () => space.isGone(replicationControllers, 'rc'));
  await running.cluster.advance('30s');
  const left = await space.pods();
  assert.deepEqual(namesOf(left), [first, second]);
  assert.equal(others.length, 2);
  for (const { metadata } of left) {
    assert.deepEqual(
      metadata.ownerReferences?.map(({ name }) => name),
      ['stays'],
    );
  }
});

test('[sig-api-machinery] Garbage collector should not be blocked by dependency circle', async () => {
  const space = await running.newSpace();
  const spec = template.spec;
  const made = [];
  for (const name of ['pod1', 'pod2', 'pod3']) made.push(await space.create(pods, { metadata: { name }, spec }));
  for (const [index, owner] of [2, 0, 1].entries()) {
    const ownerReferences = [ownerOf(made[owner] ?? {}, { blockOwnerDeletion: true })];
    await space.patch(pods, `pod${index + 1}`, { metadata: { ownerReferences } });
  }
  await space.delete(pods, 'pod1', { propagationPolicy: 'Foreground' });
  await running.until('the circle is gone', async () => (await space.list(pods)).length === 0);
});
