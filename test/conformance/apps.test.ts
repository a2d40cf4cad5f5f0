// Deployments, ReplicaSets, StatefulSets, DaemonSets, ReplicationControllers and ControllerRevisions as objects. That
// Pods follow them needs controllers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from '../../src/api/types/apps.v1.ts';
import type { Scale } from '../../src/api/types/autoscaling.v1.ts';
import type { ReplicationController } from '../../src/api/types/core.v1.ts';
import { notFound, startCluster, type Resource, type Stored } from './cluster.ts';

const cluster = startCluster();
const labels = { app: 'x' };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'registry.example/c:1' }] } };

interface Workload {
  readonly metadata: object;
  readonly spec: object;
  readonly status?: { readonly conditions?: readonly object[]; readonly [field: string]: unknown };
}

async function workloads<T extends object>(groupVersion: string, plural: string): Promise<Resource<T>> {
  return cluster.resource(groupVersion, plural, await cluster.newNamespace());
}

/** Reads, replaces and patches the scale: the workload follows, and counts its generation. */
async function assertScales<T extends Workload>(resource: Resource<T>, object: T, printed: string): Promise<void> {
  const created = await resource.create(object);
  const { name } = created.metadata;
  const scales = resource as unknown as Resource<Scale>;
  const scale = await scales.get(name, 'scale');
  assert.deepEqual([scale.kind, scale.apiVersion], ['Scale', 'autoscaling/v1']);
  assert.deepEqual([scale.spec, scale.status], [{ replicas: 1 }, { replicas: 0, selector: printed }]);
  assert.deepEqual([scale.metadata.uid, scale.metadata.name], [created.metadata.uid, name]);
  const replicas = async (): Promise<unknown> => ((await resource.get(name)).spec as { replicas?: number }).replicas;

  const updated = await scales.update({ ...scale, spec: { replicas: 2 } }, 'scale');
  assert.deepEqual(updated.spec, { replicas: 2 });
  assert.equal(await replicas(), 2);
  const patched = await scales.patch(name, { spec: { replicas: 4 } }, { subresource: 'scale' });
  assert.deepEqual(patched.spec, { replicas: 4 });
  const last = await resource.get(name);
  assert.equal(await replicas(), 4);
  assert.equal(last.metadata.generation, 3);
  // An old version is refused, as of any object.
  await assert.rejects(scales.update({ ...scale, spec: { replicas: 9 } }, 'scale'), { code: 409, reason: 'Conflict' });
}

/** Reads, replaces and patches the status, which nothing else does; the rest stays. */
async function assertKeepsStatus<T extends Workload>(resource: Resource<T>, object: T): Promise<void> {
  const condition = {
    type: 'StatusUpdate',
    status: 'True',
    lastTransitionTime: '2026-01-02T15:04:05Z',
    reason: 'E2E',
    message: 'Set from e2e test',
  };
  const created = await resource.create({ ...object, status: { conditions: [condition] } });
  const { name } = created.metadata;
  assert.equal(created.status?.conditions, undefined);
  const read = await resource.get(name, 'status');
  assert.deepEqual(read, created);
  const updated = await resource.update(
    { ...read, spec: { ...read.spec, minReadySeconds: 9 }, status: { ...read.status, conditions: [condition] } },
    'status',
  );
  assert.deepEqual(updated.spec, created.spec);
  assert.equal(updated.metadata.generation, 1);
  assert.deepEqual(withoutUnset(updated.status?.conditions?.[0]), condition);
  const other = { ...condition, type: 'StatusPatched' };
  const patched = await resource.patch(name, { status: { conditions: [other] } }, { subresource: 'status' });
  assert.deepEqual(patched.status?.conditions?.map(withoutUnset), [other]);
  assert.deepEqual(await resource.get(name), patched);
}

/** Some kinds have a time more in their conditions, which is null when nobody sets it. */
function withoutUnset(condition: object | undefined): object {
  return Object.fromEntries(Object.entries(condition ?? {}).filter(([, value]) => value !== null));
}

async function assertCollectionGoes<T extends Workload>(resource: Resource<T>, object: T): Promise<Stored<T>[]> {
  const everywhere = { labelSelector: `set=${resource.path.split('/').at(-1)}` };
  const [key = '', value = ''] = everywhere.labelSelector.split('=');
  const created: Stored<T>[] = [];
  for (const name of ['one', 'two', 'three']) {
    created.push(await resource.create({ ...object, metadata: { name, labels: { [key]: value } } }));
  }
  assert.deepEqual(await resource.names(everywhere), ['one', 'three', 'two']);
  await resource.deleteCollection(everywhere, { propagationPolicy: 'Background' });
  assert.deepEqual(await resource.names(everywhere), []);
  return created;
}

