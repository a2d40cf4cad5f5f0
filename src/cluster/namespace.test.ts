// The controllers of namespaces: what each has, and how it goes.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { configMaps, namespaces, pods, secrets, serviceAccounts } from '../client/resources.ts';
import { namespaceController } from '../controllers/namespace/index.ts';
import { rootCAPublisher } from '../controllers/root-ca/index.ts';
import { serviceAccountController } from '../controllers/service-account/index.ts';
import { PodRunner } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const rootCA = '-----BEGIN CERTIFICATE-----\nTest\n-----END CERTIFICATE-----\n';
let plane: VirtualControlPlane;

beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [namespaceController, serviceAccountController, rootCAPublisher],
    options: { rootCA },
  });
});
afterEach(() => plane.stop());

async function isGone(name: string): Promise<boolean> {
  return (await plane.client.list(namespaces)).items.every(({ metadata }) => metadata.name !== name);
}

test('every namespace has the default ServiceAccount and the root authority, and gets them again', async () => {
  await plane.client.create(namespaces, { metadata: { name: 'a' }, spec: {} });
  await plane.settle();
  await plane.client.get(serviceAccounts, 'a', 'default');
  await plane.client.get(serviceAccounts, 'kube-system', 'default');
  assert.equal((await plane.client.get(configMaps, 'a', 'kube-root-ca.crt')).data?.['ca.crt'], rootCA);
  await plane.client.delete(serviceAccounts, 'a', 'default');
  await plane.client.patch(configMaps, 'a', 'kube-root-ca.crt', 'merge', { data: { 'ca.crt': 'wrong', more: 'x' } });
  await plane.settle();
  await plane.client.get(serviceAccounts, 'a', 'default');
  assert.deepEqual((await plane.client.get(configMaps, 'a', 'kube-root-ca.crt')).data, { 'ca.crt': rootCA });
});

test('a namespace goes with all that is in it', async () => {
  const runner = new PodRunner(plane);
  await plane.client.create(namespaces, { metadata: { name: 'a' }, spec: {} });
  await plane.settle();
  await plane.client.create(secrets, { metadata: { name: 's', namespace: 'a' } });
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await plane.client.create(pods, { metadata: { name: 'p', namespace: 'a' }, spec });
  await plane.client.delete(namespaces, undefined, 'a');
  await plane.clock.advance(60_000);
  assert.ok(await isGone('a'));
  assert.equal((await plane.client.list(secrets, 'a')).items.length, 0);
  assert.equal((await plane.client.list(pods, 'a')).items.length, 0);
  await runner.stop();
});

test('what holds a namespace is told in its conditions', async () => {
  await plane.client.create(namespaces, { metadata: { name: 'a' }, spec: {} });
  await plane.settle();
  const metadata = { name: 's', namespace: 'a', finalizers: ['example.com/keep'] };
  await plane.client.create(secrets, { metadata });
  await plane.client.delete(namespaces, undefined, 'a');
  await plane.clock.advance(10_000);
  const { status } = await plane.client.get(namespaces, undefined, 'a');
  assert.equal(status?.phase, 'Terminating');
  const said = new Map(status?.conditions?.map(({ type, status: value, message }) => [type, `${value}: ${message}`]));
  assert.equal(
    said.get('NamespaceContentRemaining'),
    'True: Some resources are remaining: secrets. has 1 resource instances',
  );
  assert.equal(
    said.get('NamespaceFinalizersRemaining'),
    'True: Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances',
  );
  assert.equal(said.get('NamespaceDeletionDiscoveryFailure'), 'False: All resources successfully discovered');
  await plane.client.patch(secrets, 'a', 's', 'merge', { metadata: { finalizers: null } });
  await plane.clock.advance(60_000);
  assert.ok(await isGone('a'));
});
