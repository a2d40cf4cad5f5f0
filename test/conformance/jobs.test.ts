// Jobs run Pods to their end, and CronJobs make Jobs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CronJobSpec,
  Job,
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
} from '../../src/api/types/batch.v1.ts';
import type { PodSpec } from '../../src/api/types/core.v1.ts';
import { cronJobs, events, jobs, pods } from '../../src/client/resources.ts';
import type { ContainerScript } from '../../src/kubelet/runtime/simulated/script.ts';
import { nameOf, startRunningCluster, type Space } from './running-cluster.ts';
import { templateOf } from './workload.ts';

const running = startRunningCluster();
const succeeds: ContainerScript = { runs: [{ exitAfterMs: 2000 }] };
const goesOn: ContainerScript = {};

function specOf(script: ContainerScript, more: Partial<JobSpec> = {}, pod: Partial<PodSpec> = {}): JobSpec {
  const template = templateOf({}, { script });
  return { template: { ...template, spec: { restartPolicy: 'Never', ...template.spec, ...pod } as PodSpec }, ...more };
}

function create(space: Space, spec: JobSpec): Promise<Job> {
  return space.create(jobs, { metadata: { name: 'job' }, spec });
}

async function ends(space: Space, type: 'Complete' | 'Failed', reason: string): Promise<Job> {
  await running.until(`the Job is ${type}`, async () => {
    const { status } = await space.get(jobs, 'job');
    return status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
  });
  const job = await space.get(jobs, 'job');
  const condition = job.status?.conditions?.find((one) => one.type === type);
  assert.equal(condition?.reason, reason);
  return job;
}

test('[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted', async () => {
  const space = await running.newSpace();
  const script: ContainerScript = { runs: [{ exitAfterMs: 1000, exitCode: 1 }, { exitAfterMs: 1000 }] };
  await create(space, specOf(script, { completions: 4, parallelism: 2 }, { restartPolicy: 'OnFailure' }));
  const { status } = await ends(space, 'Complete', 'CompletionsReached');
  assert.deepEqual([status?.succeeded, status?.failed, status?.active], [4, undefined, undefined]);
  const all = await space.list(pods);
  assert.deepEqual(
    all.map((pod) => [pod.status?.phase, pod.status?.containerStatuses?.[0]?.restartCount]),
    Array.from({ length: 4 }, () => ['Succeeded', 1]),
  );
});

test('[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname', async () => {
  const space = await running.newSpace();
  await create(space, specOf(succeeds, { completions: 4, parallelism: 2, completionMode: 'Indexed' }));
  const { status } = await ends(space, 'Complete', 'CompletionsReached');
  assert.equal(status?.completedIndexes, '0-3');
  const all = await space.list(pods);
  const indexes = all.map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? '');
  assert.deepEqual(indexes.toSorted(), ['0', '1', '2', '3']);
  for (const [number, pod] of all.entries()) {
    const index = indexes[number] ?? '';
    assert.equal(pod.spec.hostname, `job-${index}`);
    assert.ok(nameOf(pod).startsWith(`job-${index}-`));
    assert.equal(pod.metadata.labels?.['batch.kubernetes.io/job-completion-index'], index);
    assert.ok(pod.spec.containers?.[0]?.env?.some(({ name }) => name === 'JOB_COMPLETION_INDEX'));
  }
});

test('[sig-apps] Job should delete a job', async () => {
  const space = await running.newSpace();
  await create(space, specOf(goesOn, { completions: 4, parallelism: 2 }));
  await space.readyPods(2);
  await space.delete(jobs, 'job', { propagationPolicy: 'Foreground' });
  await running.until('the Job is gone', () => space.isGone(jobs, 'job'));
  assert.deepEqual(await space.list(pods), []);
});