const metadata = { name: 'w', labels };
const deployment = { metadata, spec: { replicas: 1, selector, template } } satisfies Deployment;
const replicaSet = { metadata, spec: { replicas: 1, selector, template } } satisfies ReplicaSet;
const statefulSet = { metadata, spec: { replicas: 1, serviceName: 'test', selector, template } } satisfies StatefulSet;
const daemonSet = { metadata, spec: { selector, template } } satisfies DaemonSet;
const controller = { metadata, spec: { replicas: 1, selector: labels, template } } satisfies ReplicationController;

test('[sig-apps] Deployment Deployment should have a working scale subresource', async () => {
  await assertScales<Workload>(await workloads('apps/v1', 'deployments'), deployment, 'app=x');
});

test('[sig-apps] ReplicaSet Replicaset should have a working scale subresource', async () => {
  await assertScales<Workload>(await workloads('apps/v1', 'replicasets'), replicaSet, 'app=x');
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality should have a working scale subresource', async () => {
  await assertScales<Workload>(await workloads('apps/v1', 'statefulsets'), statefulSet, 'app=x');
});

test('[sig-apps] ReplicationController should get and update a ReplicationController scale', async () => {
  await assertScales<Workload>(await workloads('v1', 'replicationcontrollers'), controller, 'app=x');
});

test('[sig-apps] Deployment should validate Deployment Status endpoints', async () => {
  await assertKeepsStatus<Workload>(await workloads('apps/v1', 'deployments'), deployment);
});

test('[sig-apps] ReplicaSet should validate Replicaset Status endpoints', async () => {
  await assertKeepsStatus<Workload>(await workloads('apps/v1', 'replicasets'), replicaSet);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality should validate Statefulset Status endpoints', async () => {
  await assertKeepsStatus<Workload>(await workloads('apps/v1', 'statefulsets'), statefulSet);
});

test('[sig-apps] Daemon set should verify changes to a daemon set status', async () => {
  await assertKeepsStatus<Workload>(await workloads('apps/v1', 'daemonsets'), daemonSet);
});

test('[sig-apps] Daemon set should list and delete a collection of DaemonSets', async () => {
  await assertCollectionGoes<Workload>(await workloads('apps/v1', 'daemonsets'), daemonSet);
});

test('[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets', async () => {
  await assertCollectionGoes<Workload>(await workloads('apps/v1', 'replicasets'), replicaSet);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality should list, patch and delete a collection of StatefulSets', async () => {
  const sets = await workloads<StatefulSet>('apps/v1', 'statefulsets');
  await sets.create(statefulSet);
  const { metadata, spec } = await sets.patch(
    'w',
    {
      metadata: { labels: { 'test-ss': 'patched' } },
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', image: 'registry.example/c:2' }] } } },
    },
    { type: 'strategic-merge' },
  );
  assert.deepEqual(metadata.labels, { ...labels, 'test-ss': 'patched' });
  assert.deepEqual([spec.replicas, spec.template.spec?.containers?.[0]?.image], [2, 'registry.example/c:2']);
  assert.equal(metadata.generation, 2);
  await assertCollectionGoes<Workload>(sets as unknown as Resource<Workload>, statefulSet);
});

