// PersistentVolumes, claims, StorageClasses, VolumeAttachments, CSIDrivers and CSINodes as objects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/api/types/core.v1.ts';
import type { CSIDriver, CSINode, StorageClass, VolumeAttachment } from '../../src/api/types/storage.v1.ts';
import { notFound, startCluster, type Resource, type Stored } from './cluster.ts';

const cluster = startCluster();
const group = 'storage.k8s.io/v1';

interface Labelled {
  readonly metadata: object;
}

async function relabel<T extends Labelled>(
  resource: Resource<T>,
  name: string,
  how: 'patch' | 'update',
): Promise<void> {
  const value = how === 'patch' ? 'patched' : 'updated';
  if (how === 'patch') {
    await resource.patch(name, { metadata: { labels: { [name]: value } } }, { type: 'strategic-merge' });
  } else {
    const object = await resource.get(name);
    await resource.update({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, [name]: value } },
    });
  }
  assert.deepEqual(await resource.names({ labelSelector: `${name}=${value}` }), [name]);
}

async function assertGone<T extends object>(resource: Resource<T>, name: string): Promise<void> {
  // Protected objects wait for a controller, whose part is played.
  const object = await resource.get(name).catch(() => undefined);
  if (object !== undefined) {
    assert.ok(object.metadata.deletionTimestamp, `${name} is not being deleted`);
    await resource.patch(name, { metadata: { finalizers: null } });
  }
  await assert.rejects(resource.get(name), notFound);
}

/** Creates, reads, patches and deletes one; creates another, updates it and deletes it with its collection. */
async function assertLives<T extends Labelled>(resource: Resource<T>, object: (name: string) => T): Promise<void> {
  const created = await resource.create(object('first'));
  assert.deepEqual(await resource.get('first'), created);
  await relabel(resource, 'first', 'patch');
  await resource.delete('first');
  await assertGone(resource, 'first');
  await resource.create(object('second'));
  await relabel(resource, 'second', 'update');
  await resource.deleteCollection({ labelSelector: 'second=updated' });
  await assertGone(resource, 'second');
}

function volume(name: string): PersistentVolume {
  return {
    metadata: { name },
    spec: {
      storageClassName: 'e2e',
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: '/tmp/data' },
    },
  };
}

function claim(name: string): PersistentVolumeClaim {
  return {
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'e2e',
      volumeName: 'v',
    },
  };
}

test('[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC', async () => {
  await assertLives<PersistentVolume>(cluster.resource('v1', 'persistentvolumes'), volume);
  const claims = cluster.resource<PersistentVolumeClaim>('v1', 'persistentvolumeclaims', await cluster.newNamespace());
  await assertLives(claims, claim);
});

test('[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status', async () => {
  const volumes = cluster.resource<PersistentVolume>('v1', 'persistentvolumes');
  const claims = cluster.resource<PersistentVolumeClaim>('v1', 'persistentvolumeclaims', await cluster.newNamespace());
  const createdVolume = await volumes.create(volume('status'));
  const createdClaim = await claims.create(claim('status'));
  assert.equal((await volumes.get('status', 'status')).status?.phase, 'Pending');
  assert.equal((await claims.get('status', 'status')).status?.phase, 'Pending');
  const condition = (type: string): NonNullable<PersistentVolumeClaim['status']>['conditions'] & object => [
    {
      type: type as 'Resizing',
      status: 'True',
      lastProbeTime: '2026-01-02T15:04:05Z',
      lastTransitionTime: '2026-01-02T15:04:05Z',
      reason: 'E2E',
      message: 'Set from e2e test',
    },
  ];
  const patchedClaim = await claims.patch(
    'status',
    { metadata: { labels: { a: 'b' } }, status: { conditions: condition('StatusPatched') } },
    { subresource: 'status' },
  );
  assert.deepEqual(patchedClaim.status?.conditions, condition('StatusPatched'));
  const patchedVolume = await volumes.patch(
    'status',
    { status: { message: 'StatusPatched', reason: 'E2E patchStatus' }, spec: { storageClassName: 'other' } },
    { subresource: 'status' },
  );
  assert.deepEqual([patchedVolume.status?.message, patchedVolume.status?.reason], ['StatusPatched', 'E2E patchStatus']);
  assert.deepEqual(patchedVolume.spec, createdVolume.spec);
  const updatedClaim = await claims.update(
    { ...patchedClaim, status: { ...patchedClaim.status, conditions: condition('StatusUpdated') } },
    'status',
  );
  assert.deepEqual(updatedClaim.status?.conditions, condition('StatusUpdated'));
  assert.deepEqual(updatedClaim.spec, createdClaim.spec);
  const updatedVolume = await volumes.update(
    { ...patchedVolume, status: { ...patchedVolume.status, message: 'StatusUpdated', phase: 'Available' } },
    'status',
  );
  assert.deepEqual([updatedVolume.status?.message, updatedVolume.status?.phase], ['StatusUpdated', 'Available']);
});

test('[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass', async () => {
  await assertLives<StorageClass>(cluster.resource(group, 'storageclasses'), (name) => ({
    metadata: { name },
    provisioner: 'e2e-fake-provisioner',
  }));
});

test('[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode', async () => {
  await assertLives<CSINode>(cluster.resource(group, 'csinodes'), (name) => ({
    metadata: { name },
    spec: { drivers: [] },
  }));
});

test('[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver', async () => {
  const drivers = cluster.resource<CSIDriver>(group, 'csidrivers');
  await assertLives(drivers, (name) => ({ metadata: { name }, spec: { attachRequired: false } }));
  for (const name of ['a', 'b']) await drivers.create({ metadata: { name, labels: { two: 'yes' } }, spec: {} });
  assert.deepEqual(await drivers.names({ labelSelector: 'two=yes' }), ['a', 'b']);
});

function attachment(name: string): VolumeAttachment {
  return {
    metadata: { name, labels: { e2e: 'attachment' } },
    spec: { attacher: 'e2e-test.csi.example.com', nodeName: 'node', source: { persistentVolumeName: `pv-${name}` } },
  };
}

test('[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment', async () => {
  const attachments = cluster.resource<VolumeAttachment>(group, 'volumeattachments');
  await assertLives(attachments, attachment);
  for (const name of ['second', 'third']) {
    await attachments.create(attachment(name));
    await relabel(attachments, name, 'update');
  }
  await attachments.deleteCollection({ labelSelector: 'e2e=attachment' });
  assert.deepEqual(await attachments.names({ labelSelector: 'e2e=attachment' }), []);
});

test('[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status', async () => {
  const attachments = cluster.resource<VolumeAttachment>(group, 'volumeattachments');
  const created: Stored<VolumeAttachment> = await attachments.create({
    ...attachment('status'),
    status: { attached: true },
  });
  await relabel(attachments, 'status', 'patch');
  const read = await attachments.get('status', 'status');
  assert.equal(read.status?.attached, false);
  const patched = await attachments.patch('status', { status: { attached: true } }, { subresource: 'status' });
  assert.equal(patched.status?.attached, true);
  const updated = await attachments.update({ ...patched, status: { attached: false } }, 'status');
  assert.equal(updated.status?.attached, false);
  assert.deepEqual(updated.spec, created.spec);
  await attachments.delete('status');
  await assert.rejects(attachments.get('status'), notFound);
});
