// Pods and PodTemplates as objects: what the server does with them before any node does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodSpec } from '../../src/api/types/core.v1.ts';
import { invalid, notFound, startCluster, type Resource, type Stored } from './cluster.ts';

const cluster = startCluster();

async function podsOf(): Promise<Resource<Pod>> {
  return cluster.resource('v1', 'pods', await cluster.newNamespace());
}

function pod(name: string, labels: Record<string, string> = {}, spec: Partial<PodSpec> = {}): Pod {
  return {
    metadata: { name, labels },
    spec: { containers: [{ name: 'c', image: 'registry.example/c:1' }], terminationGracePeriodSeconds: 0, ...spec },
  };
}

test('[sig-node] Pods should be submitted and removed', async () => {
  const pods = await podsOf();
  const labelSelector = 'time=now';
  const watch = await pods.watch({ labelSelector });
  await pods.create(pod('p', { name: 'foo', time: 'now' }, { terminationGracePeriodSeconds: 30 }));
  assert.deepEqual(await pods.names({ labelSelector }), ['p']);
  assert.equal((await watch.next()).type, 'ADDED');
  // As if a node had it: it then waits for that node.
  await cluster.client.request('POST', `${pods.path}/p/binding`, {
    body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } },
  });
  assert.equal((await watch.next()).object.metadata.name, 'p');
  await pods.delete('p');
  const { type, object } = await watch.next();
  assert.equal(type, 'MODIFIED');
  const { deletionTimestamp, deletionGracePeriodSeconds } = (object as unknown as Stored<Pod>).metadata;
  assert.ok(deletionTimestamp);
  assert.equal(deletionGracePeriodSeconds, 30);
  // What the node says in the end.
  await pods.delete('p', { gracePeriodSeconds: 0 });
  assert.equal((await watch.next()).type, 'DELETED');
  assert.deepEqual(await pods.names({ labelSelector }), []);
});

test('[sig-node] Pods should be updated', async () => {
  const pods = await podsOf();
  const created = await pods.create(pod('p', { name: 'foo', time: 'before' }));
  assert.deepEqual(await pods.names({ labelSelector: 'time=before' }), ['p']);
  await pods.update({ ...created, metadata: { ...created.metadata, labels: { name: 'foo', time: 'after' } } });
  assert.deepEqual(await pods.names({ labelSelector: 'time=after' }), ['p']);
  assert.deepEqual(await pods.names({ labelSelector: 'time=before' }), []);
});

test('[sig-node] Pods should allow activeDeadlineSeconds to be updated', async () => {
  const pods = await podsOf();
  const created = await pods.create(pod('p'));
  const updated = await pods.update({ ...created, spec: { ...created.spec, activeDeadlineSeconds: 5 } });
  assert.equal(updated.spec.activeDeadlineSeconds, 5);
  assert.equal((await pods.patch('p', { spec: { activeDeadlineSeconds: 4 } })).spec.activeDeadlineSeconds, 4);
  // It may be brought forward, not put off.
  await assert.rejects(pods.patch('p', { spec: { activeDeadlineSeconds: 6 } }), invalid);
  await assert.rejects(pods.patch('p', { spec: { activeDeadlineSeconds: null } }), invalid);
});

test('[sig-node] Pods should delete a collection of pods', async () => {
  const pods = await podsOf();
  const labelSelector = 'type=Testing';
  for (const name of ['one', 'two', 'three']) await pods.create(pod(name, { type: 'Testing' }));
  assert.equal((await pods.names({ labelSelector })).length, 3);
  await pods.deleteCollection({ labelSelector });
  assert.deepEqual(await pods.names({ labelSelector }), []);
});

