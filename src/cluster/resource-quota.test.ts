// The ResourceQuota controller and admission together, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ResourceQuota } from '../api/types/core.v1.ts';
import { configMaps, deployments, pods, resourceQuotas, services } from '../client/resources.ts';
import { hasReason } from '../client/retry-on-conflict.ts';
import { resourceQuotaController } from '../controllers/resource-quota/index.ts';
import { setFinished } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [resourceQuotaController],
    flags: ['--disable-admission-plugins=ServiceAccount', '--authorization-mode=RBAC'],
  });
});
afterEach(() => plane.stop());

async function createQuota(hard: Record<string, string>, more: object = {}): Promise<void> {
  await plane.client.create(resourceQuotas, { metadata: { name: 'q', namespace: 'default' }, spec: { hard, ...more } });
  await plane.settle();
}

async function used(): Promise<Record<string, string> | undefined> {
  // A count that another write came before is made again a few milliseconds later.
  await plane.clock.advance(100);
  return (await plane.client.get(resourceQuotas, 'default', 'q')).status?.used;
}

function createPod(name: string, requests: object = { cpu: '100m' }): ReturnType<typeof plane.client.create> {
  return plane.client.create(pods, {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { ...requests } } }] },
  });
}

test('a new quota counts what is there, and what was never used is zero', async () => {
  await createPod('a');
  await createPod('b', { cpu: '1', memory: '1Gi' });
  // The one Service is that of the API server.
  const hard = { pods: '5', 'requests.cpu': '2', 'limits.memory': '1Gi', services: '2', 'count/configmaps': '10' };
  await createQuota(hard);
  const { status } = await plane.client.get(resourceQuotas, 'default', 'q');
  assert.deepEqual(status, {
    hard: { ...hard },
    used: { 'count/configmaps': '0', 'limits.memory': '0', pods: '2', 'requests.cpu': '1100m', services: '1' },
  } satisfies ResourceQuota['status']);
});

test('admission charges, deletion and completion give back', async () => {
  await createQuota({ pods: '2' });
  await createPod('a');
  await createPod('b');
  assert.deepEqual(await used(), { pods: '2' });
  await assert.rejects(createPod('c'), (error) => hasReason(error, 'Forbidden'));
  await plane.clock.advance(2_000);
  await plane.client.delete(pods, 'default', 'a', { gracePeriodSeconds: 0 });
  assert.deepEqual(await used(), { pods: '1' });
  await setFinished(plane, await plane.client.get(pods, 'default', 'b'), 'Succeeded');
  assert.deepEqual(await used(), { pods: '0' });
  await createPod('c');
  assert.deepEqual(await used(), { pods: '1' });
});

test('objects of any kind are counted by number, and Services by type', async () => {
  await createQuota({ 'count/deployments.apps': '3', configmaps: '5', 'services.nodeports': '2' });
  assert.deepEqual(await used(), { configmaps: '0', 'count/deployments.apps': '0', 'services.nodeports': '0' });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await plane.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  });
  await plane.client.create(configMaps, { metadata: { name: 'one', namespace: 'default' } });
  await plane.client.create(services, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'NodePort', ports: [{ port: 80 }] },
  });
  assert.deepEqual(await used(), { configmaps: '1', 'count/deployments.apps': '1', 'services.nodeports': '1' });
  await plane.clock.advance(2_000);
  await plane.client.patch(services, 'default', 'web', 'merge', { spec: { type: 'ClusterIP' } });
  await plane.client.delete(deployments, 'default', 'web');
  await plane.client.delete(configMaps, 'default', 'one');
  assert.deepEqual(await used(), { configmaps: '0', 'count/deployments.apps': '0', 'services.nodeports': '0' });
});

test('only what is within its scopes counts, and a changed quota is counted anew', async () => {
  await createPod('best-effort', {});
  await createPod('burstable');
  await createQuota({ pods: '5' }, { scopes: ['BestEffort'] });
  assert.deepEqual(await used(), { pods: '1' });
  await plane.client.patch(resourceQuotas, 'default', 'q', 'merge', {
    spec: { hard: { pods: '6', 'count/pods': '9' } },
  });
  assert.deepEqual(await used(), { 'count/pods': '1', pods: '1' });
});

test('a wrong count heals with the period, and at rest nothing is written', async () => {
  await createQuota({ pods: '5', 'count/nothing.example.com': '1' });
  await plane.client.patch(
    resourceQuotas,
    'default',
    'q',
    'merge',
    { status: { used: { pods: '4' } } },
    { subresource: 'status' },
  );
  await plane.clock.advance(5 * 60_000);
  assert.deepEqual(await used(), { pods: '0' });
  const before = (await plane.client.get(resourceQuotas, 'default', 'q')).metadata.resourceVersion;
  await plane.clock.advance(30 * 60_000);
  assert.equal((await plane.client.get(resourceQuotas, 'default', 'q')).metadata.resourceVersion, before);
});
