// The StatefulSet controller, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet } from '../api/types/apps.v1.ts';
import type { PersistentVolumeClaim } from '../api/types/core.v1.ts';
import { persistentVolumeClaims, pods, statefulSets } from '../client/resources.ts';
import { statefulSetController } from '../controllers/stateful-set/index.ts';
import { setFinished, setReady } from './test-pods.ts';
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

function claimTemplate(name = 'data'): PersistentVolumeClaim {
  return {
    metadata: { name, labels: { tier: 'storage' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

test('in order, each Pod is created when the one before it is ready, with an identity of its own', async () => {
  await scene.create(statefulSet());
  assert.deepEqual(await scene.podNames(), ['db-0']);
  const first = await scene.pod('db-0');
  const [revision] = await scene.revisions();
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
  await setReady(scene.plane, first, true);
  assert.deepEqual(await scene.podNames(), ['db-0', 'db-1']);
  await setReady(scene.plane, await scene.pod('db-1'), true);
  await setReady(scene.plane, await scene.pod('db-2'), true);
  const { status } = await scene.current();
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
  assert.deepEqual(await scene.messages('SuccessfulCreate'), [
    'create Pod db-0 in StatefulSet db successful',
    'create Pod db-1 in StatefulSet db successful',
    'create Pod db-2 in StatefulSet db successful',
  ]);
});

test('in parallel, all Pods are created and deleted at once', async () => {
  await scene.create(statefulSet({ podManagementPolicy: 'Parallel' }));
  assert.deepEqual(await scene.podNames(), ['db-0', 'db-1', 'db-2']);
  await scene.patch({ replicas: 0 });
  assert.deepEqual(await scene.podNames(), []);
  assert.deepEqual((await scene.messages('FailedCreate')).concat(await scene.messages('FailedDelete')), []);
});

test('scaled down, the highest ordinal goes first, each after the one before it is gone', async () => {
  scene.runPods();
  await scene.create(statefulSet());
  assert.equal((await scene.current()).status?.readyReplicas, 3);
  await scene.stopPods();
  for (const name of await scene.podNames()) {
    await scene.plane.client.patch(pods, 'default', name, 'merge', { metadata: { finalizers: ['example.com/wait'] } });
  }
  await scene.patch({ replicas: 1 });
  const terminating = async (): Promise<(string | undefined)[]> =>
    (await scene.pods())
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map(({ metadata }) => metadata.name);
  assert.deepEqual(await terminating(), ['db-2']);
  await scene.plane.client.patch(pods, 'default', 'db-2', 'merge', { metadata: { finalizers: null } });
  assert.deepEqual(await terminating(), ['db-1']);
  await scene.plane.client.patch(pods, 'default', 'db-1', 'merge', { metadata: { finalizers: null } });
  assert.deepEqual(await scene.podNames(), ['db-0']);
});

test('in order, nothing is scaled away while another Pod does not work', async () => {
  scene.runPods();
  await scene.create(statefulSet());
  await scene.rest();
  await setReady(scene.plane, await scene.pod('db-0'), false);
  await scene.patch({ replicas: 1 });
  assert.deepEqual(await scene.podNames(), ['db-0', 'db-1', 'db-2']);
  await setReady(scene.plane, await scene.pod('db-0'), true);
  assert.deepEqual(await scene.podNames(), ['db-0']);
});

test('a Pod that is deleted or ends comes back under its name', async () => {
  await scene.create(statefulSet({ replicas: 1 }));
  const { uid } = (await scene.pod('db-0')).metadata;
  await scene.removePod('db-0');
  const second = await scene.pod('db-0');
  assert.notEqual(second.metadata.uid, uid);
  await setFinished(scene.plane, second, 'Failed');
  const third = await scene.pod('db-0');
  assert.notEqual(third.metadata.uid, second.metadata.uid);
  await setFinished(scene.plane, third, 'Succeeded');
  // One that ends again and again is not replaced as fast as it ends.
  assert.equal((await scene.pod('db-0')).metadata.uid, third.metadata.uid);
  await scene.plane.clock.advance(1000);
  assert.notEqual((await scene.pod('db-0')).metadata.uid, third.metadata.uid);
  assert.ok((await scene.messages('SuccessfulDelete')).includes('delete Pod db-0 in StatefulSet db successful'));
});

test('ordinals begin where spec.ordinals.start says', async () => {
  scene.runPods();
  await scene.create(statefulSet({ replicas: 2, ordinals: { start: 5 } }));
  assert.deepEqual(await scene.podNames(), ['db-5', 'db-6']);
  assert.equal((await scene.pod('db-5')).metadata.labels?.['apps.kubernetes.io/pod-index'], '5');
  await scene.patch({ ordinals: { start: 6 } });
  assert.deepEqual(await scene.podNames(), ['db-6', 'db-7']);
});

test('Pods count as available after minReadySeconds, and the next is created then', async () => {
  await scene.create(statefulSet({ replicas: 2, minReadySeconds: 30 }));
  await setReady(scene.plane, await scene.pod('db-0'), true);
  await scene.plane.clock.advance(29_000);
  assert.deepEqual(await scene.podNames(), ['db-0']);
  const before = (await scene.current()).status;
  assert.deepEqual([before?.readyReplicas, before?.availableReplicas], [1, 0]);
  await scene.plane.clock.advance(3_000);
  assert.deepEqual(await scene.podNames(), ['db-0', 'db-1']);
  assert.equal((await scene.current()).status?.availableReplicas, 1);
});

test('a Pod without an owner is adopted when it has a name of the set; one that no longer matches is released', async () => {
  await scene.plane.client.create(pods, {
    metadata: { name: 'db-0', namespace: 'default', labels: { app: 'db' } },
    spec: { containers: [{ name: 'db', image: 'db:1' }] },
  });
  await scene.plane.client.create(pods, {
    metadata: { name: 'other', namespace: 'default', labels: { app: 'db' } },
    spec: { containers: [{ name: 'db', image: 'db:1' }] },
  });
  await scene.create(statefulSet({ replicas: 1, updateStrategy: { type: 'OnDelete' } }));
  assert.equal((await scene.pod('db-0')).metadata.ownerReferences?.[0]?.name, 'db');
  assert.equal((await scene.pod('other')).metadata.ownerReferences, undefined);
  await setReady(scene.plane, await scene.pod('db-0'), true);
  // Once it works, it gets the labels of its identity.
  assert.equal((await scene.pod('db-0')).metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-0');
  assert.deepEqual(await scene.messages('SuccessfulUpdate'), ['update Pod db-0 in StatefulSet db successful']);
  await scene.plane.client.patch(pods, 'default', 'db-0', 'merge', { metadata: { labels: { app: 'free' } } });
  assert.deepEqual((await scene.pod('db-0')).metadata.ownerReferences ?? [], []);
});

test('a Pod that is refused is told of and tried again', async () => {
  const demanding = { ...template(), spec: { ...template().spec, priorityClassName: 'missing' } };
  await scene.create(statefulSet({ template: demanding as never }));
  assert.deepEqual(await scene.podNames(), []);
  const [message] = await scene.messages('FailedCreate');
  assert.match(message ?? '', /^create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: /);
  await scene.patch({ template: { spec: { priorityClassName: null } } });
  await scene.plane.clock.advance(60_000);
  assert.deepEqual(await scene.podNames(), ['db-0']);
});

test('nothing is written at rest', async () => {
  scene.runPods();
  await scene.create(statefulSet({ volumeClaimTemplates: [claimTemplate()], minReadySeconds: 5 }));
  await scene.plane.clock.advance(60_000);
  const before = (await scene.plane.client.list(pods)).metadata.resourceVersion;
  await scene.plane.clock.advance(10 * 60_000);
  assert.equal((await scene.plane.client.list(pods)).metadata.resourceVersion, before);
});

test('claims belong to what the retention policy says', async () => {
  scene.runPods();
  const owners = async (claim: string): Promise<string[]> => {
    await scene.rest();
    const { metadata } = await scene.plane.client.get(persistentVolumeClaims, 'default', claim);
    return (metadata.ownerReferences ?? []).map(({ kind, name, controller }) => `${kind} ${name} ${controller}`);
  };
  const policy = { whenDeleted: 'Delete', whenScaled: 'Delete' } as const;
  await scene.create(
    statefulSet({ replicas: 2, volumeClaimTemplates: [claimTemplate()], persistentVolumeClaimRetentionPolicy: policy }),
  );
  assert.deepEqual(await owners('data-db-1'), ['StatefulSet db true']);
  await scene.patch({ replicas: 1 });
  // It is now for the garbage collector to delete the claim, since the Pod is gone.
  assert.deepEqual(await owners('data-db-1'), ['Pod db-1 true']);
  assert.deepEqual(await owners('data-db-0'), ['StatefulSet db true']);
  // The Pod comes back only with a new claim.
  await scene.patch({ replicas: 2 });
  assert.deepEqual(await scene.podNames(), ['db-0']);
  await scene.plane.client.patch(persistentVolumeClaims, 'default', 'data-db-1', 'merge', {
    metadata: { finalizers: null },
  });
  await scene.plane.client.delete(persistentVolumeClaims, 'default', 'data-db-1');
  assert.deepEqual(await scene.podNames(), ['db-0', 'db-1']);
  assert.deepEqual(await owners('data-db-1'), ['StatefulSet db true']);
  await scene.patch({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
  assert.deepEqual(await owners('data-db-0'), []);
});

test('a claim that something else controls is left to it, and told of', async () => {
  scene.runPods();
  const claim = claimTemplate();
  await scene.plane.client.create(persistentVolumeClaims, {
    ...claim,
    metadata: {
      name: 'data-db-0',
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'boss', uid: 'u-1', controller: true }],
    },
  });
  await scene.create(
    statefulSet({
      replicas: 1,
      volumeClaimTemplates: [claim],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
    }),
  );
  assert.deepEqual(await scene.podNames(), ['db-0']);
  const { metadata } = await scene.plane.client.get(persistentVolumeClaims, 'default', 'data-db-0');
  assert.deepEqual(
    metadata.ownerReferences?.map(({ name }) => name),
    ['boss'],
  );
  assert.match(
    (await scene.messages('ConflictingController'))[0] ?? '',
    /^PersistentVolumeClaim data-db-0 has a conflicting/,
  );
});
