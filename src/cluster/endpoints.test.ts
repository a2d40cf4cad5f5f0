// The Endpoints controller, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Endpoints } from '../api/types/core.v1.ts';
import { endpoints, pods, services } from '../client/resources.ts';
import { endpointsController } from '../controllers/endpoints/index.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [endpointsController],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
});
afterEach(() => plane.stop());

async function createPod(name: string, ip: string, isReady: boolean, port = 8080): Promise<void> {
  await plane.client.create(pods, {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: port }] }], nodeName: 'n' },
  });
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions };
  await plane.client.patch(pods, 'default', name, 'strategic', { status }, { subresource: 'status' });
}

async function createService(more: object = {}): Promise<void> {
  await plane.client.create(services, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...more },
  });
}

async function current(): Promise<Endpoints> {
  await plane.clock.advance(1_000);
  return plane.client.get(endpoints, 'default', 'web');
}

test('ready and unready addresses stand apart, grouped by their ports', async () => {
  await createService();
  await createPod('a', '10.0.0.1', true);
  await createPod('b', '10.0.0.2', false);
  await createPod('c', '10.0.0.3', true, 9090);
  const { subsets, metadata } = await current();
  assert.deepEqual(
    subsets?.map(({ addresses, notReadyAddresses, ports }) => [
      addresses?.map(({ ip }) => ip),
      notReadyAddresses?.map(({ ip }) => ip),
      ports,
    ]),
    [
      [['10.0.0.1'], ['10.0.0.2'], [{ name: 'http', port: 8080, protocol: 'TCP' }]],
      [['10.0.0.3'], undefined, [{ name: 'http', port: 9090, protocol: 'TCP' }]],
    ],
  );
  assert.equal(subsets?.[0]?.addresses?.[0]?.nodeName, 'n');
  assert.equal(metadata.labels?.['endpoints.kubernetes.io/managed-by'], 'endpoint-controller');
});

test('a headless Service without ports lists addresses alone, and unready ones when it wants them', async () => {
  await createService({ clusterIP: 'None', ports: null, publishNotReadyAddresses: true });
  await createPod('a', '10.0.0.1', false);
  const { subsets, metadata } = await current();
  assert.deepEqual(
    subsets?.map(({ addresses, ports }) => [addresses?.map(({ ip }) => ip), ports]),
    [[['10.0.0.1'], undefined]],
  );
  assert.equal(metadata.labels?.['service.kubernetes.io/headless'], '');
});

test('they go with their Service, and come back when they are deleted', async () => {
  await createService();
  await createPod('a', '10.0.0.1', true);
  await current();
  await plane.client.delete(endpoints, 'default', 'web');
  assert.equal((await current()).subsets?.length, 1);
  await plane.client.delete(services, 'default', 'web');
  await assert.rejects(current(), { reason: 'NotFound' });
});

test('nothing is written at rest', async () => {
  await createService();
  await createPod('a', '10.0.0.1', true);
  await current();
  const before = (await plane.client.list(endpoints)).metadata.resourceVersion;
  await plane.clock.advance(10 * 60_000);
  assert.equal((await plane.client.list(endpoints)).metadata.resourceVersion, before);
});
