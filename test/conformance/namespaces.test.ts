// What goes with a namespace, and in which order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, namespaces, pods, services } from '../../src/client/resources.ts';
import { namesOf, startRunningCluster, type Space } from './running-cluster.ts';

const running = startRunningCluster({ nodes: 1 });
const spec = { containers: [{ name: 'c', image: 'registry.example/c:1' }] };

async function deleteNamespace({ namespace }: Space): Promise<void> {
  await running.client.delete(namespaces, undefined, namespace);
}

async function isGone({ namespace }: Space): Promise<boolean> {
  const { items } = await running.client.list(namespaces);
  return items.every(({ metadata }) => metadata?.name !== namespace);
}

async function makeAgain({ namespace }: Space): Promise<void> {
  await running.client.create(namespaces, { metadata: { name: namespace }, spec: {} });
}

test('[sig-api-machinery] Namespaces should ensure that all pods are removed when a namespace is deleted', async () => {
  const space = await running.newSpace();
  await space.create(pods, { metadata: { name: 'test-pod' }, spec });
  await space.readyPods(1);
  await deleteNamespace(space);
  await running.until('the namespace is gone', () => isGone(space));
  await makeAgain(space);
  assert.deepEqual(await space.list(pods), []);
});

test('[sig-api-machinery] Namespaces should ensure that all services are removed when a namespace is deleted', async () => {
  const space = await running.newSpace();
  await space.create(services, {
    metadata: { name: 'test-service' },
    spec: { selector: { app: 'x' }, ports: [{ port: 80, targetPort: 80 }] },
  });
  await deleteNamespace(space);
  await running.until('the namespace is gone', () => isGone(space));
  await makeAgain(space);
  assert.deepEqual(await space.list(services), []);
});

test('[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first', async () => {
  const space = await running.newSpace();
  await space.create(pods, { metadata: { name: 'test-pod', finalizers: ['example.com/held'] }, spec });
  await space.create(configMaps, { metadata: { name: 'test-configmap' } });
  await space.readyPods(1);
  await deleteNamespace(space);
  await running.cluster.advance('30s');
  // The Pod is on its way; what it may need stays until it is gone.
  const [pod] = await space.list(pods);
  assert.ok(pod?.metadata.deletionTimestamp !== undefined);
  const held = await space.list(configMaps);
  assert.ok(namesOf(held).includes('test-configmap'));
  assert.ok(held.every(({ metadata }) => metadata?.deletionTimestamp === undefined));
  const { status } = await running.client.get(namespaces, undefined, space.namespace);
  const condition = status?.conditions?.find(({ type }) => type === 'NamespaceDeletionContentFailure');
  assert.deepEqual([status?.phase, condition?.status], ['Terminating', 'False']);
  await space.patch(pods, 'test-pod', { metadata: { finalizers: null } });
  await running.until('the namespace is gone', () => isGone(space));
});
