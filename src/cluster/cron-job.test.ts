// The CronJob controller with that of Jobs, against a real API server on a virtual clock that begins at midnight.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { CronJob, CronJobSpec, Job } from '../api/types/batch.v1.ts';
import { cronJobs, events, jobs, pods } from '../client/resources.ts';
import { cronJobController } from '../controllers/cron-job/index.ts';
import { jobController } from '../controllers/job/index.ts';
import { setFinished } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const minuteMs = 60_000;

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [cronJobController, jobController],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
});
afterEach(() => plane.stop());

const jobTemplate = {
  metadata: { labels: { app: 'tick' }, annotations: { note: 'kept' } },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] } } },
};

async function create(spec: object): Promise<void> {
  const full = { schedule: '* * * * *', jobTemplate, ...spec } as CronJobSpec;
  await plane.client.create(cronJobs, { metadata: { name: 'tick', namespace: 'default' }, spec: full });
  await plane.settle();
}

async function patch(spec: object): Promise<void> {
  await plane.client.patch(cronJobs, 'default', 'tick', 'merge', { spec });
  await plane.settle();
}

async function current(): Promise<CronJob> {
  await plane.settle();
  return plane.client.get(cronJobs, 'default', 'tick');
}

async function jobsNow(): Promise<Job[]> {
  await plane.settle();
  return (await plane.client.list(jobs, 'default')).items;
}

async function names(): Promise<string[]> {
  return (await jobsNow()).map(({ metadata }) => metadata.name ?? '');
}

/** The name of the Job of a time on the first day. */
function nameAt(hour: number, minute: number): string {
  return `tick-${Date.UTC(2026, 0, 1, hour, minute) / minuteMs}`;
}

async function finishAll(phase: 'Succeeded' | 'Failed'): Promise<void> {
  for (const pod of (await plane.client.list(pods, 'default')).items) {
    if (pod.status?.phase === 'Pending') await setFinished(plane, pod, phase);
  }
  await plane.clock.advance(5_000);
}

async function told(): Promise<(readonly [string | undefined, string | undefined])[]> {
  const { items } = await plane.client.list(events, 'default', { fieldSelector: 'involvedObject.kind=CronJob' });
  return items.map(({ reason, message }) => [reason, message] as const);
}

test('a Job is made at each scheduled time, named by the minute, and noted until it has ended', async () => {
  await create({ schedule: '*/5 * * * *' });
  await plane.clock.advance(4 * minuteMs);
  assert.deepEqual(await names(), []);
  await plane.clock.advance(minuteMs + 500);
  const [job] = await jobsNow();
  assert.ok(job);
  assert.equal(job.metadata.name, nameAt(0, 5));
  assert.equal(job.metadata.labels?.['app'], 'tick');
  assert.equal(job.metadata.annotations?.['note'], 'kept');
  const scheduled = job.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'];
  assert.equal(scheduled, '2026-01-01T00:05:00Z');
  assert.equal(job.metadata.ownerReferences?.[0]?.kind, 'CronJob');
  const { status } = await current();
  assert.equal(status?.lastScheduleTime, '2026-01-01T00:05:00Z');
  assert.deepEqual(
    status?.active?.map(({ kind, apiVersion, name, uid }) => [kind, apiVersion, name, uid]),
    [['Job', 'batch/v1', nameAt(0, 5), job.metadata.uid]],
  );
  await finishAll('Succeeded');
  const after = await current();
  assert.equal(after.status?.active, undefined);
  assert.equal(after.status?.lastSuccessfulTime, (await jobsNow())[0]?.status?.completionTime);
  assert.deepEqual(await told(), [
    ['SuccessfulCreate', `Created job ${nameAt(0, 5)}`],
    ['SawCompletedJob', `Saw completed job: ${nameAt(0, 5)}, condition: Complete`],
  ]);
  await plane.clock.advance(5 * minuteMs);
  assert.deepEqual(await names(), [nameAt(0, 5), nameAt(0, 10)]);
});

test('schedules hold in their time zone', async () => {
  await create({ schedule: '30 6 * * *', timeZone: 'Asia/Kolkata' });
  await plane.clock.advance(61 * minuteMs);
  const [job] = await jobsNow();
  assert.equal(job?.metadata.name, nameAt(1, 0));
  const scheduled = job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'];
  assert.equal(scheduled, '2026-01-01T06:30:00+05:30');
});

