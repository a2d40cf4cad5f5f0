// The Job controller, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Job, JobSpec } from '../api/types/batch.v1.ts';
import type { Pod } from '../api/types/core.v1.ts';
import { events, jobs, pods } from '../client/resources.ts';
import { jobController } from '../controllers/job/index.ts';
import { setFinished, setReady } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const finalizer = 'batch.kubernetes.io/job-tracking';
const indexKey = 'batch.kubernetes.io/job-completion-index';
const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [jobController],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
});
afterEach(() => plane.stop());

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] } };

async function create(spec: object): Promise<void> {
  const job = { metadata: { name: 'work', namespace: 'default' }, spec: { template, ...spec } as JobSpec };
  await plane.client.create(jobs, job);
  await plane.settle();
}

/** Long enough for changes of Pods to be gathered, and to be worked on twice. */
async function rest(): Promise<void> {
  await plane.clock.advance(3_000);
}

async function current(): Promise<Job> {
  await rest();
  return plane.client.get(jobs, 'default', 'work');
}

async function podsNow(): Promise<Pod[]> {
  await plane.settle();
  return (await plane.client.list(pods, 'default')).items;
}

/** Those that run or will. */
async function activePods(): Promise<Pod[]> {
  return (await podsNow()).filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && status?.phase !== 'Failed' && status?.phase !== 'Succeeded',
  );
}

async function finishOne(phase: 'Succeeded' | 'Failed', exitCode?: number): Promise<void> {
  const [pod] = await activePods();
  assert.ok(pod, 'there is no active Pod');
  await setFinished(plane, pod, phase, exitCode);
}

async function finishIndex(index: number, phase: 'Succeeded' | 'Failed', exitCode?: number): Promise<void> {
  const pod = (await activePods()).find(({ metadata }) => metadata.annotations?.[indexKey] === String(index));
  assert.ok(pod, `index ${index} has no active Pod`);
  await setFinished(plane, pod, phase, exitCode);
}

function conditions({ status }: Job): unknown[] {
  return (status?.conditions ?? []).map(({ type, status: held, reason, message }) => [type, held, reason, message]);
}

async function reasons(): Promise<(string | undefined)[]> {
  const { items } = await plane.client.list(events, 'default', { fieldSelector: 'involvedObject.kind=Job' });
  return items.map(({ reason }) => reason);
}

test('it runs as many Pods at a time as it may, until enough have succeeded', async () => {
  await create({ completions: 3, parallelism: 2 });
  const started = await podsNow();
  assert.equal(started.length, 2);
  for (const { metadata } of started) {
    assert.match(metadata.name ?? '', /^work-[a-z0-9]{5}$/);
    assert.deepEqual(metadata.finalizers, [finalizer]);
    assert.equal(metadata.labels?.['batch.kubernetes.io/job-name'], 'work');
    assert.equal(metadata.ownerReferences?.[0]?.kind, 'Job');
  }
  const [first] = started;
  assert.ok(first);
  await setReady(plane, first, true);
  const { status } = await current();
  assert.deepEqual(status, {
    active: 2,
    ready: 1,
    terminating: 0,
    startTime: '2026-01-01T00:00:00Z',
    uncountedTerminatedPods: {},
  });
  for (let i = 0; i < 3; i++) {
    await finishOne('Succeeded');
    await rest();
  }
  const done = await current();
  assert.equal(done.status?.succeeded, 3);
  assert.equal(done.status?.active, undefined);
  assert.deepEqual(done.status?.uncountedTerminatedPods, {});
  assert.ok(done.status?.completionTime);
  const reached = ['CompletionsReached', 'Reached expected number of succeeded pods'];
  assert.deepEqual(conditions(done), [
    ['SuccessCriteriaMet', 'True', ...reached],
    ['Complete', 'True', ...reached],
  ]);
  const ended = await podsNow();
  assert.equal(ended.length, 3);
  for (const { metadata } of ended) assert.equal(metadata.finalizers, undefined);
  assert.deepEqual(await reasons(), ['SuccessfulCreate', 'SuccessfulCreate', 'SuccessfulCreate', 'Completed']);
  const metrics = plane.manager.metrics.render();
  for (const line of [
    'jobs_finished_total{completion_mode="NonIndexed",result="succeeded",reason=""} 1',
    'job_pods_finished_total{completion_mode="NonIndexed",result="succeeded"} 3',
    'job_pods_creation_total{reason="new",status="succeeded"} 3',
    'terminated_pods_tracking_finalizer_total{event="add"} 3',
    'terminated_pods_tracking_finalizer_total{event="delete"} 3',
  ]) {
    assert.ok(metrics.includes(`job_controller_${line}\n`), line);
  }
});

