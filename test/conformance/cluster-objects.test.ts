// Namespaces, Nodes, Leases and PriorityClasses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lease } from '../../src/api/types/coordination.v1.ts';
import type { Namespace, Node } from '../../src/api/types/core.v1.ts';
import type { PriorityClass } from '../../src/api/types/scheduling.v1.ts';
import { invalid, notFound, startCluster } from './cluster.ts';

const cluster = startCluster();
const namespaces = (): ReturnType<typeof cluster.resource<Namespace>> => cluster.resource('v1', 'namespaces');

test('[sig-api-machinery] Namespaces should patch a Namespace', async () => {
  const name = await cluster.newNamespace();
  await namespaces().patch(name, { metadata: { labels: { testLabel: 'testValue' } } }, { type: 'strategic-merge' });
  assert.equal((await namespaces().get(name)).metadata.labels?.['testLabel'], 'testValue');
});

test('[sig-api-machinery] Namespaces should apply an update to a Namespace', async () => {
  const namespace = await namespaces().get(await cluster.newNamespace());
  const { name, labels } = namespace.metadata;
  assert.deepEqual(labels, { 'kubernetes.io/metadata.name': name });
  await namespaces().update({
    ...namespace,
    metadata: { ...namespace.metadata, labels: { ...labels, [name]: 'updated' } },
  });
  assert.equal((await namespaces().get(name)).metadata.labels?.[name], 'updated');
});

test('[sig-api-machinery] Namespaces should apply changes to a namespace status', async () => {
  const name = await cluster.newNamespace();
  const namespace = await namespaces().get(name, 'status');
  assert.equal(namespace.status?.phase, 'Active');
  const condition = {
    type: 'StatusPatch' as const,
    status: 'True' as const,
    lastTransitionTime: '2026-01-02T15:04:05Z',
    reason: 'E2E',
    message: 'Patched by an e2e test',
  };
  const patched = await namespaces().patch(
    name,
    { metadata: { annotations: { e2e: 'patched' } }, status: { conditions: [condition] } },
    { subresource: 'status' },
  );
  assert.deepEqual(patched.status?.conditions, [condition]);
  assert.equal(patched.metadata.annotations?.['e2e'], 'patched');
  const other = { ...condition, type: 'StatusUpdate' as const };
  const updated = await namespaces().update(
    { ...patched, status: { ...patched.status, conditions: [condition, other] } },
    'status',
  );
  assert.deepEqual(updated.status, { phase: 'Active', conditions: [condition, other] });
  assert.deepEqual((await namespaces().get(name)).status, updated.status);
});

test('[sig-api-machinery] Namespaces should apply a finalizer to a Namespace', async () => {
  const namespace = await namespaces().get(await cluster.newNamespace());
  const { name } = namespace.metadata;
  assert.deepEqual(namespace.spec?.finalizers, ['kubernetes']);
  const finalizers = ['kubernetes', 'e2e.example.com/fakeFinalizer'];
  const updated = await namespaces().update({ ...namespace, spec: { finalizers } }, 'finalize');
  assert.deepEqual(updated.spec?.finalizers, finalizers);
  // Not through the namespace itself.
  await namespaces().update({ ...updated, spec: { finalizers: [] } });
  assert.deepEqual((await namespaces().get(name)).spec?.finalizers, finalizers);
  const last = await namespaces().get(name);
  await namespaces().update({ ...last, spec: { finalizers: ['kubernetes'] } }, 'finalize');
  assert.deepEqual((await namespaces().get(name)).spec?.finalizers, ['kubernetes']);
});

test('[sig-node] Node Lifecycle should run through the lifecycle of a node', async () => {
  const nodes = cluster.resource<Node>('v1', 'nodes');
  const created = await nodes.create({
    metadata: { name: 'e2e-fake-node' },
    spec: {},
    status: {
      phase: 'Running',
      conditions: [{ status: 'True', type: 'Ready', message: 'Set from e2e test', reason: 'E2E' }],
    },
  });
  assert.equal(created.metadata.name, 'e2e-fake-node');
  // A node is created with its status: kubelets register themselves so.
  assert.equal(created.status?.conditions?.[0]?.reason, 'E2E');
  assert.deepEqual(await nodes.get('e2e-fake-node'), created);
  await nodes.patch('e2e-fake-node', { metadata: { labels: { e2e: 'patched' } } }, { type: 'strategic-merge' });
  assert.deepEqual(await nodes.names({ labelSelector: 'e2e=patched' }), ['e2e-fake-node']);
  const node = await nodes.get('e2e-fake-node');
  const updated = await nodes.update({
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata.labels, e2e: 'updated' } },
  });
  assert.equal(updated.metadata.labels?.['e2e'], 'updated');
  await nodes.delete('e2e-fake-node');
  await assert.rejects(nodes.get('e2e-fake-node'), notFound);
});

test('[sig-node] Lease lease API should be available', async () => {
  const leases = cluster.resource<Lease>('coordination.k8s.io/v1', 'leases', await cluster.newNamespace());
  const spec = {
    holderIdentity: 'holder',
    leaseDurationSeconds: 30,
    acquireTime: '2026-01-02T15:04:05.123456Z',
    renewTime: '2026-01-02T15:04:07.000000Z',
    leaseTransitions: 0,
  };
  await leases.create({ metadata: { name: 'lease' }, spec });
  const read = await leases.get('lease');
  assert.deepEqual(read.spec, spec);
  const newSpec = { ...spec, holderIdentity: 'holder2', leaseDurationSeconds: 60, leaseTransitions: 1 };
  await leases.update({ ...read, spec: newSpec });
  assert.deepEqual((await leases.get('lease')).spec, newSpec);
  const change = { leaseDurationSeconds: 50, renewTime: '2026-01-02T15:05:00.000001Z', leaseTransitions: 2 };
  await leases.patch('lease', { spec: change }, { type: 'strategic-merge' });
  assert.deepEqual((await leases.get('lease')).spec, { ...newSpec, ...change });

  await leases.create({ metadata: { name: 'lease2', labels: { deletecollection: 'true' } }, spec });
  assert.deepEqual(await leases.names(), ['lease', 'lease2']);
  await leases.deleteCollection({ labelSelector: 'deletecollection=true' });
  assert.deepEqual(await leases.names(), ['lease']);
  await leases.delete('lease');
  await assert.rejects(leases.get('lease'), notFound);
});

test('[sig-scheduling] SchedulerPreemption PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods', async () => {
  const classes = cluster.resource<PriorityClass>('scheduling.k8s.io/v1', 'priorityclasses');
  for (const value of [1, 2]) await classes.create({ metadata: { name: `p${value}`, labels: { e2e: 'p' } }, value });
  assert.deepEqual(await classes.names({ labelSelector: 'e2e=p' }), ['p1', 'p2']);
  for (const name of ['p1', 'p2']) {
    const { value = 0 } = await classes.get(name);
    const patched = await classes.patch(name, { description: 'patched' });
    assert.equal(patched.description, 'patched');
    const updated = await classes.update({ ...patched, description: 'updated' });
    assert.equal(updated.description, 'updated');
    await assert.rejects(classes.patch(name, { value: value * 10 }), invalid);
    await assert.rejects(classes.update({ ...updated, value: value * 10 }), invalid);
    await assert.rejects(classes.update({ ...updated, preemptionPolicy: 'Never' }), invalid);
    assert.deepEqual(await classes.get(name), updated);
  }
});
