import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { CronJob, Job } from '../types/batch.v1.ts';
import { cronjobs } from './cronjobs.ts';
import { batchDefinitions } from './index.ts';
import { jobs } from './jobs.ts';

const metadata = { name: 'x', creationTimestamp: created };
const template = { spec: { containers: [{ name: 'c', image: 'i' }] } };
const jobHeader = 'Name Status Completions Duration Age |Containers |Images |Selector';
const cronJobHeader = 'Name Schedule Timezone Suspend Active LastSchedule Age |Containers |Images |Selector';

testRows(batchDefinitions, [
  [
    'jobs',
    {
      metadata,
      spec: { completions: 3, selector: { matchLabels: { a: 'b' } }, template },
      status: { succeeded: 2, startTime: created },
    },
    jobHeader,
    ['x', 'Running', '2/3', '5m', '5m', 'c', 'i', 'a=b'],
  ],
  [
    'jobs',
    {
      metadata,
      spec: { parallelism: 4 },
      status: {
        succeeded: 1,
        startTime: created,
        completionTime: '2026-01-02T02:59:35Z',
        conditions: [{ type: 'Complete', status: 'True' }],
      },
    },
    jobHeader,
    ['x', 'Complete', '1/1 of 4', '30s', '5m', '', '', '<none>'],
  ],
  [
    'jobs',
    {
      metadata: { ...metadata, deletionTimestamp: created },
      status: { conditions: [{ type: 'Suspended', status: 'True' }] },
    },
    jobHeader,
    ['x', 'Terminating', '0/1', '', '5m', '', '', '<none>'],
  ],
  ['jobs', {}, jobHeader, ['', 'Running', '0/1', '', '<unknown>', '', '', '<none>']],
  [
    'cronjobs',
    {
      metadata,
      spec: {
        schedule: '* * * * *',
        timeZone: 'Etc/UTC',
        suspend: false,
        jobTemplate: { spec: { template, selector: { matchLabels: { a: 'b' } } } },
      },
      status: { active: [{}, {}], lastScheduleTime: '2026-01-02T03:03:50Z' },
    },
    cronJobHeader,
    ['x', '* * * * *', 'Etc/UTC', 'False', 2, '15s', '5m', 'c', 'i', 'a=b'],
  ],
  ['cronjobs', {}, cronJobHeader, ['', '', '<none>', '<unset>', 0, '<none>', '<unknown>', '', '', '<none>']],
]);

test("the status of a Job is its first condition that holds, in upstream's order", () => {
  const status = jobs.columns?.find(({ name }) => name === 'Status');
  const cell = (...types: readonly string[]): unknown =>
    status?.cell({ status: { conditions: types.map((type) => ({ type, status: 'True' })) } } as object, { nowMs: 0 });
  assert.equal(cell('FailureTarget', 'Failed'), 'Failed');
  assert.equal(cell('Suspended', 'FailureTarget'), 'Suspended');
  assert.equal(cell('FailureTarget'), 'FailureTarget');
  assert.equal(
    status?.cell({ status: { conditions: [{ type: 'Failed', status: 'False' }] } } as object, { nowMs: 0 }),
    'Running',
  );
});

test("a Job gets upstream's defaults", () => {
  const { spec } = createdFrom<Job>(jobs, { metadata: { name: 'pi', uid: 'u-1' }, spec: { template } });
  const { template: _, selector: __, ...rest } = spec;
  assert.deepEqual(rest, {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    manualSelector: false,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  });
});

test('what a Job says changes the defaults of the rest', () => {
  const parallel = createdFrom<Job>(jobs, { spec: { parallelism: 5, template } }).spec;
  assert.equal(parallel.completions, undefined);
  const indexed = createdFrom<Job>(jobs, { spec: { backoffLimitPerIndex: 1, template } }).spec;
  assert.equal(indexed.backoffLimit, 2_147_483_647);
  const policy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] };
  const failing = createdFrom<Job>(jobs, { spec: { podFailurePolicy: policy, template } }).spec;
  assert.equal(failing.podReplacementPolicy, 'Failed');
  assert.equal(failing.podFailurePolicy?.rules?.[0]?.onPodConditions?.[0]?.status, 'True');
});

const generated = {
  'batch.kubernetes.io/controller-uid': 'u-1',
  'batch.kubernetes.io/job-name': 'pi',
  'controller-uid': 'u-1',
  'job-name': 'pi',
};

test('a Job owns its pods by labels that are made for it', () => {
  const job = createdFrom<Job>(jobs, { metadata: { name: 'pi', uid: 'u-1' }, spec: { template } });
  assert.deepEqual(job.spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-1' } });
  assert.deepEqual(job.spec.template.metadata?.labels, generated);
  assert.deepEqual(job.metadata.labels, generated);
});

test('a Job without labels has those of its template, and its own labels stay alone', () => {
  const labelled = { metadata: { labels: { app: 'x' } }, ...template };
  const bare = createdFrom<Job>(jobs, { metadata: { name: 'pi', uid: 'u-1' }, spec: { template: labelled } });
  assert.deepEqual(bare.metadata.labels, { app: 'x', ...generated });
  const own = createdFrom<Job>(jobs, {
    metadata: { name: 'pi', uid: 'u-1', labels: { app: 'x' } },
    spec: { template: labelled },
  });
  assert.deepEqual(own.metadata.labels, { app: 'x' });
  assert.deepEqual(own.spec.template.metadata?.labels, { app: 'x', ...generated });
});

test('a Job whose creator selects by hand is left alone', () => {
  const selector = { matchLabels: { app: 'x' } };
  const job = createdFrom<Job>(jobs, {
    metadata: { name: 'pi', uid: 'u-1' },
    spec: { manualSelector: true, selector, template: { metadata: { labels: { app: 'x' } }, ...template } },
  });
  assert.deepEqual(job.spec.selector, selector);
  assert.deepEqual(job.spec.template.metadata?.labels, { app: 'x' });
});

test('labels that contradict are kept, for validation to refuse', () => {
  const labels = { 'controller-uid': 'other' };
  const job = createdFrom<Job>(jobs, {
    metadata: { name: 'pi', uid: 'u-1' },
    spec: { template: { metadata: { labels }, ...template } },
  });
  assert.equal(job.spec.template.metadata?.labels?.['controller-uid'], 'other');
});

test("a CronJob gets upstream's defaults, its Jobs do not yet", () => {
  const { spec } = createdFrom<CronJob>(cronjobs, {
    spec: { schedule: '@hourly', jobTemplate: { spec: { template } } },
  });
  assert.equal(spec.concurrencyPolicy, 'Allow');
  assert.equal(spec.suspend, false);
  assert.equal(spec.successfulJobsHistoryLimit, 3);
  assert.equal(spec.failedJobsHistoryLimit, 1);
  assert.equal(spec.jobTemplate.spec?.backoffLimit, undefined);
  assert.equal(spec.jobTemplate.spec?.template.spec?.dnsPolicy, 'ClusterFirst');
});

test('Jobs can be selected by their number of successes', () => {
  assert.equal(jobs.selectableFields['status.successful']?.({ status: { succeeded: 2 } } as object), '2');
  assert.equal(jobs.selectableFields['status.successful']?.({}), '0');
});