test('without completions, the first success ends a work queue when the others have ended', async () => {
  await create({ parallelism: 3 });
  await finishOne('Succeeded');
  await rest();
  assert.equal((await activePods()).length, 2);
  await finishOne('Failed');
  await rest();
  assert.deepEqual(conditions(await current()), []);
  await finishOne('Succeeded');
  const { status } = await current();
  assert.deepEqual([status?.succeeded, status?.failed], [2, 1]);
  assert.ok(status?.completionTime);
});

test('a failed Pod is replaced after 10 s, then 20 s; beyond the limit the Job fails', async () => {
  await create({ backoffLimit: 2 });
  await finishOne('Failed');
  await plane.clock.advance(9_000);
  assert.equal((await activePods()).length, 0);
  await plane.clock.advance(2_000);
  assert.equal((await activePods()).length, 1);
  await finishOne('Failed');
  await plane.clock.advance(19_000);
  assert.equal((await activePods()).length, 0);
  await plane.clock.advance(2_000);
  await finishOne('Failed');
  const job = await current();
  assert.equal(job.status?.failed, 3);
  assert.equal(job.status?.completionTime, undefined);
  const why = ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'];
  assert.deepEqual(conditions(job), [
    ['FailureTarget', 'True', ...why],
    ['Failed', 'True', ...why],
  ]);
  assert.equal((await reasons()).at(-1), 'BackoffLimitExceeded');
});

test('while the replacement of one Pod is put off, the others still count as active', async () => {
  await create({ parallelism: 2, completions: 2 });
  await finishOne('Failed');
  const [second] = await activePods();
  assert.ok(second);
  await setReady(plane, second, true);
  const { status } = await current();
  assert.deepEqual([status?.active, status?.ready, status?.failed], [1, 1, 1]);
});

test('restarts in place count against the limit, too', async () => {
  const restarting = { spec: { ...template.spec, restartPolicy: 'OnFailure' } };
  await create({ backoffLimit: 1, template: restarting });
  const [pod] = await activePods();
  assert.ok(pod);
  const containerStatuses = [
    { name: 'main', image: 'work:1', imageID: '', ready: false, restartCount: 1, state: { running: {} } },
  ];
  const status = { phase: 'Running', containerStatuses };
  const name = pod.metadata.name ?? '';
  await plane.client.patch(pods, 'default', name, 'strategic', { status }, { subresource: 'status' });
  const job = await current();
  assert.equal(job.status?.failed, 1);
  assert.equal(job.status?.conditions?.at(-1)?.reason, 'BackoffLimitExceeded');
  assert.deepEqual(await podsNow(), []);
});

test('the deadline ends it, and its Pods', async () => {
  await create({ activeDeadlineSeconds: 30, parallelism: 2, completions: 2 });
  await plane.clock.advance(29_000);
  assert.equal((await activePods()).length, 2);
  await plane.clock.advance(4_000);
  const job = await current();
  assert.deepEqual(await podsNow(), []);
  assert.equal(job.status?.failed, 2);
  assert.deepEqual(conditions(job).at(-1), [
    'Failed',
    'True',
    'DeadlineExceeded',
    'Job was active longer than specified deadline',
  ]);
});

test('suspended, it has no Pods and its deadline stands still; resumed, it starts anew', async () => {
  await create({ suspend: true, activeDeadlineSeconds: 60, completions: 2, parallelism: 2 });
  let job = await current();
  assert.equal(job.status?.startTime, undefined);
  assert.deepEqual(conditions(job), [['Suspended', 'True', 'JobSuspended', 'Job suspended']]);
  await plane.clock.advance(120_000);
  await plane.client.patch(jobs, 'default', 'work', 'merge', { spec: { suspend: false } });
  job = await current();
  assert.equal(job.status?.active, 2);
  assert.deepEqual(conditions(job), [['Suspended', 'False', 'JobResumed', 'Job resumed']]);
  const started = job.status?.startTime;
  assert.ok(started);
  await plane.client.patch(jobs, 'default', 'work', 'merge', { spec: { suspend: true } });
  job = await current();
  assert.deepEqual(await podsNow(), []);
  assert.deepEqual([job.status?.active, job.status?.failed, job.status?.startTime], [undefined, undefined, undefined]);
  await plane.client.patch(jobs, 'default', 'work', 'merge', { spec: { suspend: false } });
  job = await current();
  assert.ok(Date.parse(job.status?.startTime ?? '') > Date.parse(started));
  const told = (await reasons()).filter((reason) => reason === 'Suspended' || reason === 'Resumed');
  assert.deepEqual(new Set(told), new Set(['Suspended', 'Resumed']));
});

