// In which order StatefulSets make, update and remove their Pods.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSetSpec } from '../../src/api/types/apps.v1.ts';
import { pods, services, statefulSets } from '../../src/client/resources.ts';
import { isReady, nameOf, namesOf, startRunningCluster, type Space } from './running-cluster.ts';
import { imageOf, imagePatch, templateOf } from './workload.ts';

/** The namespaces in which no Pod is ready. */
const unhealthy = new Set<string>();
const running = startRunningCluster({
  simulation: {
    scripts: {
      container: ({ namespace }) => ({
        get exec() {
          return [{ cmd: ['ready'], exitCode: unhealthy.has(namespace) ? 1 : 0 }];
        },
      }),
    },
  },
});
const labels = { app: 'set' };
const revisionLabel = 'controller-revision-hash';

async function create(space: Space, more: Partial<StatefulSetSpec> = {}): Promise<void> {
  const readinessProbe = { exec: { command: ['ready'] }, periodSeconds: 1, failureThreshold: 1 };
  const template = templateOf(labels, { spec: { containers: [{ name: 'c', image: imageOf(1), readinessProbe }] } });
  await space.create(services, {
    metadata: { name: 'set' },
    spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] },
  });
  await space.create(statefulSets, {
    metadata: { name: 'set' },
    spec: { serviceName: 'set', replicas: 3, selector: { matchLabels: labels }, template, ...more },
  });
}

async function setHealth(space: Space, isHealthy: boolean): Promise<void> {
  if (isHealthy) unhealthy.delete(space.namespace);
  else unhealthy.add(space.namespace);
  await running.until('the Pods show it', async () => (await space.pods()).every((pod) => isReady(pod) === isHealthy));
}

function only(seen: readonly string[], type: 'ADDED' | 'DELETED'): string[] {
  return seen.filter((line) => line.startsWith(type)).map((line) => line.slice(type.length + 1));
}

async function names(space: Space): Promise<string[]> {
  return namesOf(await space.list(pods));
}

/** Pod → version of its image. */
async function versions(space: Space): Promise<Record<string, string>> {
  const all = await space.list(pods);
  return Object.fromEntries(
    all.map((pod) => [nameOf(pod), pod.spec.containers?.[0]?.image?.split(':')[1] ?? '']).toSorted(),
  );
}

async function isRolledOut(space: Space): Promise<boolean> {
  const { metadata, spec, status } = await space.get(statefulSets, 'set');
  const all = await space.pods();
  return (
    status?.observedGeneration === metadata?.generation &&
    status?.updateRevision === status?.currentRevision &&
    status?.readyReplicas === spec?.replicas &&
    all.length === spec?.replicas &&
    all.every((pod) => pod.metadata.labels?.[revisionLabel] === status?.updateRevision)
  );
}

