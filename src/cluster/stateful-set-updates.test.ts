// How StatefulSets are updated and keep their history, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControllerRevision, StatefulSet } from '../api/types/apps.v1.ts';
import { controllerRevisions, statefulSets } from '../client/resources.ts';
import { statefulSetController } from '../controllers/stateful-set/index.ts';
import { templateOf, WorkloadScene } from './test-workloads.ts';

const scene = new WorkloadScene<StatefulSet>([statefulSetController], statefulSets, 'db');

function template(image = 'db:1'): StatefulSet['spec']['template'] {
  return templateOf('db', image);
}

function statefulSet(more: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'default' },
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template(), ...more },
  };
}

async function images(): Promise<Record<string, string | undefined>> {
  const all = await scene.pods();
  return Object.fromEntries(all.map(({ metadata, spec }) => [metadata.name, spec.containers?.[0]?.image]));
}

const rolling = (partition: number): NonNullable<StatefulSet['spec']['updateStrategy']> => ({
  type: 'RollingUpdate',
  rollingUpdate: { partition },
});

test('a revision holds a patch that restores the template', async () => {
  await scene.plane.client.create(statefulSets, {
    ...statefulSet(),
    metadata: { ...statefulSet().metadata, annotations: { why: 'test' } },
  });
  const [revision] = await scene.revisions();
  assert.ok(revision);
  assert.equal(revision.revision, 1);
  assert.match(revision.metadata.name ?? '', /^db-[bcdfghjklmnpqrstvwxz2456789]+$/);
  assert.equal(`db-${revision.metadata.labels?.['controller.kubernetes.io/hash']}`, revision.metadata.name);
  assert.equal(revision.metadata.labels?.['app'], 'db');
  assert.deepEqual(revision.metadata.annotations, { why: 'test' });
  assert.equal(revision.metadata.ownerReferences?.[0]?.name, 'db');
  const data = revision.data as { spec: { template: { $patch: string; spec: { containers: { image: string }[] } } } };
  assert.equal(data.spec.template.$patch, 'replace');
  assert.equal(data.spec.template.spec.containers[0]?.image, 'db:1');
});

test('an update replaces Pods from the highest ordinal down, one at a time', async () => {
  scene.runPods(({ spec }) => spec.containers?.[0]?.image !== 'db:broken');
  await scene.create(statefulSet());
  await scene.patch({ template: template('db:broken') });
  assert.deepEqual(await images(), { 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'db:broken' });
  const [old, broken] = await scene.revisions();
  const { status } = await scene.current();
  assert.equal(status?.currentRevision, old?.metadata.name);
  assert.equal(status?.updateRevision, broken?.metadata.name);
  assert.deepEqual([status?.currentReplicas, status?.updatedReplicas, status?.readyReplicas], [2, 1, 2]);
  // In order, a broken Pod must be deleted by hand (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback).
  await scene.patch({ template: template('db:2') });
  assert.equal((await images())['db-2'], 'db:broken');
  await scene.removePod('db-2');
  assert.deepEqual(await images(), { 'db-0': 'db:2', 'db-1': 'db:2', 'db-2': 'db:2' });
  const done = (await scene.current()).status;
  assert.equal(done?.currentRevision, done?.updateRevision);
  assert.equal(done?.currentReplicas, 3);
});

test('Pods below the partition keep their revision, also when they come back', async () => {
  scene.runPods();
  await scene.create(statefulSet({ updateStrategy: rolling(2) }));
  await scene.patch({ template: template('db:2') });
  assert.deepEqual(await images(), { 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'db:2' });
  await scene.removePod('db-0');
  assert.equal((await images())['db-0'], 'db:1');
  const { status } = await scene.current();
  assert.notEqual(status?.currentRevision, status?.updateRevision);
  assert.deepEqual([status?.currentReplicas, status?.updatedReplicas], [2, 1]);
  await scene.patch({ updateStrategy: rolling(0) });
  assert.deepEqual(new Set(Object.values(await images())), new Set(['db:2']));
});

test('with OnDelete, Pods are updated when they are deleted', async () => {
  scene.runPods();
  await scene.create(statefulSet({ updateStrategy: { type: 'OnDelete' } }));
  await scene.patch({ template: template('db:2') });
  assert.deepEqual(new Set(Object.values(await images())), new Set(['db:1']));
  await scene.removePod('db-1');
  assert.deepEqual(await images(), { 'db-0': 'db:1', 'db-1': 'db:2', 'db-2': 'db:1' });
});

test('patching back from a ControllerRevision rolls back, and makes the old revision the newest', async () => {
  scene.runPods();
  await scene.create(statefulSet());
  await scene.patch({ template: template('db:2') });
  const [first] = await scene.revisions();
  assert.ok(first);
  await scene.rollBackTo(first);
  await scene.rest();
  assert.deepEqual(new Set(Object.values(await images())), new Set(['db:1']));
  const history = await scene.revisions();
  assert.deepEqual(
    history.map(({ metadata, revision }) => [metadata.name === first.metadata.name, revision]),
    [
      [false, 2],
      [true, 3],
    ],
  );
  assert.equal((await scene.current()).status?.currentRevision, first.metadata.name);
});

test('as many old revisions are kept as spec.revisionHistoryLimit says', async () => {
  scene.runPods();
  await scene.create(statefulSet({ revisionHistoryLimit: 2 }));
  for (const image of ['db:2', 'db:3', 'db:4', 'db:5']) await scene.patch({ template: template(image) });
  await scene.plane.clock.advance(1000);
  const history = await scene.revisions();
  assert.deepEqual(
    history.map(({ revision }) => revision),
    [3, 4, 5],
  );
});

test('another revision with the same name is a collision, which is counted', async () => {
  await scene.create(statefulSet({ replicas: 0 }));
  const [revision] = await scene.revisions();
  assert.ok(revision);
  await scene.plane.client.delete(statefulSets, 'default', 'db', { propagationPolicy: 'Background' });
  await scene.rest();
  await scene.plane.client.delete(controllerRevisions, 'default', revision.metadata.name ?? '');
  const other = { metadata: { name: revision.metadata.name, namespace: 'default' }, data: { spec: {} }, revision: 7 };
  await scene.plane.client.create(controllerRevisions, other as ControllerRevision);
  await scene.create(statefulSet({ replicas: 0 }));
  const { status } = await scene.current();
  assert.equal(status?.collisionCount, 1);
  assert.notEqual(status?.updateRevision, revision.metadata.name);
  assert.ok((await scene.revisions()).some(({ metadata }) => metadata.name === status?.updateRevision));
});
