// Ranges for Services, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Condition } from '../api/types/meta.v1.ts';
import { serviceCIDRs, services } from '../client/resources.ts';
import { serviceCIDRController } from '../controllers/service-cidr/index.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [serviceCIDRController],
    flags: ['--service-cluster-ip-range=10.96.0.0/24', '--authorization-mode=RBAC'],
  });
});
afterEach(() => plane.stop());

async function create(name: string, ...cidrs: string[]): Promise<void> {
  await plane.client.create(serviceCIDRs, { metadata: { name }, spec: { cidrs } });
  await plane.settle();
}

async function ready(name: string): Promise<Partial<Condition> | undefined> {
  const { status } = await plane.client.get(serviceCIDRs, undefined, name);
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

async function isThere(name: string): Promise<boolean> {
  return (await plane.client.list(serviceCIDRs)).items.some(({ metadata }) => metadata.name === name);
}

test('a range is ready, and protected', async () => {
  await create('more', '10.97.0.0/24');
  const condition = await ready('more');
  assert.equal(condition?.status, 'True');
  assert.equal(condition?.message, 'Kubernetes Service CIDR is ready');
  const { metadata } = await plane.client.get(serviceCIDRs, undefined, 'more');
  assert.deepEqual(metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer']);
});

test('one that nobody uses goes after a while, so that no server gives an address of it meanwhile', async () => {
  await create('more', '10.97.0.0/24');
  await plane.client.delete(serviceCIDRs, undefined, 'more');
  await plane.clock.advance(8_000);
  assert.equal(await isThere('more'), true);
  await plane.clock.advance(3_000);
  assert.equal(await isThere('more'), false);
});

test('one whose addresses would be in no other stays until they are given up', async () => {
  await create('more', '10.97.0.0/24');
  await plane.client.create(services, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { clusterIP: '10.97.0.7', ports: [{ port: 80 }] },
  });
  await plane.settle();
  await plane.client.delete(serviceCIDRs, undefined, 'more');
  await plane.clock.advance(60_000);
  const condition = await ready('more');
  assert.deepEqual([condition?.status, condition?.reason], ['False', 'Terminating']);
  assert.equal(
    condition?.message,
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
  );
  await plane.client.delete(services, 'default', 'web');
  await plane.clock.advance(60_000);
  assert.equal(await isThere('more'), false);
});

test('one that another covers may go with addresses in use', async () => {
  await create('small', '10.97.0.0/28');
  await plane.client.create(services, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { clusterIP: '10.97.0.7', ports: [{ port: 80 }] },
  });
  await create('large', '10.97.0.0/24');
  await plane.client.delete(serviceCIDRs, undefined, 'small');
  await plane.clock.advance(12_000);
  assert.equal(await isThere('small'), false);
});
