// How DaemonSets are updated and keep their history, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControllerRevision, DaemonSet } from '../api/types/apps.v1.ts';
import { controllerRevisions, daemonSets, pods } from '../client/resources.ts';
import { daemonSetController } from '../controllers/daemon-set/index.ts';
import { addNode, daemonSet, placed, runPods, statusOf, template } from './test-daemon-sets.ts';
import { setReady } from './test-pods.ts';
import { WorkloadScene } from './test-workloads.ts';

const scene = new WorkloadScene<DaemonSet>([daemonSetController], daemonSets, 'log');

test('an update replaces as many Pods at a time as maxUnavailable allows', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await addNode(scene, name);
  await scene.create(
    daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } } }),
  );
  await runPods(scene);
  await scene.patch({ template: template('log:broken') });
  await runPods(scene, ({ spec }) => spec.containers?.[0]?.image !== 'log:broken');
  const broken = (await placed(scene)).filter((text) => text.endsWith('broken'));
  assert.equal(broken.length, 2);
  const { updatedNumberScheduled, numberAvailable, numberUnavailable } = await statusOf(scene);
  assert.deepEqual([updatedNumberScheduled, numberAvailable, numberUnavailable], [2, 2, 2]);
  // What is broken is replaced whatever the budget, and the rest follows.
  await scene.patch({ template: template('log:2') });
  await runPods(scene);
  assert.deepEqual(await placed(scene), ['a log:2', 'b log:2', 'c log:2', 'd log:2']);
});

test('with surge, the new Pod is ready before the old one goes', async () => {
  for (const name of ['a', 'b']) await addNode(scene, name);
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } as const;
  await scene.create(daemonSet({ updateStrategy }));
  await runPods(scene);
  await scene.patch({ template: template('log:2') });
  await runPods(scene, () => false);
  const during = await placed(scene);
  assert.equal(during.length, 3);
  assert.equal(during.filter((text) => text.endsWith('log:1')).length, 2);
  for (const pod of await scene.pods()) await setReady(scene.plane, pod, true);
  await runPods(scene);
  assert.deepEqual(await placed(scene), ['a log:2', 'b log:2']);
});

test('with surge, an old Pod that does not work goes as soon as there is a new one', async () => {
  await addNode(scene, 'a');
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } as const;
  await scene.create(daemonSet({ updateStrategy }));
  await runPods(scene, () => false);
  await scene.patch({ template: template('log:2') });
  await runPods(scene, () => false);
  assert.deepEqual(await placed(scene), ['a log:2']);
});

test('with OnDelete, Pods are updated when they are deleted', async () => {
  for (const name of ['a', 'b']) await addNode(scene, name);
  await scene.create(daemonSet({ updateStrategy: { type: 'OnDelete' } }));
  await runPods(scene);
  await scene.patch({ template: template('log:2') });
  assert.deepEqual(await placed(scene), ['a log:1', 'b log:1']);
  const onA = (await scene.pods()).find(({ spec }) => spec.nodeName === 'a');
  await scene.plane.client.delete(pods, 'default', onA?.metadata.name ?? '', { gracePeriodSeconds: 0 });
  assert.deepEqual(await placed(scene), ['a log:2', 'b log:1']);
});

test('patching back from a ControllerRevision rolls back, and makes the old revision the newest', async () => {
  await addNode(scene, 'a');
  await scene.create(daemonSet());
  await runPods(scene);
  await scene.patch({ template: template('log:2') });
  await runPods(scene);
  const [first] = await scene.revisions();
  assert.ok(first);
  await scene.rollBackTo(first);
  await runPods(scene);
  assert.deepEqual(await placed(scene), ['a log:1']);
  assert.deepEqual(
    (await scene.revisions()).map(({ metadata, revision }) => [metadata.name === first.metadata.name, revision]),
    [
      [false, 2],
      [true, 3],
    ],
  );
});

test('as many old revisions are kept as spec.revisionHistoryLimit says', async () => {
  await scene.create(daemonSet({ revisionHistoryLimit: 1 }));
  for (const image of ['log:2', 'log:3', 'log:4']) await scene.patch({ template: template(image) });
  assert.deepEqual(await scene.revisionNumbers(), [3, 4]);
});

test('another revision with the same name is a collision, which is counted', async () => {
  await scene.create(daemonSet());
  const [revision] = await scene.revisions();
  assert.ok(revision);
  await scene.plane.client.delete(daemonSets, 'default', 'log', { propagationPolicy: 'Background' });
  await scene.rest();
  await scene.plane.client.delete(controllerRevisions, 'default', revision.metadata.name ?? '');
  const other = { metadata: { name: revision.metadata.name, namespace: 'default' }, data: { spec: {} }, revision: 7 };
  await scene.plane.client.create(controllerRevisions, other as ControllerRevision);
  await scene.create(daemonSet());
  assert.equal((await statusOf(scene)).collisionCount, 1);
  assert.equal((await scene.revisions()).length, 2);
});

test('of two revisions of the same template one stays, with the Pods of both', async () => {
  await addNode(scene, 'a');
  await scene.create(daemonSet());
  const [revision] = await scene.revisions();
  const [pod] = await scene.pods();
  assert.ok(revision && pod);
  const { name: _, ...metadata } = revision.metadata;
  const { resourceVersion: __, uid: ___, ...clean } = metadata;
  const labels = { ...metadata.labels, 'controller-revision-hash': 'twin' };
  await scene.plane.client.create(controllerRevisions, {
    ...revision,
    metadata: { ...clean, name: 'log-twin', labels },
    revision: 2,
  });
  await scene.patch({ minReadySeconds: 1 });
  assert.deepEqual(
    (await scene.revisions()).map(({ metadata: { name } }) => name),
    ['log-twin'],
  );
  const [after] = await scene.pods();
  assert.equal(after?.metadata.uid, pod.metadata.uid);
  assert.equal(after?.metadata.labels?.['controller-revision-hash'], 'twin');
});
