// Disruption budgets and aggregated roles, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Pod } from '../api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../api/types/policy.v1.ts';
import { clusterRoles, deployments, podDisruptionBudgets, pods, statefulSets } from '../client/resources.ts';
import { clusterRoleAggregationController } from '../controllers/cluster-role-aggregation/index.ts';
import { deploymentController } from '../controllers/deployment/index.ts';
import { disruptionController } from '../controllers/disruption/index.ts';
import { replicaSetController } from '../controllers/replica-set/index.ts';
import { PodRunner, setReady } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
let runner: PodRunner;

beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [deploymentController, replicaSetController, disruptionController, clusterRoleAggregationController],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
  runner = new PodRunner(plane);
});
afterEach(async () => {
  await runner.stop();
  await plane.stop();
});

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };

async function createWeb(replicas: number): Promise<void> {
  await plane.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
  });
}

async function createBudget(spec: Partial<PodDisruptionBudget['spec']>): Promise<void> {
  await plane.client.create(podDisruptionBudgets, {
    metadata: { name: 'budget', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
}

async function budget(): Promise<PodDisruptionBudget> {
  await plane.clock.advance(1_000);
  return plane.client.get(podDisruptionBudgets, 'default', 'budget');
}

async function podList(): Promise<Pod[]> {
  return (await plane.client.list(pods, 'default')).items;
}

async function evict({ metadata: { name = '' } }: Pod): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
  await plane.client.createSubresource(pods, 'default', name, 'eviction', eviction);
}

test('a budget in per cent counts what the Deployment asks for', async () => {
  await createWeb(4);
  await createBudget({ maxUnavailable: '25%' });
  const { status } = await budget();
  assert.equal(status?.expectedPods, 4);
  assert.equal(status?.desiredHealthy, 3);
  assert.equal(status?.currentHealthy, 4);
  assert.equal(status?.disruptionsAllowed, 1);
  const [condition] = status?.conditions ?? [];
  assert.deepEqual(
    [condition?.type, condition?.status, condition?.reason],
    ['DisruptionAllowed', 'True', 'SufficientPods'],
  );
});

test('evictions are granted one by one, as Pods come back', async () => {
  await createWeb(3);
  await createBudget({ minAvailable: 2 });
  await budget();
  const [first, second] = await podList();
  assert.ok(first && second);
  await evict(first);
  await assert.rejects(evict(second), { code: 429 });
  await plane.clock.advance(1_000);
  await evict(second);
});

test('a budget whose Pods are too few allows nothing', async () => {
  await createWeb(2);
  await createBudget({ minAvailable: 2 });
  assert.equal((await budget()).status?.disruptionsAllowed, 0);
  const [pod] = await podList();
  assert.ok(pod);
  await setReady(plane, pod, false);
  const { status } = await budget();
  assert.equal(status?.currentHealthy, 1);
  assert.equal(status?.conditions?.[0]?.reason, 'InsufficientPods');
  await assert.rejects(evict(pod), /Cannot evict pod as it would violate the pod's disruption budget/);
});

test('Pods of a controller without a size make the budget fail, and say so', async () => {
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u', controller: true };
  const metadata = { name: 'p', namespace: 'default', labels: { app: 'web' }, ownerReferences: [reference] };
  await plane.client.create(pods, { metadata, spec: template.spec });
  await createBudget({ maxUnavailable: 1 });
  const { status } = await budget();
  assert.equal(status?.disruptionsAllowed, 0);
  assert.equal(status?.conditions?.[0]?.reason, 'SyncFailed');
});

test('a StatefulSet that is scaled changes the budget of its Pods', async () => {
  await plane.client.create(statefulSets, {
    metadata: { name: 'db', namespace: 'default' },
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'web' } }, template },
  });
  const { metadata: owner } = await plane.client.get(statefulSets, 'default', 'db');
  const reference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: owner.uid ?? '', controller: true };
  const metadata = { name: 'db-0', namespace: 'default', labels: { app: 'web' }, ownerReferences: [reference] };
  await plane.client.create(pods, { metadata, spec: template.spec });
  await createBudget({ maxUnavailable: 1 });
  assert.equal((await budget()).status?.desiredHealthy, 2);
  await plane.client.patch(statefulSets, 'default', 'db', 'merge', { spec: { replicas: 1 } });
  const { status } = await budget();
  assert.deepEqual([status?.desiredHealthy, status?.disruptionsAllowed], [0, 1]);
});

test('a role that is labelled for it is part of the roles that aggregate it', async () => {
  const rule = { apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] };
  await plane.client.create(clusterRoles, {
    metadata: { name: 'things', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
    rules: [rule],
  });
  await plane.clock.advance(1_000);
  for (const name of ['view', 'edit', 'admin']) {
    const { rules } = await plane.client.get(clusterRoles, undefined, name);
    assert.ok(
      rules?.some(({ resources }) => resources?.includes('things')),
      name,
    );
  }
  await plane.client.delete(clusterRoles, undefined, 'things');
  await plane.clock.advance(1_000);
  const { rules } = await plane.client.get(clusterRoles, undefined, 'view');
  assert.ok(!rules?.some(({ resources }) => resources?.includes('things')));
});