test('[sig-apps] Deployment should run the lifecycle of a Deployment', async () => {
  const deployments = await workloads<Deployment>('apps/v1', 'deployments');
  const watch = await deployments.watch({ labelSelector: 'test-deployment-static=true' });
  await deployments.create({ ...deployment, metadata: { name: 'w', labels: { 'test-deployment-static': 'true' } } });
  await deployments.patch(
    'w',
    {
      metadata: { labels: { 'test-deployment': 'patched' } },
      spec: {
        replicas: 2,
        template: { spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'other' }] } },
      },
    },
    { type: 'strategic-merge' },
  );
  const patched = await deployments.get('w');
  assert.deepEqual(
    [patched.metadata.labels?.['test-deployment'], patched.spec.replicas, patched.spec.template.spec?.containers],
    [
      'patched',
      2,
      [
        {
          name: 'c',
          image: 'other',
          imagePullPolicy: 'IfNotPresent',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
    ],
  );
  await deployments.patch('w', { status: { readyReplicas: 0 } }, { subresource: 'status' });
  const updated = await deployments.update(
    { ...patched, metadata: { ...patched.metadata, resourceVersion: '' }, status: { replicas: 2, readyReplicas: 2 } },
    'status',
  );
  assert.equal(updated.status?.readyReplicas, 2);
  await deployments.deleteCollection({ labelSelector: 'test-deployment-static=true' });
  const types = (await watch.take(4)).map(({ type }) => type);
  assert.deepEqual(types, ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']);
});

test('[sig-apps] ReplicaSet Replace and Patch tests', async () => {
  const sets = await workloads<ReplicaSet>('apps/v1', 'replicasets');
  const created = await sets.create(replicaSet);
  const replaced = await sets.update({ ...created, spec: { ...created.spec, replicas: 2 } });
  assert.equal(replaced.spec.replicas, 2);
  const patched = await sets.patch(
    'w',
    {
      metadata: { labels: { 'test-rs': 'patched' } },
      spec: { replicas: 3, template: { spec: { containers: [{ name: 'c', image: 'other' }] } } },
    },
    { type: 'strategic-merge' },
  );
  assert.deepEqual(
    [patched.metadata.labels, patched.spec.replicas, patched.spec.template?.spec?.containers?.[0]?.image],
    [{ ...labels, 'test-rs': 'patched' }, 3, 'other'],
  );
});

test('[sig-apps] ReplicationController should test the lifecycle of a ReplicationController', async () => {
  const controllers = await workloads<ReplicationController>('v1', 'replicationcontrollers');
  const watch = await controllers.watch({ labelSelector: 'test-rc-static=true' });
  await controllers.create({ ...controller, metadata: { name: 'w', labels: { 'test-rc-static': 'true' } } });
  await controllers.patch('w', { metadata: { labels: { 'test-rc': 'patched' } } }, { type: 'strategic-merge' });
  await controllers.patch('w', { status: { readyReplicas: 0, availableReplicas: 0 } }, { subresource: 'status' });
  const read = await controllers.get('w', 'status');
  assert.equal(read.metadata.labels?.['test-rc'], 'patched');
  await controllers.patch('w', { spec: { replicas: 2 } }, { subresource: 'scale' });
  const updated = await controllers.get('w');
  assert.equal(updated.spec?.replicas, 2);
  await controllers.update({ ...updated, status: { ...updated.status, replicas: 2, readyReplicas: 2 } }, 'status');
  const everywhere = await cluster.resource<ReplicationController>('v1', 'replicationcontrollers').list({
    labelSelector: 'test-rc-static=true',
  });
  assert.deepEqual(
    everywhere.items.map(({ status }) => status?.readyReplicas),
    [2],
  );
  await controllers.deleteCollection({ labelSelector: 'test-rc-static=true' }, { propagationPolicy: 'Background' });
  const types = (await watch.take(5)).map(({ type }) => type);
  // The second patch changed nothing.
  assert.deepEqual(types, ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED']);
});

test('[sig-apps] ControllerRevision should manage the lifecycle of a ControllerRevision', async () => {
  const revisions = await workloads<ControllerRevision>('apps/v1', 'controllerrevisions');
  const labelSelector = 'daemonset-name=d';
  const revision = (name: string, number: number): ControllerRevision => ({
    metadata: { name, labels: { 'daemonset-name': 'd' } },
    data: { spec: { template: { $patch: 'replace' } } },
    revision: number,
  });
  const first = await revisions.create(revision('d-1', 1));
  assert.deepEqual(first.data, { spec: { template: { $patch: 'replace' } } });
  const patched = await revisions.patch('d-1', { metadata: { labels: { 'd-1': 'patched' } } });
  assert.equal(patched.metadata.labels?.['d-1'], 'patched');
  await revisions.create(revision('d-2', 2));
  assert.deepEqual(await revisions.names({ labelSelector }), ['d-1', 'd-2']);
  await revisions.delete('d-1');
  await assert.rejects(revisions.get('d-1'), notFound);
  const second = await revisions.get('d-2');
  const updated = await revisions.update({
    ...second,
    metadata: { ...second.metadata, labels: { ...second.metadata.labels, 'd-2': 'updated' } },
    revision: 3,
  });
  assert.deepEqual([updated.revision, updated.metadata.labels?.['d-2']], [3, 'updated']);
  await revisions.create(revision('d-3', 4));
  await revisions.deleteCollection({ labelSelector: 'd-2=updated' });
  assert.deepEqual(await revisions.names({ labelSelector }), ['d-3']);
});
