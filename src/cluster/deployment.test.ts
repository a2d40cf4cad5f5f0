// The Deployment controller, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Deployment, ReplicaSet } from '../api/types/apps.v1.ts';
import type { Pod } from '../api/types/core.v1.ts';
import { deployments, events, pods, replicaSets } from '../client/resources.ts';
import { deploymentController } from '../controllers/deployment/index.ts';
import { replicaSetController } from '../controllers/replica-set/index.ts';
import { PodRunner } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
let runner: PodRunner;
/** Pods of these images never become ready. */
let broken: Set<string>;

beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [deploymentController, replicaSetController],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
  broken = new Set();
  runner = new PodRunner(plane, { becomesReady: (pod) => !broken.has(imageOf(pod)) });
});
afterEach(async () => {
  await runner.stop();
  await plane.stop();
});

function imageOf({ spec }: Pod | { spec?: Pod['spec'] }): string {
  return spec?.containers?.[0]?.image ?? '';
}

function web(replicas: number, more: object = {}): Deployment {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      ...more,
    },
  };
}

async function setImage(image: string): Promise<void> {
  const spec = { template: { spec: { containers: [{ name: 'web', image }] } } };
  await plane.client.patch(deployments, 'default', 'web', 'strategic', { spec });
}

/** Long enough for writes that met in conflict to be tried again. */
async function rest(): Promise<void> {
  await plane.clock.advance(1_000);
}

async function current(): Promise<Deployment> {
  await rest();
  return plane.client.get(deployments, 'default', 'web');
}

async function setsByImage(): Promise<Map<string, ReplicaSet>> {
  await rest();
  const { items } = await plane.client.list(replicaSets, 'default');
  return new Map(items.map((set) => [imageOf(set.spec?.template ?? {}), set]));
}

function reasonOf({ status }: Deployment, type: string): string | undefined {
  return status?.conditions?.find((condition) => condition.type === type)?.reason;
}

test('it makes a ReplicaSet of its template and is complete when all Pods are available', async () => {
  await plane.client.create(deployments, web(3));
  const deployment = await current();
  const [set] = (await setsByImage()).values();
  assert.ok(set);
  const hash = set.metadata.labels?.['pod-template-hash'] ?? '';
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]+$/);
  assert.equal(set.metadata.name, `web-${hash}`);
  assert.deepEqual(set.spec?.selector?.matchLabels, { app: 'web', 'pod-template-hash': hash });
  assert.equal(set.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  assert.equal(set.metadata.annotations?.['deployment.kubernetes.io/desired-replicas'], '3');
  assert.equal(set.metadata.annotations?.['deployment.kubernetes.io/max-replicas'], '4');
  assert.equal(deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  const { status = {} } = deployment;
  assert.deepEqual(
    [status.replicas, status.updatedReplicas, status.readyReplicas, status.availableReplicas],
    [3, 3, 3, 3],
  );
  assert.equal(reasonOf(deployment, 'Available'), 'MinimumReplicasAvailable');
  assert.equal(reasonOf(deployment, 'Progressing'), 'NewReplicaSetAvailable');
  const { items } = await plane.client.list(events, 'default', { fieldSelector: 'reason=ScalingReplicaSet' });
  assert.deepEqual(
    items.map(({ message }) => message),
    [`Scaled up replica set web-${hash} from 0 to 3`],
  );
});

test('a rolling update keeps within surge and unavailability at every moment', async () => {
  await plane.client.create(deployments, web(10));
  await current();
  const informed = { most: 0, fewest: Infinity };
  const stop = new AbortController();
  const watching = (async () => {
    const living = new Map<string, boolean>();
    for await (const { type, object } of plane.client.watch(pods, 'default', {}, stop.signal)) {
      const isReady = object.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
      const isGone = type === 'DELETED' || object.metadata.deletionTimestamp !== undefined;
      if (isGone) living.delete(object.metadata.name ?? '');
      else living.set(object.metadata.name ?? '', isReady);
      // What was there before the watch comes first.
      if (living.size < 10 && informed.most === 0) continue;
      informed.most = Math.max(informed.most, living.size);
      const ready = [...living.values()].filter(Boolean).length;
      informed.fewest = Math.min(informed.fewest, ready);
    }
  })();
  await rest();
  await setImage('web:2');
  await rest();
  stop.abort();
  await watching.catch(() => {});
  const sets = await setsByImage();
  assert.equal(sets.get('web:1')?.spec?.replicas, 0);
  assert.equal(sets.get('web:2')?.spec?.replicas, 10);
  assert.equal(sets.get('web:2')?.metadata.annotations?.['deployment.kubernetes.io/revision'], '2');
  assert.ok(informed.most <= 13, `${informed.most} Pods at once`);
  assert.ok(informed.fewest >= 8, `only ${informed.fewest} ready`);
  const deployment = await current();
  assert.equal(reasonOf(deployment, 'Progressing'), 'NewReplicaSetAvailable');
});