test('one after the other, all at once, or the new one instead of the old', async () => {
  await create({ concurrencyPolicy: 'Forbid' });
  await plane.clock.advance(2 * minuteMs + 500);
  assert.deepEqual(await names(), [nameAt(0, 1)]);
  assert.ok((await told()).some(([reason]) => reason === 'JobAlreadyActive'));
  await patch({ concurrencyPolicy: 'Allow' });
  await plane.clock.advance(minuteMs);
  assert.deepEqual(await names(), [nameAt(0, 1), nameAt(0, 2), nameAt(0, 3)]);
  await patch({ concurrencyPolicy: 'Replace' });
  await plane.clock.advance(minuteMs);
  assert.deepEqual(await names(), [nameAt(0, 4)]);
  assert.equal((await current()).status?.active?.length, 1);
});

test('with Forbid, the time that was missed is served late, when the one before has ended', async () => {
  await create({ concurrencyPolicy: 'Forbid' });
  await plane.clock.advance(3 * minuteMs + 30_000);
  await finishAll('Succeeded');
  assert.deepEqual(await names(), [nameAt(0, 1), nameAt(0, 3)]);
});

test('suspended, it makes nothing; resumed, it serves the last time that it missed', async () => {
  await create({ suspend: true });
  await plane.clock.advance(10 * minuteMs);
  assert.deepEqual(await names(), []);
  await patch({ suspend: false });
  await plane.clock.advance(500);
  assert.deepEqual(await names(), [nameAt(0, 10)]);
});

test('what is later than the starting deadline is not served', async () => {
  await create({ schedule: '0 * * * *', suspend: true, startingDeadlineSeconds: 60 });
  await plane.clock.advance(70 * minuteMs);
  await patch({ suspend: false });
  await plane.clock.advance(minuteMs);
  assert.deepEqual(await names(), []);
  await plane.clock.advance(50 * minuteMs);
  assert.deepEqual(await names(), [nameAt(2, 0)]);
});

test('who misses more than a hundred times is told', async () => {
  await create({ suspend: true });
  await plane.clock.advance(150 * minuteMs);
  await patch({ suspend: false });
  await plane.clock.advance(500);
  assert.deepEqual(await names(), [nameAt(2, 30)]);
  const [reason, message] = (await told())[0] ?? [];
  assert.equal(reason, 'TooManyMissedTimes');
  assert.match(message ?? '', /^too many missed start times\. Set or decrease .spec.startingDeadlineSeconds or/);
});

test('only so many Jobs are kept, the newest, of those that succeeded and of those that failed', async () => {
  await create({ successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1 });
  await patch({ jobTemplate: { spec: { backoffLimit: 0 } } });
  for (const phase of ['Succeeded', 'Failed', 'Succeeded', 'Failed', 'Succeeded'] as const) {
    await plane.clock.advance(minuteMs);
    await finishAll(phase);
  }
  const left = await jobsNow();
  const ended = left.map(({ status }) => status?.conditions?.at(-1)?.type);
  assert.equal(ended.filter((type) => type === 'Complete').length, 2);
  assert.equal(ended.filter((type) => type === 'Failed').length, 1);
  assert.ok((await told()).some(([reason]) => reason === 'SuccessfulDelete'));
});

test('a new schedule holds from its next time on', async () => {
  await create({ schedule: '0 12 * * *' });
  await plane.clock.advance(10 * minuteMs);
  await patch({ schedule: '*/30 * * * *' });
  await plane.clock.advance(19 * minuteMs);
  assert.deepEqual(await names(), []);
  await plane.clock.advance(2 * minuteMs);
  assert.deepEqual(await names(), [nameAt(0, 30)]);
});

test('an active Job that is gone is missed, one that is not known is reported', async () => {
  await create({ schedule: '0 * * * *' });
  await plane.clock.advance(61 * minuteMs);
  await plane.client.delete(jobs, 'default', nameAt(1, 0), { propagationPolicy: 'Background' });
  await plane.clock.advance(500);
  assert.equal((await current()).status?.active, undefined);
  const { metadata } = await current();
  const reference = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: 'tick',
    uid: metadata.uid ?? '',
    controller: true,
  };
  const own = { name: 'mine', namespace: 'default', ownerReferences: [reference] };
  await plane.client.create(jobs, { metadata: own, spec: jobTemplate.spec } as Job);
  await plane.clock.advance(500);
  const reasons = await told();
  assert.ok(reasons.some(([, message]) => message === `Active job went missing: ${nameAt(1, 0)}`));
  assert.ok(reasons.some(([, text]) => text === 'Saw a job that the controller did not create or forgot: mine'));
});

test('nothing is written between two times', async () => {
  await create({ schedule: '0 * * * *' });
  await plane.clock.advance(61 * minuteMs);
  await finishAll('Succeeded');
  await plane.clock.advance(minuteMs);
  const before = (await plane.client.list(jobs)).metadata.resourceVersion;
  await plane.clock.advance(50 * minuteMs);
  assert.equal((await plane.client.list(jobs)).metadata.resourceVersion, before);
});
