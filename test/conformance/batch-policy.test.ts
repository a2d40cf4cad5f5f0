// Jobs and PodDisruptionBudgets as objects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/api/types/batch.v1.ts';
import type { Pod } from '../../src/api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../../src/api/types/policy.v1.ts';
import { notFound, startCluster } from './cluster.ts';

const cluster = startCluster();
const labels = { foo: 'bar' };

function job(name: string, metadata: object = {}): Job {
  return {
    metadata: { name, ...metadata },
    spec: {
      suspend: true,
      parallelism: 2,
      completions: 4,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
    },
  };
}

test('[sig-apps] Job should apply changes to a job status', async () => {
  const jobs = cluster.resource<Job>('batch/v1', 'jobs', await cluster.newNamespace());
  await jobs.create(job('j'));
  await jobs.patch('j', { spec: { suspend: false } });
  const running = await jobs.patch(
    'j',
    { metadata: { annotations: { patchedstatus: 'true' } }, status: { active: 1, startTime: '2026-01-02T15:04:05Z' } },
    { subresource: 'status' },
  );
  assert.equal(running.metadata.annotations?.['patchedstatus'], 'true');
  assert.equal(running.status?.startTime, '2026-01-02T15:04:05Z');
  const updated = await jobs.update({ ...running, status: { ...running.status, active: 2, ready: 1 } }, 'status');
  assert.deepEqual((await jobs.get('j', 'status')).status, updated.status);
  assert.deepEqual([updated.status?.active, updated.status?.ready], [2, 1]);
});

test('[sig-apps] Job should manage the lifecycle of a job', async () => {
  const jobs = cluster.resource<Job>('batch/v1', 'jobs', await cluster.newNamespace());
  const created = await jobs.create(job('j', { labels: { 'e2e-job': 'j' } }));
  assert.equal(created.spec?.suspend, true);
  const patched = await jobs.patch('j', { metadata: { labels: { j: 'patched' } } }, { type: 'strategic-merge' });
  assert.equal(patched.metadata.labels?.['j'], 'patched');
  const updated = await jobs.update({
    ...patched,
    metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: 'true' } },
    spec: { ...patched.spec, suspend: false } as Job['spec'] & object,
  });
  assert.equal(updated.metadata.annotations?.['updated'], 'true');
  assert.equal(updated.spec?.suspend, false);
  const everywhere = cluster.resource<Job>('batch/v1', 'jobs');
  assert.deepEqual(await everywhere.names({ labelSelector: 'e2e-job=j' }), ['j']);
  await jobs.deleteCollection({ labelSelector: 'e2e-job=j' }, { propagationPolicy: 'Background' });
  assert.deepEqual(await everywhere.names({ labelSelector: 'e2e-job=j' }), []);
});

function budget(name: string, minAvailable: number | string): PodDisruptionBudget {
  return { metadata: { name, labels }, spec: { minAvailable, selector: { matchLabels: labels } } };
}

test('[sig-apps] DisruptionController should create a PodDisruptionBudget', async () => {
  const budgets = cluster.resource<PodDisruptionBudget>(
    'policy/v1',
    'poddisruptionbudgets',
    await cluster.newNamespace(),
  );
  const created = await budgets.create(budget('b', '1%'));
  assert.equal(created.spec?.minAvailable, '1%');
  const updated = await budgets.update({ ...created, spec: { ...created.spec, minAvailable: '2%' } });
  assert.equal(updated.spec?.minAvailable, '2%');
  const patched = await budgets.patch('b', { spec: { minAvailable: '3%' } });
  assert.equal(patched.spec?.minAvailable, '3%');
  assert.equal(patched.metadata.generation, 3);
  await budgets.delete('b');
  await assert.rejects(budgets.get('b'), notFound);
});

test('[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets', async () => {
  const [first, second] = [await cluster.newNamespace(), await cluster.newNamespace()];
  const inFirst = cluster.resource<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets', first);
  const inSecond = cluster.resource<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets', second);
  await inFirst.create(budget('a', 1));
  await inFirst.create(budget('b', 1));
  await inSecond.create(budget('c', 1));
  const everywhere = cluster.resource<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets');
  assert.deepEqual(await everywhere.names({ labelSelector: 'foo=bar' }), ['a', 'b', 'c']);
  await inFirst.deleteCollection({ labelSelector: 'foo=bar' });
  assert.deepEqual(await everywhere.names({ labelSelector: 'foo=bar' }), ['c']);
});

test('[sig-apps] DisruptionController should update/patch PodDisruptionBudget status', async () => {
  const budgets = cluster.resource<PodDisruptionBudget>(
    'policy/v1',
    'poddisruptionbudgets',
    await cluster.newNamespace(),
  );
  const created = await budgets.create(budget('b', 1));
  const disrupted = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, '2026-01-02T15:04:05Z']));
  const status = { currentHealthy: 2, desiredHealthy: 1, disruptionsAllowed: 1, expectedPods: 2 };
  const updated = await budgets.update(
    { ...created, status: { ...status, disruptedPods: disrupted('old') } },
    'status',
  );
  assert.deepEqual(updated.status?.disruptedPods, disrupted('old'));
  const patched = await budgets.patch(
    'b',
    { status: { disruptedPods: { ...disrupted('new'), old: null } } },
    { subresource: 'status' },
  );
  assert.deepEqual(patched.status?.disruptedPods, disrupted('new'));
  assert.deepEqual(patched.spec, created.spec);
});

test('[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it', async () => {
  const namespace = await cluster.newNamespace();
  const pods = cluster.resource<Pod>('v1', 'pods', namespace);
  const budgets = cluster.resource<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets', namespace);
  await pods.create({ metadata: { name: 'p', labels }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  const conditions = [{ type: 'Ready', status: 'True' }];
  await pods.patch('p', { status: { phase: 'Running', conditions } }, { subresource: 'status' });
  await budgets.create(budget('b', 1));
  // The parts of the disruption controller are played.
  const settle = (disruptionsAllowed: number, observedGeneration: number): Promise<unknown> =>
    budgets.patch(
      'b',
      { status: { disruptionsAllowed, observedGeneration, expectedPods: 1, currentHealthy: 1, desiredHealthy: 1 } },
      { subresource: 'status' },
    );
  const evict = (): Promise<unknown> =>
    cluster.client.request('POST', `${pods.path}/p/eviction`, {
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
    });
  await settle(0, 1);
  await assert.rejects(evict(), {
    code: 429,
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
  });
  await budgets.patch('b', { spec: { minAvailable: 0 } });
  // The controller has not seen the change yet.
  await assert.rejects(evict(), { code: 429 });
  await settle(1, 2);
  await evict();
  await assert.rejects(pods.get('p'), notFound);
});
