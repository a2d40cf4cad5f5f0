// How Deployments replace their Pods.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, DeploymentSpec, ReplicaSet } from '../../src/api/types/apps.v1.ts';
import { deployments, events, pods, replicaSets } from '../../src/client/resources.ts';
import { nameOf, startRunningCluster, type Space } from './running-cluster.ts';
import { imageOf, imagePatch, templateOf } from './workload.ts';

const running = startRunningCluster();
const labels = { app: 'deployed' };
const selector = { matchLabels: labels };
const revisionAnnotation = 'deployment.kubernetes.io/revision';

function deployment(more: Partial<DeploymentSpec> = {}): Deployment {
  return { metadata: { name: 'd' }, spec: { replicas: 1, selector, template: templateOf(labels), ...more } };
}

async function completes(space: Space): Promise<void> {
  await running.until('the Deployment is complete', async () => {
    const { metadata, spec, status } = await space.get(deployments, 'd');
    return (
      status?.observedGeneration === metadata?.generation &&
      status?.updatedReplicas === spec?.replicas &&
      status?.replicas === spec?.replicas &&
      status?.availableReplicas === spec?.replicas
    );
  });
}

/** Desired Pods by image, of what is not scaled to nothing. */
async function replicasByImage(space: Space): Promise<Record<string, number>> {
  const sets = await space.list(replicaSets);
  return Object.fromEntries(sets.map((set) => [imageOfSet(set), set.spec?.replicas ?? 0]).filter(([, count]) => count));
}

function imageOfSet({ spec }: ReplicaSet): string {
  return spec?.template?.spec?.containers?.[0]?.image ?? '';
}

/** A ReplicaSet with running Pods that a Deployment will find. */
async function startOldSet(space: Space, replicas: number): Promise<void> {
  await space.create(replicaSets, {
    metadata: { name: 'old', labels, annotations: { [revisionAnnotation]: '3546343826724305832' } },
    spec: { replicas, selector, template: templateOf(labels, { image: imageOf('old') }) },
  });
  await space.readyPods(replicas);
}

test('[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones', async () => {
  const space = await running.newSpace();
  await startOldSet(space, 1);
  await space.create(deployments, deployment());
  await completes(space);
  const { metadata } = await space.get(deployments, 'd');
  // It goes on counting where the ReplicaSet that it adopted was.
  assert.equal(metadata?.annotations?.[revisionAnnotation], '3546343826724305833');
  const sets = await space.list(replicaSets);
  assert.equal(sets.length, 2);
  for (const set of sets) {
    assert.deepEqual(
      set.metadata?.ownerReferences?.map(({ name, controller }) => [name, controller]),
      [['d', true]],
    );
    assert.equal(set.spec?.replicas, imageOfSet(set) === imageOf('old') ? 0 : 1);
  }
  const [pod] = await space.readyPods(1);
  assert.equal(pod?.spec.containers?.[0]?.image, imageOf(1));
  const hash = pod?.metadata.labels?.['pod-template-hash'];
  assert.ok(sets.some((set) => nameOf(set) === `d-${hash}`));
});

test('[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones', async () => {
  const space = await running.newSpace();
  // Pods take their time to end; no new one may be beside an old one.
  const template = templateOf(labels, { script: { onStop: { exitAfterMs: 20_000 } } });
  await space.create(deployments, deployment({ replicas: 2, strategy: { type: 'Recreate' }, template }));
  await completes(space);
  const old = new Set((await space.readyPods(2)).map(nameOf));
  await space.patch(deployments, 'd', imagePatch(imageOf(2)));
  await running.cluster.advance('15s');
  assert.deepEqual(new Set((await space.list(pods)).map(nameOf)), old);
  await completes(space);
  const now = await space.readyPods(2);
  assert.ok(now.every((pod) => !old.has(nameOf(pod)) && pod.spec.containers?.[0]?.image === imageOf(2)));
});