test('a broken revision stops short, exceeds its deadline, and going back finds the old ReplicaSet', async () => {
  await plane.client.create(deployments, web(4, { progressDeadlineSeconds: 60 }));
  await current();
  broken.add('web:2');
  await setImage('web:2');
  let deployment = await current();
  assert.equal(reasonOf(deployment, 'Progressing'), 'ReplicaSetUpdated');
  assert.equal(deployment.status?.availableReplicas, 3);
  await plane.clock.advance(75_000);
  deployment = await current();
  assert.equal(reasonOf(deployment, 'Progressing'), 'ProgressDeadlineExceeded');
  assert.equal(reasonOf(deployment, 'Available'), 'MinimumReplicasAvailable');
  const before = (await setsByImage()).get('web:1')?.metadata.uid;
  await setImage('web:1');
  deployment = await current();
  const sets = await setsByImage();
  assert.equal(sets.get('web:1')?.metadata.uid, before);
  assert.equal(sets.get('web:1')?.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
  assert.equal(sets.get('web:1')?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1');
  assert.equal(sets.get('web:2')?.spec?.replicas, 0);
  assert.equal(reasonOf(deployment, 'Progressing'), 'NewReplicaSetAvailable');
  assert.equal(deployment.status?.availableReplicas, 4);
});

test('recreating removes every old Pod before it makes a new one', async () => {
  await plane.client.create(deployments, web(3, { strategy: { type: 'Recreate' } }));
  await current();
  const stop = new AbortController();
  const images = new Map<string, string>();
  let mixed = false;
  const watching = (async () => {
    for await (const { type, object } of plane.client.watch(pods, 'default', {}, stop.signal)) {
      if (type === 'DELETED') images.delete(object.metadata.name ?? '');
      else images.set(object.metadata.name ?? '', imageOf(object));
      mixed ||= new Set(images.values()).size > 1;
    }
  })();
  await rest();
  await setImage('web:2');
  const deployment = await current();
  stop.abort();
  await watching.catch(() => {});
  assert.ok(!mixed);
  assert.equal(deployment.status?.availableReplicas, 3);
  assert.deepEqual(new Set(images.values()), new Set(['web:2']));
});

test('a paused Deployment rolls nothing out but scales, and goes on when it is resumed', async () => {
  await plane.client.create(deployments, web(2));
  await current();
  await plane.client.patch(deployments, 'default', 'web', 'merge', { spec: { paused: true } });
  assert.equal(reasonOf(await current(), 'Progressing'), 'DeploymentPaused');
  await setImage('web:2');
  await plane.client.patch(deployments, 'default', 'web', 'merge', { spec: { replicas: 3 } });
  let sets = await setsByImage();
  assert.deepEqual([...sets.keys()], ['web:1']);
  assert.equal(sets.get('web:1')?.spec?.replicas, 3);
  await plane.client.patch(deployments, 'default', 'web', 'merge', { spec: { paused: false } });
  sets = await setsByImage();
  assert.equal(sets.get('web:2')?.spec?.replicas, 3);
  assert.equal(sets.get('web:1')?.spec?.replicas, 0);
});

test('scaling in the middle of a rollout is spread in proportion', async () => {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
  await plane.client.create(deployments, web(10, { strategy }));
  await current();
  broken.add('web:2');
  await setImage('web:2');
  let sets = await setsByImage();
  assert.deepEqual([sets.get('web:1')?.spec?.replicas, sets.get('web:2')?.spec?.replicas], [8, 5]);
  await plane.client.patch(deployments, 'default', 'web', 'merge', { spec: { replicas: 15 } });
  sets = await setsByImage();
  // The numbers of upstream's documentation.
  assert.deepEqual([sets.get('web:1')?.spec?.replicas, sets.get('web:2')?.spec?.replicas], [11, 7]);
});

test('old revisions beyond the limit are removed', async () => {
  await plane.client.create(deployments, web(1, { revisionHistoryLimit: 2 }));
  for (let version = 2; version <= 6; version++) {
    await current();
    await setImage(`web:${version}`);
  }
  await current();
  await plane.clock.advance(1_000);
  assert.deepEqual(new Set((await setsByImage()).keys()), new Set(['web:4', 'web:5', 'web:6']));
});

test('nothing is written at rest', async () => {
  await plane.client.create(deployments, web(3));
  await plane.clock.advance(30_000);
  const before = (await plane.client.list(pods)).metadata.resourceVersion;
  await plane.clock.advance(10 * 60_000);
  assert.equal((await plane.client.list(pods)).metadata.resourceVersion, before);
});
