// DefaultStorageClass, StorageObjectInUseProtection, PersistentVolumeClaimResize, DefaultIngressClass.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AdmissionServer, refused, type Answer, type Room } from './admission-server.ts';

const server = AdmissionServer.forTests();
const storageClasses = '/apis/storage.k8s.io/v1/storageclasses';

function claim(name: string, spec: object = {}): object {
  const resources = { requests: { storage: '1Gi' } };
  return { metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources, ...spec } };
}

function classOf({ spec }: Answer): unknown {
  return (spec as { storageClassName?: string }).storageClassName;
}

async function makeClass(name: string, extra: object = {}, annotations: object = {}): Promise<void> {
  await server.create(storageClasses, { metadata: { name, annotations }, provisioner: 'example.com/p', ...extra });
}

test('DefaultStorageClass: a claim that names no class has the default one', async () => {
  const room = await server.newNamespace();
  assert.equal(classOf(await room.create('PersistentVolumeClaim', claim('before'))), undefined);
  await makeClass('usual', {}, { 'storageclass.kubernetes.io/is-default-class': 'true' });
  assert.equal(classOf(await room.create('PersistentVolumeClaim', claim('after'))), 'usual');
  assert.equal(classOf(await room.create('PersistentVolumeClaim', claim('none', { storageClassName: '' }))), '');
  assert.equal(classOf(await room.create('PersistentVolumeClaim', claim('own', { storageClassName: 'own' }))), 'own');
  await server.client.request('DELETE', `${storageClasses}/usual`);
});

test('StorageObjectInUseProtection: storage stays as long as somebody may use it', async () => {
  const room = await server.newNamespace();
  const made = await room.create('PersistentVolumeClaim', claim('c'));
  assert.deepEqual(made.metadata.finalizers, ['kubernetes.io/pvc-protection']);
  const volume = await server.create('/api/v1/persistentvolumes', {
    metadata: { name: 'v' },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, nfs: { server: 's', path: '/p' } },
  });
  assert.deepEqual(volume.metadata.finalizers, ['kubernetes.io/pv-protection']);
  const plain = await room.create('ConfigMap', { metadata: { name: 'c' } });
  assert.equal(plain.metadata.finalizers, undefined);
});

describe('PersistentVolumeClaimResize', () => {
  const grow = (room: Room, name: string): Promise<Answer> =>
    server.client.request<Answer>('PATCH', room.path('PersistentVolumeClaim', name), {
      body: { spec: { resources: { requests: { storage: '2Gi' } } } },
      contentType: 'application/merge-patch+json',
    });
  const bind = (room: Room, name: string): Promise<unknown> =>
    server.client.request('PATCH', `${room.path('PersistentVolumeClaim', name)}/status`, {
      body: { status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } },
      contentType: 'application/merge-patch+json',
    });
  const bound = async (storageClassName: string): Promise<Room> => {
    const room = await server.newNamespace();
    await room.create('PersistentVolumeClaim', claim('c', { storageClassName, volumeName: 'v' }));
    await bind(room, 'c');
    return room;
  };
  const unable =
    'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

  test('a claim grows where its class can make its volume grow', async () => {
    await makeClass('elastic', { allowVolumeExpansion: true });
    const grown = await grow(await bound('elastic'), 'c');
    assert.deepEqual((grown['spec'] as { resources: unknown }).resources, { requests: { storage: '2Gi' } });
  });

  test('it does not where the class cannot, or is not there', async () => {
    await makeClass('stiff');
    await refused(grow(await bound('stiff'), 'c'), 403, unable);
    await refused(grow(await bound('absent'), 'c'), 403, unable);
  });

  test('nor before it is bound', async () => {
    const room = await server.newNamespace();
    await room.create('PersistentVolumeClaim', claim('c', { storageClassName: 'elastic' }));
    // Validation says so before the plugin is asked.
    await refused(
      grow(room, 'c'),
      422,
      /spec is immutable after creation except resources.requests .* for bound claims/,
    );
  });
});

test('DefaultIngressClass: an Ingress that names no class has the default one', async () => {
  const room = await server.newNamespace();
  const classes = '/apis/networking.k8s.io/v1/ingressclasses';
  const path = `/apis/networking.k8s.io/v1/namespaces/${room.name}/ingresses`;
  const spec = { defaultBackend: { service: { name: 's', port: { number: 80 } } } };
  const make = async (name: string, extra: object = {}): Promise<unknown> => {
    const made = await server.create(path, { metadata: { name }, spec: { ...spec, ...extra } });
    return (made['spec'] as { ingressClassName?: string }).ingressClassName;
  };
  assert.equal(await make('before'), undefined);
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
  await server.create(classes, { metadata: { name: 'usual', annotations }, spec: { controller: 'example.com/c' } });
  assert.equal(await make('after'), 'usual');
  assert.equal(await make('own', { ingressClassName: 'own' }), 'own');
});