test('each Pod of an Indexed Job has its index, in every form', async () => {
  const inits = { ...template.spec, initContainers: [{ name: 'first', image: 'work:1' }] };
  await create({ completionMode: 'Indexed', completions: 3, parallelism: 3, template: { spec: inits } });
  const started = (await podsNow()).toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  for (const [index, { metadata, spec }] of started.entries()) {
    assert.match(metadata.name ?? '', new RegExp(`^work-${index}-[a-z0-9]{5}$`));
    assert.equal(metadata.annotations?.[indexKey], String(index));
    assert.equal(metadata.labels?.[indexKey], String(index));
    assert.equal(spec.hostname, `work-${index}`);
    const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${indexKey}']` };
    for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      assert.deepEqual(container.env, [{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }]);
    }
  }
  await finishIndex(0, 'Succeeded');
  await finishIndex(2, 'Succeeded');
  assert.equal((await current()).status?.completedIndexes, '0,2');
  await finishIndex(1, 'Failed');
  await plane.clock.advance(15_000);
  await finishIndex(1, 'Succeeded');
  const { status } = await current();
  assert.equal(status?.completedIndexes, '0-2');
  assert.deepEqual([status?.succeeded, status?.failed], [3, 1]);
  assert.ok(status?.completionTime);
});

test('with a limit per index, an index that fails too often leaves the others alone', async () => {
  const spec = { completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 };
  await create(spec);
  await finishIndex(0, 'Failed');
  await rest();
  const kept = (await podsNow()).find(({ status }) => status?.phase === 'Failed');
  assert.deepEqual(kept?.metadata.finalizers, [finalizer], 'it waits for its successor');
  await plane.clock.advance(10_000);
  const successor = (await activePods()).find(({ metadata }) => metadata.annotations?.[indexKey] === '0');
  assert.equal(successor?.metadata.annotations?.[failureCountKey], '1');
  await finishIndex(0, 'Failed');
  let job = await current();
  assert.equal(job.status?.failedIndexes, '0');
  assert.equal(job.status?.failed, 2);
  await plane.clock.advance(60_000);
  assert.equal((await activePods()).length, 1);
  await finishIndex(1, 'Succeeded');
  job = await current();
  assert.equal(job.status?.completedIndexes, '1');
  assert.deepEqual(conditions(job).at(-1), ['Failed', 'True', 'FailedIndexes', 'Job has failed indexes']);
});