test('[sig-node] Pods should run through the lifecycle of Pods and PodStatus', async () => {
  const pods = await podsOf();
  const watch = await pods.watch({ labelSelector: 'test-pod-static=true' });
  await pods.create(pod('p', { 'test-pod-static': 'true' }));
  assert.equal((await watch.next()).type, 'ADDED');
  await assert.rejects(pods.patch('p', { spec: { restartPolicy: 'Never' } }), invalid);
  await pods.patch(
    'p',
    {
      metadata: { labels: { 'test-pod': 'patched' } },
      spec: { containers: [{ name: 'c', image: 'registry.example/c:2' }] },
    },
    { type: 'strategic-merge' },
  );
  const patched = await pods.get('p', 'status');
  assert.equal(patched.metadata.labels?.['test-pod'], 'patched');
  assert.equal(patched.spec.containers?.[0]?.image, 'registry.example/c:2');
  const conditions = [{ type: 'Ready', status: 'False' as const }];
  const replaced = await pods.update({ ...patched, status: { ...patched.status, conditions } }, 'status');
  assert.equal(replaced.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
  assert.deepEqual((await pods.get('p')).status, replaced.status);
  await pods.deleteCollection({ labelSelector: 'test-pod-static=true' }, { gracePeriodSeconds: 0 });
  assert.deepEqual(
    (await watch.take(3)).map(({ type }) => type),
    ['MODIFIED', 'MODIFIED', 'DELETED'],
  );
  assert.deepEqual(await pods.names(), []);
});

test('[sig-node] Pods should patch a pod status', async () => {
  const pods = await podsOf();
  const created = await pods.create(pod('p'));
  const patched = await pods.patch(
    'p',
    { spec: { nodeName: 'n' }, status: { message: 'Patched by e2e test', reason: 'E2E' } },
    { type: 'strategic-merge', subresource: 'status' },
  );
  assert.deepEqual([patched.status?.message, patched.status?.reason], ['Patched by e2e test', 'E2E']);
  assert.deepEqual(patched.spec, created.spec);
});

test('[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu', async () => {
  const pods = await podsOf();
  const resources = { requests: { cpu: '100m', memory: '100Mi' }, limits: { cpu: '0.1', memory: '100Mi' } };
  const created = await pods.create(pod('p', {}, { containers: [{ name: 'c', image: 'i', resources }] }));
  assert.equal(created.status?.qosClass, 'Guaranteed');
});

test('[sig-node] Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update', async () => {
  const pods = await podsOf();
  const created = await pods.create({ ...pod('p'), metadata: { name: 'p', generation: 100 } });
  assert.equal(created.metadata.generation, 1);
  const generationAfter = async (body: object): Promise<number | undefined> =>
    (await pods.patch('p', body, { type: 'strategic-merge' })).metadata.generation;
  assert.equal(await generationAfter({ spec: { activeDeadlineSeconds: 500 } }), 2);
  assert.equal(await generationAfter({ spec: { containers: [{ name: 'c', image: 'registry.example/c:2' }] } }), 3);
  assert.equal(
    await generationAfter({ spec: { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }] } }),
    4,
  );
  assert.equal(await generationAfter({ metadata: { labels: { a: 'b' }, generation: 9 } }), 4);
  const status = await pods.patch('p', { status: { message: 'x' } }, { subresource: 'status' });
  assert.equal(status.metadata.generation, 4);
});

test('[sig-node] Ephemeral Containers should update the ephemeral containers in an existing pod', async () => {
  const pods = await podsOf();
  await pods.create(pod('p'));
  const container = (name: string): object => ({ name, image: 'busybox', stdin: true, tty: true });
  const add = (...names: string[]): Promise<Stored<Pod>> =>
    pods.patch(
      'p',
      { spec: { ephemeralContainers: names.map(container) } },
      { type: 'strategic-merge', subresource: 'ephemeralcontainers' },
    );
  const one = await add('debugger');
  assert.deepEqual(
    one.spec.ephemeralContainers?.map(({ name }) => name),
    ['debugger'],
  );
  const two = await pods.update(
    {
      ...one,
      spec: {
        ...one.spec,
        ephemeralContainers: [...(one.spec.ephemeralContainers ?? []), { name: 'second', image: 'busybox' }],
      },
    },
    'ephemeralcontainers',
  );
  assert.deepEqual(
    (await pods.get('p')).spec.ephemeralContainers?.map(({ name }) => name),
    ['debugger', 'second'],
  );
  // They are not to be removed, nor to be changed through the Pod.
  await assert.rejects(
    pods.update({ ...two, spec: { ...two.spec, ephemeralContainers: [] } }, 'ephemeralcontainers'),
    invalid,
  );
  await assert.rejects(pods.update({ ...two, spec: { ...two.spec, ephemeralContainers: [] } }), invalid);
});

test('[sig-node] Sysctls should reject invalid sysctls', async () => {
  const pods = await podsOf();
  const names = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..'];
  const sysctls = names.map((name) => ({ name, value: 'x' }));
  await assert.rejects(pods.create(pod('p', {}, { securityContext: { sysctls } })), (error: Error) => {
    assert.match(error.message, /^Pod "p" is invalid: \[/);
    const refused = names.filter((name) => error.message.includes(`Invalid value: "${name}"`));
    assert.deepEqual(refused, ['foo-', 'bar..']);
    return true;
  });
});

test('[sig-node] Variable Expansion should fail substituting values in a volume subpath with absolute path', async () => {
  // It is the node that refuses what an expression becomes; the server refuses what is absolute as it stands.
  const pods = await podsOf();
  const mount = (path: object): Pod =>
    pod(
      'p',
      {},
      {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/m', ...path }] }],
      },
    );
  await assert.rejects(pods.create(mount({ subPathExpr: '/absolute/$(POD_NAME)' })), invalid);
  await assert.rejects(pods.create(mount({ subPath: 'a', subPathExpr: 'b' })), invalid);
  await pods.create(mount({ subPathExpr: '$(POD_NAME)' }));
});

test('[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API', async () => {
  const pods = await podsOf();
  const labels = { csi: 'inline' };
  const volumes = [{ name: 'v', csi: { driver: 'e2e.example.com', readOnly: true, volumeAttributes: { a: 'b' } } }];
  const created = await pods.create(pod('p', labels, { volumes }));
  assert.deepEqual(created.spec.volumes, volumes);
  assert.deepEqual(await pods.get('p'), created);
  assert.deepEqual(await pods.names({ labelSelector: 'csi=inline' }), ['p']);
  const patched = await pods.patch('p', { metadata: { labels: { patched: 'yes' } } }, { type: 'strategic-merge' });
  assert.deepEqual(patched.metadata.labels, { ...labels, patched: 'yes' });
  assert.deepEqual(patched.spec.volumes, volumes);
  await pods.delete('p');
  await assert.rejects(pods.get('p'), notFound);
});