test('[sig-apps] Deployment deployment should delete old replica sets', async () => {
  const space = await running.newSpace();
  await startOldSet(space, 1);
  await space.create(deployments, deployment({ revisionHistoryLimit: 0 }));
  await running.until('the old ReplicaSet is gone', () => space.isGone(replicaSets, 'old'));
  await completes(space);
  assert.deepEqual((await space.list(replicaSets)).map(imageOfSet), [imageOf(1)]);
});

test('[sig-apps] Deployment deployment should support rollover', async () => {
  const space = await running.newSpace();
  await startOldSet(space, 1);
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } as const;
  const never = { probes: { readiness: [{ result: 'failure' }] } } as const;
  const probed = {
    containers: [{ name: 'c', image: imageOf('stuck'), readinessProbe: { exec: { command: ['ready'] } } }],
  };
  const template = templateOf(labels, { script: never, spec: probed });
  await space.create(deployments, deployment({ strategy, minReadySeconds: 10, template }));
  await running.until('it is under way', async () => (await replicasByImage(space))[imageOf('stuck')] === 1);
  await running.cluster.advance('60s');
  // The new Pod is never ready, so the old one stays.
  assert.deepEqual(await replicasByImage(space), { [imageOf('old')]: 1, [imageOf('stuck')]: 1 });
  await running.client.patch(deployments, space.namespace, 'd', 'merge', {
    spec: { template: { metadata: { annotations: null }, spec: { containers: [{ name: 'c', image: imageOf(2) }] } } },
  });
  await completes(space);
  assert.deepEqual(await replicasByImage(space), { [imageOf(2)]: 1 });
});

test('[sig-apps] Deployment deployment should support proportional scaling', async () => {
  const space = await running.newSpace();
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } as const;
  await space.create(deployments, deployment({ replicas: 10, strategy }));
  await completes(space);
  // An image that cannot be had.
  const images = JSON.stringify({ [imageOf('missing')]: { error: 'not found' } });
  await space.patch(deployments, 'd', {
    spec: {
      template: {
        metadata: { annotations: { 'simulated.kubets.dev/images': images } },
        spec: { containers: [{ name: 'c', image: imageOf('missing') }] },
      },
    },
  });
  const first = { [imageOf(1)]: 8, [imageOf('missing')]: 5 };
  await running.until('8 stay and 5 are stuck', async () => isDeepEqual(await replicasByImage(space), first));
  await space.scale(deployments, 'd', 30);
  const second = { [imageOf(1)]: 20, [imageOf('missing')]: 13 };
  await running.until('20 stay and 13 are stuck', async () => isDeepEqual(await replicasByImage(space), second));
});

test('a Deployment is scaled, updated and deleted with its Pods', async () => {
  const space = await running.newSpace();
  await space.create(deployments, deployment());
  await completes(space);
  await space.patch(deployments, 'd', {
    metadata: { labels: { 'test-deployment': 'patched' } },
    spec: { replicas: 2 },
  });
  await completes(space);
  await space.patch(deployments, 'd', imagePatch(imageOf(2)));
  await completes(space);
  const { metadata, status } = await space.get(deployments, 'd');
  assert.deepEqual(
    [metadata?.labels, status?.readyReplicas, status?.conditions?.map(({ type, reason }) => `${type} ${reason}`)],
    [{ 'test-deployment': 'patched' }, 2, ['Available MinimumReplicasAvailable', 'Progressing NewReplicaSetAvailable']],
  );
  const told = (await space.list(events)).filter(({ involvedObject }) => involvedObject.kind === 'Deployment');
  assert.ok(told.every(({ reason }) => reason === 'ScalingReplicaSet') && told.length >= 4);
  await space.delete(deployments, 'd', { propagationPolicy: 'Background' });
  await running.until('all is gone', async () => (await space.list(pods)).length === 0);
});

function isDeepEqual(actual: object, expected: object): boolean {
  return JSON.stringify(Object.entries(actual).toSorted()) === JSON.stringify(Object.entries(expected).toSorted());
}