test('[sig-apps] Job should adopt matching orphans and release non-matching pods', async () => {
  const space = await running.newSpace();
  await create(space, specOf(goesOn, { completions: 4, parallelism: 2 }));
  const [pod] = await space.readyPods(2);
  assert.ok(pod !== undefined);
  const ownersOf = async (): Promise<unknown> =>
    (await space.get(pods, nameOf(pod))).metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`).join();
  await running.client.patch(pods, space.namespace, nameOf(pod), 'merge', { metadata: { ownerReferences: null } });
  await running.until('it is adopted', async () => (await ownersOf()) === 'Job job');
  const gone = Object.fromEntries(Object.keys(pod.metadata.labels ?? {}).map((label) => [label, null]));
  await running.client.patch(pods, space.namespace, nameOf(pod), 'merge', { metadata: { labels: gone } });
  await running.until('it is released', async () => (await ownersOf()) === undefined);
});

test('[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early', async () => {
  const space = await running.newSpace();
  const onExitCodes: PodFailurePolicyOnExitCodesRequirement = { containerName: 'c', operator: 'In', values: [1] };
  await create(
    space,
    specOf(
      { runs: [{ exitAfterMs: 500, exitCode: 1 }] },
      {
        completions: 4,
        parallelism: 2,
        backoffLimit: 2,
        podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] },
      },
    ),
  );
  const { status } = await ends(space, 'Failed', 'PodFailurePolicy');
  const condition = status?.conditions?.find(({ type }) => type === 'Failed');
  assert.match(
    condition?.message ?? '',
    /^Container c for pod conformance-\d+\/job-\w+ failed with exit code 1 matching FailJob rule at index 0$/,
  );
});

test('[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition', async () => {
  const space = await running.newSpace();
  await create(
    space,
    specOf(
      { onStop: { exitCode: 1 } },
      {
        backoffLimit: 0,
        podFailurePolicy: {
          rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
        },
      },
    ),
  );
  const [evicted] = await space.readyPods(1);
  const name = evicted === undefined ? '' : nameOf(evicted);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: space.namespace } };
  await running.client.createSubresource(pods, space.namespace, name, 'eviction', eviction);
  await running.until('it is replaced', async () => (await space.pods()).some((pod) => nameOf(pod) !== name));
  const { status } = await space.get(jobs, 'job');
  // The Pod that was evicted does not count.
  assert.deepEqual([status?.failed ?? 0, status?.conditions ?? []], [0, []]);
});

test('[sig-apps] Job with successPolicy should succeeded when all indexes succeeded', async () => {
  const space = await running.newSpace();
  const successPolicy = { rules: [{ succeededIndexes: '0-1' }] };
  await create(space, specOf(succeeds, { completions: 2, parallelism: 2, completionMode: 'Indexed', successPolicy }));
  const { status } = await ends(space, 'Complete', 'SuccessPolicy');
  assert.equal(status?.completedIndexes, '0,1');
});

test('an index of a Job fails alone, when backoffLimitPerIndex says so', async () => {
  const space = await running.newSpace();
  const limits = { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1 } as const;
  await create(space, specOf({ runs: [{ exitAfterMs: 500, exitCode: 1 }] }, limits));
  const { status } = await ends(space, 'Failed', 'FailedIndexes');
  assert.deepEqual([status?.failedIndexes, status?.failed, status?.succeeded ?? 0], ['0,1', 4, 0]);
});

async function createCronJob(space: Space, script: ContainerScript, more: Partial<CronJobSpec> = {}): Promise<void> {
  await space.create(cronJobs, {
    metadata: { name: 'cron' },
    spec: { schedule: '*/1 * * * ?', jobTemplate: { spec: specOf(script) }, ...more },
  });
}

async function activeJobs(space: Space): Promise<string[]> {
  return ((await space.get(cronJobs, 'cron')).status?.active ?? []).map(({ name }) => name ?? '').toSorted();
}

test('[sig-apps] CronJob should schedule multiple jobs concurrently', async () => {
  const space = await running.newSpace();
  await createCronJob(space, goesOn, { concurrencyPolicy: 'Allow' });
  await running.cluster.advance('2m');
  const active = await activeJobs(space);
  assert.equal(active.length, 2);
  assert.deepEqual((await space.list(jobs)).map(nameOf).toSorted(), active);
});

test('[sig-apps] CronJob should not schedule jobs when suspended', async () => {
  const space = await running.newSpace();
  await createCronJob(space, succeeds, { suspend: true });
  await running.cluster.advance('5m');
  assert.deepEqual(await space.list(jobs), []);
});

test('[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent', async () => {
  const space = await running.newSpace();
  await createCronJob(space, goesOn, { concurrencyPolicy: 'Forbid' });
  await running.cluster.advance('1m');
  const first = await activeJobs(space);
  assert.equal(first.length, 1);
  await running.cluster.advance('3m');
  assert.deepEqual(await activeJobs(space), first);
  assert.equal((await space.list(jobs)).length, 1);
  assert.ok((await space.list(events)).some(({ reason }) => reason === 'JobAlreadyActive'));
});

test('[sig-apps] CronJob should replace jobs when ReplaceConcurrent', async () => {
  const space = await running.newSpace();
  await createCronJob(space, goesOn, { concurrencyPolicy: 'Replace' });
  await running.cluster.advance('1m');
  const first = await activeJobs(space);
  assert.equal(first.length, 1);
  await running.cluster.advance('1m');
  const second = await activeJobs(space);
  assert.equal(second.length, 1);
  assert.notDeepEqual(second, first);
  await running.until('the first is gone', () => space.isGone(jobs, first[0] ?? ''));
});
