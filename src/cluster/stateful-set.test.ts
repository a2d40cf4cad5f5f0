// The StatefulSet controller, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ControllerRevision, StatefulSet } from '../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod } from '../api/types/core.v1.ts';
import { controllerRevisions, events, persistentVolumeClaims, pods, statefulSets } from '../client/resources.ts';
import { compareRevisions } from '../controllers/history.ts';
import { statefulSetController } from '../controllers/stateful-set/index.ts';
import { PodRunner, setFinished, setReady } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
let runner: PodRunner | undefined;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [statefulSetController],
    // With no more rights than their service accounts have.
    flags: [
      '--authorization-mode=RBAC',
      '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
      '--disable-admission-plugins=ServiceAccount',
    ],
  });
});
afterEach(async () => {
  await runner?.stop();
  runner = undefined;
  await plane.stop();
});

function runPods(becomesReady?: (pod: Pod) => boolean): void {
  runner = new PodRunner(plane, becomesReady === undefined ? {} : { becomesReady });
}

function template(image = 'db:1'): StatefulSet['spec']['template'] {
  return { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image }] } };
}

function statefulSet(more: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'default' },
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template(), ...more },
  };
}

function claimTemplate(name = 'data'): PersistentVolumeClaim {
  return {
    metadata: { name, labels: { tier: 'storage' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

/** Until nothing is written any more: a chain of Pods that wait for each other takes several rounds. */
async function rest(): Promise<void> {
  let last: string | undefined;
  for (let calm = 0; calm < 2;) {
    await plane.settle();
    const { resourceVersion } = (await plane.client.list(pods)).metadata;
    calm = resourceVersion === last ? calm + 1 : 0;
    last = resourceVersion;
  }
}

async function podsByName(): Promise<Map<string, Pod>> {
  await rest();
  const { items } = await plane.client.list(pods, 'default');
  return new Map(items.map((pod) => [pod.metadata.name ?? '', pod]));
}

async function names(): Promise<string[]> {
  return [...(await podsByName()).keys()].sort();
}

async function pod(name: string): Promise<Pod> {
  const found = (await podsByName()).get(name);
  assert.ok(found, `no pod ${name}`);
  return found;
}

async function create(set: StatefulSet): Promise<void> {
  await plane.client.create(statefulSets, set);
  await rest();
}

async function current(): Promise<StatefulSet> {
  await rest();
  return plane.client.get(statefulSets, 'default', 'db');
}

async function patch(spec: object): Promise<void> {
  await plane.client.patch(statefulSets, 'default', 'db', 'merge', { spec });
  await rest();
}

async function remove(name: string): Promise<void> {
  await plane.client.delete(pods, 'default', name, { gracePeriodSeconds: 0 });
  await rest();
}

async function revisions(): Promise<ControllerRevision[]> {
  await rest();
  return (await plane.client.list(controllerRevisions, 'default')).items.sort(compareRevisions);
}

async function messages(reason: string): Promise<string[]> {
  await rest();
  const told = (await plane.client.list(events, 'default')).items;
  return told.filter((event) => event.reason === reason).map(({ message }) => message ?? '');
}

async function images(): Promise<Record<string, string | undefined>> {
  return Object.fromEntries([...(await podsByName())].map(([name, { spec }]) => [name, spec.containers?.[0]?.image]));
}

const rolling = (partition: number): NonNullable<StatefulSet['spec']['updateStrategy']> => ({
  type: 'RollingUpdate',
  rollingUpdate: { partition },
});

test('in order, each Pod is created when the one before it is ready, with an identity of its own', async () => {
  await create(statefulSet());
  assert.deepEqual(await names(), ['db-0']);
  const first = await pod('db-0');
  const [revision] = await revisions();
  assert.ok(revision);
  assert.deepEqual(first.metadata.labels, {
    app: 'db',
    'apps.kubernetes.io/pod-index': '0',
    'controller-revision-hash': revision.metadata.name,
    'statefulset.kubernetes.io/pod-name': 'db-0',
  });
  assert.equal(first.metadata.generateName, 'db-');
  assert.equal(first.spec.hostname, 'db-0');
  assert.equal(first.spec.subdomain, 'db');
  assert.equal(first.metadata.ownerReferences?.[0]?.kind, 'StatefulSet');
  assert.equal(first.metadata.ownerReferences?.[0]?.controller, true);
  await setReady(plane, first, true);
  assert.deepEqual(await names(), ['db-0', 'db-1']);
  await setReady(plane, await pod('db-1'), true);
  await setReady(plane, await pod('db-2'), true);
  const { status } = await current();
  assert.deepEqual(status, {
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: revision.metadata.name,
    updateRevision: revision.metadata.name,
    collisionCount: 0,
    availableReplicas: 3,
  });
  assert.deepEqual(await messages('SuccessfulCreate'), [
    'create Pod db-0 in StatefulSet db successful',
    'create Pod db-1 in StatefulSet db successful',
    'create Pod db-2 in StatefulSet db successful',
  ]);
});

test('a revision holds a patch that restores the template', async () => {
  await plane.client.create(statefulSets, {
    ...statefulSet(),
    metadata: { ...statefulSet().metadata, annotations: { why: 'test' } },
  });
  const [revision] = await revisions();
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

test('in parallel, all Pods are created and deleted at once', async () => {
  await create(statefulSet({ podManagementPolicy: 'Parallel' }));
  assert.deepEqual(await names(), ['db-0', 'db-1', 'db-2']);
  await patch({ replicas: 0 });
  assert.deepEqual(await names(), []);
  assert.deepEqual((await messages('FailedCreate')).concat(await messages('FailedDelete')), []);
});

test('scaled down, the highest ordinal goes first, each after the one before it is gone', async () => {
  runPods();
  await create(statefulSet());
  assert.equal((await current()).status?.readyReplicas, 3);
  await runner?.stop();
  for (const name of await names()) {
    await plane.client.patch(pods, 'default', name, 'merge', { metadata: { finalizers: ['example.com/wait'] } });
  }
  await patch({ replicas: 1 });
  const terminating = async (): Promise<string[]> =>
    [...(await podsByName())]
      .filter(([, { metadata }]) => metadata.deletionTimestamp !== undefined)
      .map(([name]) => name);
  assert.deepEqual(await terminating(), ['db-2']);
  await plane.client.patch(pods, 'default', 'db-2', 'merge', { metadata: { finalizers: null } });
  assert.deepEqual(await terminating(), ['db-1']);
  await plane.client.patch(pods, 'default', 'db-1', 'merge', { metadata: { finalizers: null } });
  assert.deepEqual(await names(), ['db-0']);
});

test('in order, nothing is scaled away while another Pod does not work', async () => {
  runPods();
  await create(statefulSet());
  await rest();
  await setReady(plane, await pod('db-0'), false);
  await patch({ replicas: 1 });
  assert.deepEqual(await names(), ['db-0', 'db-1', 'db-2']);
  await setReady(plane, await pod('db-0'), true);
  assert.deepEqual(await names(), ['db-0']);
});

test('a Pod that is deleted or ends comes back under its name', async () => {
  await create(statefulSet({ replicas: 1 }));
  const { uid } = (await pod('db-0')).metadata;
  await remove('db-0');
  const second = await pod('db-0');
  assert.notEqual(second.metadata.uid, uid);
  await setFinished(plane, second, 'Failed');
  const third = await pod('db-0');
  assert.notEqual(third.metadata.uid, second.metadata.uid);
  await setFinished(plane, third, 'Succeeded');
  assert.notEqual((await pod('db-0')).metadata.uid, third.metadata.uid);
  assert.ok((await messages('SuccessfulDelete')).includes('delete Pod db-0 in StatefulSet db successful'));
});

test('an update replaces Pods from the highest ordinal down, one at a time', async () => {
  runPods(({ spec }) => spec.containers?.[0]?.image !== 'db:broken');
  await create(statefulSet());
  await patch({ template: template('db:broken') });
  assert.deepEqual(await images(), { 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'db:broken' });
  const [old, broken] = await revisions();
  const { status } = await current();
  assert.equal(status?.currentRevision, old?.metadata.name);
  assert.equal(status?.updateRevision, broken?.metadata.name);
  assert.deepEqual([status?.currentReplicas, status?.updatedReplicas, status?.readyReplicas], [2, 1, 2]);
  // In order, a broken Pod must be deleted by hand (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback).
  await patch({ template: template('db:2') });
  assert.equal((await images())['db-2'], 'db:broken');
  await remove('db-2');
  assert.deepEqual(await images(), { 'db-0': 'db:2', 'db-1': 'db:2', 'db-2': 'db:2' });
  const done = (await current()).status;
  assert.equal(done?.currentRevision, done?.updateRevision);
  assert.equal(done?.currentReplicas, 3);
});

test('Pods below the partition keep their revision, also when they come back', async () => {
  runPods();
  await create(statefulSet({ updateStrategy: rolling(2) }));
  await patch({ template: template('db:2') });
  assert.deepEqual(await images(), { 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'db:2' });
  await remove('db-0');
  assert.equal((await images())['db-0'], 'db:1');
  const { status } = await current();
  assert.notEqual(status?.currentRevision, status?.updateRevision);
  assert.deepEqual([status?.currentReplicas, status?.updatedReplicas], [2, 1]);
  await patch({ updateStrategy: rolling(0) });
  assert.deepEqual(new Set(Object.values(await images())), new Set(['db:2']));
});

test('with OnDelete, Pods are updated when they are deleted', async () => {
  runPods();
  await create(statefulSet({ updateStrategy: { type: 'OnDelete' } }));
  await patch({ template: template('db:2') });
  assert.deepEqual(new Set(Object.values(await images())), new Set(['db:1']));
  await remove('db-1');
  assert.deepEqual(await images(), { 'db-0': 'db:1', 'db-1': 'db:2', 'db-2': 'db:1' });
});

test('patching back from a ControllerRevision rolls back, and makes the old revision the newest', async () => {
  runPods();
  await create(statefulSet());
  await patch({ template: template('db:2') });
  const [first] = await revisions();
  assert.ok(first);
  await plane.client.patch(statefulSets, 'default', 'db', 'strategic', first.data);
  await rest();
  assert.deepEqual(new Set(Object.values(await images())), new Set(['db:1']));
  const history = await revisions();
  assert.deepEqual(
    history.map(({ metadata, revision }) => [metadata.name === first.metadata.name, revision]),
    [
      [false, 2],
      [true, 3],
    ],
  );
  assert.equal((await current()).status?.currentRevision, first.metadata.name);
});

test('as many old revisions are kept as spec.revisionHistoryLimit says', async () => {
  runPods();
  await create(statefulSet({ revisionHistoryLimit: 2 }));
  for (const image of ['db:2', 'db:3', 'db:4', 'db:5']) await patch({ template: template(image) });
  await plane.clock.advance(1000);
  const history = await revisions();
  assert.deepEqual(
    history.map(({ revision }) => revision),
    [3, 4, 5],
  );
});

test('another revision with the same name is a collision, which is counted', async () => {
  await create(statefulSet({ replicas: 0 }));
  const [revision] = await revisions();
  assert.ok(revision);
  await plane.client.delete(statefulSets, 'default', 'db', { propagationPolicy: 'Background' });
  await rest();
  await plane.client.delete(controllerRevisions, 'default', revision.metadata.name ?? '');
  const other = { metadata: { name: revision.metadata.name, namespace: 'default' }, data: { spec: {} }, revision: 7 };
  await plane.client.create(controllerRevisions, other as ControllerRevision);
  await create(statefulSet({ replicas: 0 }));
  const { status } = await current();
  assert.equal(status?.collisionCount, 1);
  assert.notEqual(status?.updateRevision, revision.metadata.name);
  assert.ok((await revisions()).some(({ metadata }) => metadata.name === status?.updateRevision));
});

test('ordinals begin where spec.ordinals.start says', async () => {
  runPods();
  await create(statefulSet({ replicas: 2, ordinals: { start: 5 } }));
  assert.deepEqual(await names(), ['db-5', 'db-6']);
  assert.equal((await pod('db-5')).metadata.labels?.['apps.kubernetes.io/pod-index'], '5');
  await patch({ ordinals: { start: 6 } });
  assert.deepEqual(await names(), ['db-6', 'db-7']);
});

test('Pods count as available after minReadySeconds, and the next is created then', async () => {
  await create(statefulSet({ replicas: 2, minReadySeconds: 30 }));
  await setReady(plane, await pod('db-0'), true);
  await plane.clock.advance(29_000);
  assert.deepEqual(await names(), ['db-0']);
  const before = (await current()).status;
  assert.deepEqual([before?.readyReplicas, before?.availableReplicas], [1, 0]);
  await plane.clock.advance(3_000);
  assert.deepEqual(await names(), ['db-0', 'db-1']);
  assert.equal((await current()).status?.availableReplicas, 1);
});

test('a Pod without an owner is adopted when it has a name of the set; one that no longer matches is released', async () => {
  await plane.client.create(pods, {
    metadata: { name: 'db-0', namespace: 'default', labels: { app: 'db' } },
    spec: { containers: [{ name: 'db', image: 'db:1' }] },
  });
  await plane.client.create(pods, {
    metadata: { name: 'other', namespace: 'default', labels: { app: 'db' } },
    spec: { containers: [{ name: 'db', image: 'db:1' }] },
  });
  await create(statefulSet({ replicas: 1, updateStrategy: { type: 'OnDelete' } }));
  assert.equal((await pod('db-0')).metadata.ownerReferences?.[0]?.name, 'db');
  assert.equal((await pod('other')).metadata.ownerReferences, undefined);
  await setReady(plane, await pod('db-0'), true);
  // Once it works, it gets the labels of its identity.
  assert.equal((await pod('db-0')).metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-0');
  assert.deepEqual(await messages('SuccessfulUpdate'), ['update Pod db-0 in StatefulSet db successful']);
  await plane.client.patch(pods, 'default', 'db-0', 'merge', { metadata: { labels: { app: 'free' } } });
  assert.deepEqual((await pod('db-0')).metadata.ownerReferences ?? [], []);
});

test('each Pod has claims of its own, which stay when it is scaled away', async () => {
  runPods();
  const volumes = [
    { name: 'data', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
  ];
  const spec = { ...template().spec, volumes } as StatefulSet['spec']['template']['spec'];
  await create(
    statefulSet({ replicas: 2, volumeClaimTemplates: [claimTemplate()], template: { ...template(), spec } as never }),
  );
  const first = await pod('db-0');
  assert.deepEqual(
    first.spec.volumes?.map(({ name, persistentVolumeClaim }) => [name, persistentVolumeClaim?.claimName]),
    [
      ['data', 'data-db-0'],
      ['tmp', undefined],
    ],
  );
  await patch({ replicas: 1 });
  const claims = (await plane.client.list(persistentVolumeClaims, 'default')).items;
  assert.deepEqual(
    claims.map(({ metadata }) => metadata.name),
    ['data-db-0', 'data-db-1'],
  );
  assert.deepEqual(claims[0]?.metadata.labels, { tier: 'storage', app: 'db' });
  assert.equal(claims[0]?.metadata.ownerReferences, undefined);
  const told = await messages('SuccessfulCreate');
  assert.ok(told.includes('create Claim data-db-0 Pod db-0 in StatefulSet db success'));
});

test('claims belong to what the retention policy says', async () => {
  runPods();
  const owners = async (claim: string): Promise<string[]> => {
    await rest();
    const { metadata } = await plane.client.get(persistentVolumeClaims, 'default', claim);
    return (metadata.ownerReferences ?? []).map(({ kind, name, controller }) => `${kind} ${name} ${controller}`);
  };
  const policy = { whenDeleted: 'Delete', whenScaled: 'Delete' } as const;
  await create(
    statefulSet({ replicas: 2, volumeClaimTemplates: [claimTemplate()], persistentVolumeClaimRetentionPolicy: policy }),
  );
  assert.deepEqual(await owners('data-db-1'), ['StatefulSet db true']);
  await patch({ replicas: 1 });
  // It is now for the garbage collector to delete the claim, since the Pod is gone.
  assert.deepEqual(await owners('data-db-1'), ['Pod db-1 true']);
  assert.deepEqual(await owners('data-db-0'), ['StatefulSet db true']);
  // The Pod comes back only with a new claim.
  await patch({ replicas: 2 });
  assert.deepEqual(await names(), ['db-0']);
  await plane.client.patch(persistentVolumeClaims, 'default', 'data-db-1', 'merge', { metadata: { finalizers: null } });
  await plane.client.delete(persistentVolumeClaims, 'default', 'data-db-1');
  assert.deepEqual(await names(), ['db-0', 'db-1']);
  assert.deepEqual(await owners('data-db-1'), ['StatefulSet db true']);
  await patch({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
  assert.deepEqual(await owners('data-db-0'), []);
});

test('a claim that something else controls is left to it, and told of', async () => {
  runPods();
  const claim = claimTemplate();
  await plane.client.create(persistentVolumeClaims, {
    ...claim,
    metadata: {
      name: 'data-db-0',
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'boss', uid: 'u-1', controller: true }],
    },
  });
  await create(
    statefulSet({
      replicas: 1,
      volumeClaimTemplates: [claim],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
    }),
  );
  assert.deepEqual(await names(), ['db-0']);
  const { metadata } = await plane.client.get(persistentVolumeClaims, 'default', 'data-db-0');
  assert.deepEqual(
    metadata.ownerReferences?.map(({ name }) => name),
    ['boss'],
  );
  assert.match(
    (await messages('ConflictingController'))[0] ?? '',
    /^PersistentVolumeClaim data-db-0 has a conflicting/,
  );
});

test('a Pod that is refused is told of and tried again', async () => {
  const demanding = { ...template(), spec: { ...template().spec, priorityClassName: 'missing' } };
  await create(statefulSet({ template: demanding as never }));
  assert.deepEqual(await names(), []);
  const [message] = await messages('FailedCreate');
  assert.match(message ?? '', /^create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: /);
  await patch({ template: { spec: { priorityClassName: null } } });
  await plane.clock.advance(60_000);
  assert.deepEqual(await names(), ['db-0']);
});

test('nothing is written at rest', async () => {
  runPods();
  await create(statefulSet({ volumeClaimTemplates: [claimTemplate()], minReadySeconds: 5 }));
  await plane.clock.advance(60_000);
  const before = (await plane.client.list(pods)).metadata.resourceVersion;
  await plane.clock.advance(10 * 60_000);
  assert.equal((await plane.client.list(pods)).metadata.resourceVersion, before);
});