test('too many failed indexes end it', async () => {
  const limits = { backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
  await create({ completionMode: 'Indexed', completions: 5, parallelism: 5, ...limits });
  await finishIndex(3, 'Failed');
  await finishIndex(1, 'Failed');
  const job = await current();
  assert.equal(job.status?.failedIndexes, '1,3');
  assert.equal(job.status?.conditions?.at(-1)?.reason, 'MaxFailedIndexesExceeded');
  assert.deepEqual(await activePods(), []);
});

test('a success policy ends it early', async () => {
  const successPolicy = { rules: [{ succeededIndexes: '0,2-3', succeededCount: 2 }] };
  await create({ completionMode: 'Indexed', completions: 4, parallelism: 4, successPolicy });
  await finishIndex(1, 'Succeeded');
  await finishIndex(3, 'Succeeded');
  assert.deepEqual(conditions(await current()), []);
  await finishIndex(0, 'Succeeded');
  const job = await current();
  assert.deepEqual(conditions(job), [
    ['SuccessCriteriaMet', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
    ['Complete', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
  ]);
  assert.deepEqual([job.status?.succeeded, job.status?.failed], [3, undefined]);
  assert.deepEqual(await activePods(), []);
});

const podFailurePolicy = {
  rules: [
    { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } },
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
  ],
};

test('a pod failure policy fails the Job at once', async () => {
  await create({ podFailurePolicy, completions: 2, parallelism: 2 });
  const [pod] = await activePods();
  await finishOne('Failed', 42);
  const job = await current();
  const name = pod?.metadata.name ?? '';
  assert.deepEqual(conditions(job)[0], [
    'FailureTarget',
    'True',
    'PodFailurePolicy',
    `Container main for pod default/${name} failed with exit code 42 matching FailJob rule at index 0`,
  ]);
  assert.equal(job.status?.conditions?.at(-1)?.type, 'Failed');
  assert.deepEqual(await activePods(), []);
});

test('what a pod failure policy ignores does not count', async () => {
  await create({ podFailurePolicy, backoffLimit: 0 });
  const [pod] = await activePods();
  assert.ok(pod);
  const name = pod.metadata.name ?? '';
  const status = { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
  await plane.client.patch(pods, 'default', name, 'strategic', { status }, { subresource: 'status' });
  await plane.clock.advance(20_000);
  assert.equal((await activePods()).length, 1);
  assert.equal((await current()).status?.failed, undefined);
});

test('a Pod that is being deleted is replaced at once, or only when it has ended', async () => {
  for (const [podReplacementPolicy, replacedAtOnce] of [
    ['TerminatingOrFailed', true],
    ['Failed', false],
  ] as const) {
    await create({ podReplacementPolicy });
    const [pod] = await activePods();
    assert.ok(pod);
    const name = pod.metadata.name ?? '';
    const body = { metadata: { name }, target: { kind: 'Node', name: 'n1' } };
    await plane.client.createSubresource(pods, 'default', name, 'binding', body as object);
    await plane.client.delete(pods, 'default', name, { gracePeriodSeconds: 30 });
    await plane.clock.advance(15_000);
    assert.equal((await activePods()).length, replacedAtOnce ? 1 : 0, podReplacementPolicy);
    assert.equal((await current()).status?.terminating, 1, podReplacementPolicy);
    await setFinished(plane, pod, 'Failed');
    await plane.client.delete(pods, 'default', name, { gracePeriodSeconds: 0 });
    await plane.clock.advance(15_000);
    assert.equal((await activePods()).length, 1, podReplacementPolicy);
    assert.equal((await current()).status?.failed, 1, podReplacementPolicy);
    await plane.client.delete(jobs, 'default', 'work', { propagationPolicy: 'Background' });
    await plane.client.deleteCollection(pods, 'default', { gracePeriodSeconds: 0 });
    await rest();
    assert.deepEqual(await podsNow(), []);
  }
});

test('a Job that is managed by another controller is left alone', async () => {
  await create({ managedBy: 'example.com/queue' });
  assert.deepEqual((await current()).status, {});
  assert.deepEqual(await podsNow(), []);
});

test('an orphan that matches is adopted, what no longer matches is released and replaced', async () => {
  await create({ parallelism: 2, completions: 2 });
  const [first, second] = await podsNow();
  assert.ok(first && second);
  const orphan = first.metadata.name ?? '';
  await plane.client.patch(pods, 'default', orphan, 'merge', { metadata: { ownerReferences: null } });
  await rest();
  const adopted = await plane.client.get(pods, 'default', orphan);
  assert.equal(adopted.metadata.ownerReferences?.[0]?.name, 'work');
  assert.deepEqual(adopted.metadata.finalizers, [finalizer]);
  const other = second.metadata.name ?? '';
  await plane.client.patch(pods, 'default', other, 'json', [{ op: 'replace', path: '/metadata/labels', value: {} }]);
  await rest();
  const released = await plane.client.get(pods, 'default', other);
  assert.deepEqual([released.metadata.ownerReferences, released.metadata.finalizers], [undefined, undefined]);
  assert.equal((await podsNow()).length, 3);
  assert.equal((await current()).status?.active, 2);
});

test('Pods of a Job that is gone lose their finalizer', async () => {
  await create({ parallelism: 2, completions: 2 });
  await plane.client.delete(jobs, 'default', 'work', { propagationPolicy: 'Background' });
  await rest();
  const left = await podsNow();
  assert.equal(left.length, 2);
  for (const { metadata } of left) assert.equal(metadata.finalizers, undefined);
});

test('less parallelism removes Pods that are not ready first, and they do not count as failed', async () => {
  await create({ parallelism: 3, completions: 3 });
  const [first] = await activePods();
  assert.ok(first);
  await setReady(plane, first, true);
  await rest();
  await plane.client.patch(jobs, 'default', 'work', 'merge', { spec: { parallelism: 1 } });
  const { status } = await current();
  assert.deepEqual(
    (await podsNow()).map(({ metadata }) => metadata.name),
    [first.metadata.name],
  );
  assert.deepEqual([status?.active, status?.ready, status?.failed], [1, 1, undefined]);
});

test('many Pods are counted exactly, and nothing is written at rest', async () => {
  await create({ parallelism: 20, completions: 20 });
  const started = await podsNow();
  await Promise.all(started.slice(0, 15).map((pod) => setFinished(plane, pod, 'Succeeded')));
  await plane.clock.advance(30_000);
  assert.equal((await current()).status?.succeeded, 15);
  const before = (await plane.client.list(pods)).metadata.resourceVersion;
  await plane.clock.advance(10 * 60_000);
  assert.equal((await plane.client.list(pods)).metadata.resourceVersion, before);
});
