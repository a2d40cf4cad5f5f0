// Protection of claims, volumes and classes in use, and ephemeral volumes, against a real API server.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { PersistentVolumeClaim, Pod } from '../api/types/core.v1.ts';
import { persistentVolumeClaims, persistentVolumes, pods, volumeAttributesClasses } from '../client/resources.ts';
import { ephemeralVolumeController } from '../controllers/ephemeral-volume/index.ts';
import {
  attributesClassProtectionController,
  claimProtectionController,
  volumeProtectionController,
} from '../controllers/volume-protection/index.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [
      claimProtectionController,
      volumeProtectionController,
      attributesClassProtectionController,
      ephemeralVolumeController,
    ],
    flags: ['--disable-admission-plugins=ServiceAccount', '--authorization-mode=RBAC'],
  });
});
afterEach(() => plane.stop());

const claimSpec: PersistentVolumeClaim['spec'] = {
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
};

async function createClaim(name: string, more: Partial<PersistentVolumeClaim['spec']> = {}): Promise<void> {
  await plane.client.create(persistentVolumeClaims, {
    metadata: { name, namespace: 'default' },
    spec: { ...claimSpec, ...more },
  });
}

function createPod(name: string, volume: object, nodeName?: string): Promise<Pod> {
  return plane.client.create(pods, {
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'data', ...volume }],
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  });
}

async function claims(): Promise<string[]> {
  await plane.clock.advance(1_000);
  return (await plane.client.list(persistentVolumeClaims, 'default')).items.map(({ metadata }) => metadata.name ?? '');
}

test('a claim that a Pod on a node names stays until the Pod is gone', async () => {
  await createClaim('used');
  await createClaim('pending');
  await createPod('running', { persistentVolumeClaim: { claimName: 'used' } }, 'node');
  await createPod('waiting', { persistentVolumeClaim: { claimName: 'pending' } });
  await plane.client.delete(persistentVolumeClaims, 'default', 'used');
  await plane.client.delete(persistentVolumeClaims, 'default', 'pending');
  assert.deepEqual(await claims(), ['used']);
  await plane.client.delete(pods, 'default', 'running', { gracePeriodSeconds: 0 });
  assert.deepEqual(await claims(), []);
});

test('one that was made before admission knew of it is protected too', async () => {
  await createClaim('old');
  await plane.client.patch(persistentVolumeClaims, 'default', 'old', 'merge', { metadata: { finalizers: null } });
  await plane.settle();
  const { metadata } = await plane.client.get(persistentVolumeClaims, 'default', 'old');
  assert.deepEqual(metadata.finalizers, ['kubernetes.io/pvc-protection']);
});

test('a volume stays as long as it is bound', async () => {
  await plane.client.create(persistentVolumes, {
    metadata: { name: 'v' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: '/tmp/v' },
    },
  });
  const setPhase = (phase: string): Promise<unknown> =>
    plane.client.patch(persistentVolumes, undefined, 'v', 'merge', { status: { phase } }, { subresource: 'status' });
  const volumes = async (): Promise<number> => {
    await plane.settle();
    return (await plane.client.list(persistentVolumes)).items.length;
  };
  await setPhase('Bound');
  await plane.client.delete(persistentVolumes, undefined, 'v');
  assert.equal(await volumes(), 1);
  await setPhase('Released');
  assert.equal(await volumes(), 0);
});

test('a class of attributes stays as long as a claim has it', async () => {
  await plane.client.create(volumeAttributesClasses, {
    metadata: { name: 'fast' },
    driverName: 'csi.example.com',
    parameters: { iops: '1000' },
  });
  await createClaim('c', { volumeAttributesClassName: 'fast' });
  const classes = async (): Promise<number> => {
    await plane.settle();
    return (await plane.client.list(volumeAttributesClasses)).items.length;
  };
  await plane.settle();
  await plane.client.delete(volumeAttributesClasses, undefined, 'fast');
  assert.equal(await classes(), 1);
  await plane.client.delete(persistentVolumeClaims, 'default', 'c');
  assert.equal(await classes(), 0);
});

test('an ephemeral volume has a claim of its Pod, which is made again when it is lost', async () => {
  const metadata = { labels: { app: 'web' }, annotations: { note: 'x' } };
  const pod = await createPod('web', { ephemeral: { volumeClaimTemplate: { metadata, spec: claimSpec } } });
  assert.deepEqual(await claims(), ['web-data']);
  const claim = await plane.client.get(persistentVolumeClaims, 'default', 'web-data');
  assert.deepEqual(claim.metadata.ownerReferences, [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      name: 'web',
      uid: pod.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  assert.deepEqual(claim.metadata.labels, { app: 'web' });
  assert.deepEqual(claim.spec.resources, claimSpec.resources);
  await plane.client.delete(persistentVolumeClaims, 'default', 'web-data');
  assert.deepEqual(await claims(), ['web-data']);
  const again = await plane.client.get(persistentVolumeClaims, 'default', 'web-data');
  assert.notEqual(again.metadata.uid, claim.metadata.uid);
});

test('a claim of the same name that is somebody else’s is left alone, and not protected by the Pod', async () => {
  await createClaim('web-data');
  await createPod('web', { ephemeral: { volumeClaimTemplate: { spec: claimSpec } } }, 'node');
  assert.deepEqual(await claims(), ['web-data']);
  assert.equal(
    (await plane.client.get(persistentVolumeClaims, 'default', 'web-data')).metadata.ownerReferences,
    undefined,
  );
});