test('[sig-apps] StatefulSet Basic StatefulSet functionality Scaling should happen in predictable order and halt if any stateful pod is unhealthy', async () => {
  const space = await running.newSpace();
  await create(space, { replicas: 1 });
  await space.readyPods(1);
  const seen = await space.record(pods);
  await setHealth(space, false);
  await space.scale(statefulSets, 'set', 3);
  await running.cluster.advance('30s');
  assert.deepEqual(await names(space), ['set-0']);
  await setHealth(space, true);
  await space.readyPods(3);
  assert.deepEqual(only(seen, 'ADDED'), ['set-1', 'set-2']);
  await setHealth(space, false);
  await space.scale(statefulSets, 'set', 0);
  await running.cluster.advance('30s');
  assert.deepEqual(await names(space), ['set-0', 'set-1', 'set-2']);
  unhealthy.delete(space.namespace);
  await running.until('no Pod is left', async () => (await names(space)).length === 0);
  assert.deepEqual(only(seen, 'DELETED'), ['set-2', 'set-1', 'set-0']);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality Burst scaling should run to completion even with unhealthy pods', async () => {
  const space = await running.newSpace();
  unhealthy.add(space.namespace);
  await create(space, { replicas: 1, podManagementPolicy: 'Parallel' });
  await running.until('the first is there', async () => (await names(space)).length === 1);
  await space.scale(statefulSets, 'set', 3);
  await running.until('all are there', async () => (await names(space)).length === 3);
  assert.ok((await space.pods()).every((pod) => !isReady(pod)));
  await setHealth(space, true);
  await space.readyPods(3);
  await setHealth(space, false);
  await space.scale(statefulSets, 'set', 0);
  await running.until('no Pod is left', async () => (await names(space)).length === 0);
  const { status } = await space.get(statefulSets, 'set');
  assert.equal(status?.replicas, 0);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality Should recreate evicted statefulset', async () => {
  const space = await running.newSpace();
  const ports = [{ containerPort: 21017, hostPort: 21017 }];
  const spec = { nodeName: 'node-0', containers: [{ name: 'c', image: imageOf(1), ports }] };
  await space.create(pods, { metadata: { name: 'test-pod' }, spec });
  await space.readyPods(1);
  const seen = await space.record(pods);
  await create(space, { replicas: 1, template: templateOf(labels, { spec }) });
  // The node has no room for it: it fails, and is made again, with another uid.
  await running.until('it was made again', async () => only(seen, 'ADDED').length > 1);
  assert.deepEqual(new Set(only(seen, 'ADDED')), new Set(['set-0']));
  assert.ok(only(seen, 'DELETED').includes('set-0'));
  await space.delete(pods, 'test-pod', { gracePeriodSeconds: 0 });
  await space.readyPods(1, 'app=set');
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality should perform rolling updates and roll backs of template modifications', async () => {
  const space = await running.newSpace();
  await create(space);
  await running.until('it runs', () => isRolledOut(space));
  const first = (await space.get(statefulSets, 'set')).status?.currentRevision;
  const seen = await space.record(pods);
  for (const version of [2, 1]) {
    await space.patch(statefulSets, 'set', imagePatch(imageOf(version)));
    const { metadata } = await space.get(statefulSets, 'set');
    await running.until('it is seen', async () => {
      const { status } = await space.get(statefulSets, 'set');
      return status?.observedGeneration === metadata?.generation;
    });
    await running.until('it is rolled out', () => isRolledOut(space));
    assert.deepEqual(only(seen.splice(0), 'ADDED'), ['set-2', 'set-1', 'set-0']);
    const { status } = await space.get(statefulSets, 'set');
    assert.equal(status?.currentRevision === first, version === 1);
    assert.deepEqual(new Set(Object.values(await versions(space))), new Set([String(version)]));
  }
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality should perform canary updates and phased rolling updates of template modifications', async () => {
  const space = await running.newSpace();
  const setPartition = (partition: number): Promise<unknown> =>
    space.patch(statefulSets, 'set', { spec: { updateStrategy: { rollingUpdate: { partition } } } });
  const shows = (expected: readonly string[]): Promise<void> =>
    running.until(`the images are ${expected.join(', ')}`, async () => {
      const all = await space.list(pods);
      return all.every(isReady) && JSON.stringify(Object.values(await versions(space))) === JSON.stringify(expected);
    });
  await create(space, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } } });
  await space.readyPods(3);
  await space.patch(statefulSets, 'set', imagePatch(imageOf(2)));
  await running.cluster.advance('30s');
  await shows(['1', '1', '1']);
  const { status } = await space.get(statefulSets, 'set');
  assert.notEqual(status?.updateRevision, status?.currentRevision);
  await setPartition(2);
  await shows(['1', '1', '2']);
  // What is deleted comes back as it was.
  const before = new Map((await space.list(pods)).map((pod) => [nameOf(pod), pod.metadata.uid]));
  await space.delete(pods, 'set-0');
  await space.delete(pods, 'set-2');
  await space.readyPods(3);
  await shows(['1', '1', '2']);
  const after = new Map((await space.list(pods)).map((pod) => [nameOf(pod), pod.metadata.uid]));
  assert.deepEqual(
    ['set-0', 'set-1', 'set-2'].map((name) => before.get(name) === after.get(name)),
    [false, true, false],
  );
  await setPartition(1);
  await shows(['1', '2', '2']);
  await setPartition(0);
  await shows(['2', '2', '2']);
  await running.until('it is rolled out', () => isRolledOut(space));
});
