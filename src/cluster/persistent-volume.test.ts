// Binding of claims and volumes, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/types/core.v1.ts';
import { events, persistentVolumeClaims, persistentVolumes, storageClasses } from '../client/resources.ts';
import { persistentVolumeBinderController } from '../controllers/persistent-volume/index.ts';
import { claimProtectionController, volumeProtectionController } from '../controllers/volume-protection/index.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [persistentVolumeBinderController, claimProtectionController, volumeProtectionController],
    flags: ['--authorization-mode=RBAC'],
  });
});
afterEach(() => plane.stop());

async function createVolume(
  name: string,
  storage: string,
  more: Partial<PersistentVolume['spec']> = {},
): Promise<void> {
  await plane.client.create(persistentVolumes, {
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage }, hostPath: { path: '/data' }, ...more },
  });
}

async function createClaim(
  name: string,
  storage: string,
  more: Partial<PersistentVolumeClaim['spec']> = {},
): Promise<void> {
  await plane.client.create(persistentVolumeClaims, {
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage } }, ...more },
  });
}

async function claim(name: string): Promise<PersistentVolumeClaim> {
  await plane.clock.advance(1_000);
  return plane.client.get(persistentVolumeClaims, 'default', name);
}

async function volume(name: string): Promise<PersistentVolume> {
  await plane.clock.advance(1_000);
  return plane.client.get(persistentVolumes, undefined, name);
}

async function told(): Promise<[string | undefined, string | undefined][]> {
  await plane.settle();
  return (await plane.client.list(events)).items.map(({ reason, message }) => [reason, message]);
}

test('a claim gets the smallest volume that is large enough, and both say so', async () => {
  await createVolume('large', '10Gi');
  await createVolume('small', '1Gi');
  await createVolume('right', '5Gi');
  assert.equal((await volume('right')).status?.phase, 'Available');
  await createClaim('c', '2Gi');
  const bound = await claim('c');
  assert.equal(bound.spec.volumeName, 'right');
  assert.deepEqual(bound.status, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } });
  assert.deepEqual(bound.metadata.annotations, {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  });
  const { spec, status, metadata } = await volume('right');
  assert.equal(status?.phase, 'Bound');
  assert.equal(spec.claimRef?.uid, bound.metadata.uid);
  assert.equal(metadata.annotations?.['pv.kubernetes.io/bound-by-controller'], 'yes');
});

test('one that nothing suits waits, and is bound when a volume comes; at rest nothing is written', async () => {
  await createClaim('c', '2Gi');
  assert.equal((await claim('c')).status?.phase, 'Pending');
  const message = 'no persistent volumes available for this claim and no storage class is set';
  assert.deepEqual(await told(), [['FailedBinding', message]]);
  await createVolume('v', '2Gi');
  assert.equal((await claim('c')).status?.phase, 'Bound');
  const before = (await plane.client.list(persistentVolumes)).metadata.resourceVersion;
  await plane.clock.advance(60_000);
  assert.equal((await plane.client.list(persistentVolumes)).metadata.resourceVersion, before);
});

test('a volume is kept when its claim goes; one that nobody can delete has failed', async () => {
  await createVolume('kept', '1Gi', { persistentVolumeReclaimPolicy: 'Retain' });
  await createVolume('deleted', '2Gi', { persistentVolumeReclaimPolicy: 'Delete' });
  await createClaim('a', '1Gi');
  await createClaim('b', '2Gi');
  assert.deepEqual([(await claim('a')).spec.volumeName, (await claim('b')).spec.volumeName], ['kept', 'deleted']);
  await plane.client.deleteCollection(persistentVolumeClaims, 'default');
  assert.equal((await volume('kept')).status?.phase, 'Released');
  assert.equal((await volume('deleted')).status?.phase, 'Failed');
  // What was released still holds what was the old claim's: a new one does not get it.
  await createClaim('a', '1Gi');
  assert.equal((await claim('a')).status?.phase, 'Pending');
});

test('a claim whose volume goes is lost', async () => {
  await createVolume('v', '1Gi');
  await createClaim('c', '1Gi');
  await claim('c');
  await plane.client.patch(persistentVolumes, undefined, 'v', 'merge', { metadata: { finalizers: null } });
  await plane.client.delete(persistentVolumes, undefined, 'v');
  await plane.client
    .patch(persistentVolumes, undefined, 'v', 'merge', { metadata: { finalizers: null } })
    .catch(() => {});
  assert.equal((await claim('c')).status?.phase, 'Lost');
  const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
  assert.ok((await told()).some(([reason, text]) => reason === 'ClaimLost' && text === message));
});

test('a class that waits for its first consumer binds nothing but what names the claim', async () => {
  await plane.client.create(storageClasses, {
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  await createVolume('v', '1Gi', { storageClassName: 'local' });
  await createClaim('c', '1Gi', { storageClassName: 'local' });
  assert.equal((await claim('c')).status?.phase, 'Pending');
  assert.deepEqual(await told(), [['WaitForFirstConsumer', 'waiting for first consumer to be created before binding']]);
  // As the scheduler does, once it has a node.
  const { uid = '' } = (await claim('c')).metadata;
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace: 'default', name: 'c', uid };
  await plane.client.patch(persistentVolumes, undefined, 'v', 'merge', { spec: { claimRef } });
  assert.equal((await claim('c')).status?.phase, 'Bound');
});

test('an external provisioner is told of the claim that is its', async () => {
  await createClaim('c', '1Gi', { storageClassName: 'fast' });
  assert.equal((await claim('c')).status?.phase, 'Pending');
  await plane.client.create(storageClasses, { metadata: { name: 'fast' }, provisioner: 'csi.example.com' });
  const { annotations } = (await claim('c')).metadata;
  assert.equal(annotations?.['volume.kubernetes.io/storage-provisioner'], 'csi.example.com');
  assert.deepEqual(
    (await told()).map(([reason]) => reason),
    ['ProvisioningFailed', 'ExternalProvisioning'],
  );
});

test('a volume that a user chose must be large enough, and nobody else’s', async () => {
  await createVolume('tiny', '1Gi');
  await createClaim('c', '2Gi', { volumeName: 'tiny' });
  assert.equal((await claim('c')).status?.phase, 'Pending');
  await createClaim('other', '1Gi');
  assert.equal((await claim('other')).status?.phase, 'Bound');
  assert.deepEqual(await told(), [
    ['VolumeMismatch', 'Cannot bind to requested volume "tiny": requested PV is too small'],
    ['FailedBinding', 'volume "tiny" already bound to a different claim.'],
  ]);
});

test('a claim without a class gets the default one when there is one', async () => {
  await plane.client.create(persistentVolumeClaims, {
    metadata: { name: 'c', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  assert.equal((await claim('c')).spec.storageClassName, undefined);
  await plane.client.create(storageClasses, {
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'csi.example.com',
  });
  assert.equal((await claim('c')).spec.storageClassName, 'standard');
});
