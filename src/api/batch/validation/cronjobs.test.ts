import { testCreates, testUpdates } from '../../test-validation.ts';
import { cronjobs } from '../cronjobs.ts';

const jobTemplate = {
  spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'i' }] } } },
};
const metadata = { name: 'tick', namespace: 'default' };
const cronJob = { metadata, spec: { schedule: '*/5 * * * *', jobTemplate } };
const negative = 'Invalid value: -1: must be greater than or equal to 0';
const zoneInSchedule = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
const zoned = 'TZ=UTC 0 0 * * *';

testCreates(cronjobs, cronJob, [
  ['metadata.name', 'a'.repeat(52)],
  [
    'metadata.name',
    'a'.repeat(53),
    `metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`,
  ],
  ['spec.schedule', '', 'spec.schedule: Required value'],
  ['spec.schedule', 'x', 'spec.schedule: Invalid value: "x": expected exactly 5 fields, found 1: [x]'],
  ['spec.schedule', zoned, `spec.schedule: Invalid value: "${zoned}": ${zoneInSchedule}`],
  ['spec.timeZone', 'Europe/Berlin'],
  ['spec.timeZone', '', 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  ['spec.timeZone', 'Mars/Base', 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  ['spec.timeZone', '../UTC', 'spec.timeZone: Invalid value: "../UTC": unknown time zone ../UTC'],
  [
    'spec.timeZone',
    'Local',
    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
  ],
  ['spec.startingDeadlineSeconds', 0],
  ['spec.startingDeadlineSeconds', -1, `spec.startingDeadlineSeconds: ${negative}`],
  [
    'spec.concurrencyPolicy',
    'Other',
    'spec.concurrencyPolicy: Unsupported value: "Other": supported values: "Allow", "Forbid", "Replace"',
  ],
  ['spec.successfulJobsHistoryLimit', -1, `spec.successfulJobsHistoryLimit: ${negative}`],
  ['spec.failedJobsHistoryLimit', -1, `spec.failedJobsHistoryLimit: ${negative}`],
  ['spec.jobTemplate.spec.parallelism', -1, `spec.jobTemplate.spec.parallelism: ${negative}`],
  [
    'spec.jobTemplate.spec.template.spec.containers',
    [],
    'spec.jobTemplate.spec.template.spec.containers: Required value',
  ],
  [
    'spec.jobTemplate.spec.selector',
    { matchLabels: { a: 'b' } },
    'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
  ],
  [
    'spec.jobTemplate.spec.manualSelector',
    true,
    'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
  ],
  [
    'spec.jobTemplate.spec.template.spec.restartPolicy',
    'Always',
    'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
]);

testUpdates(cronjobs, cronJob, [
  ['spec.schedule', '@hourly'],
  ['spec.schedule', zoned, `spec.schedule: Invalid value: "${zoned}": ${zoneInSchedule}`],
]);

const old = { metadata: { ...metadata, name: 'a'.repeat(60) }, spec: { schedule: zoned, jobTemplate } };
testUpdates(cronjobs, old, [
  ['spec.schedule', 'CRON_TZ=UTC 0 1 * * *'],
  [
    'spec.timeZone',
    'UTC',
    `spec.schedule: Invalid value: "${zoned}": cannot use both timeZone field and TZ or CRON_TZ in schedule`,
  ],
]);
testUpdates(cronjobs, { metadata, spec: { ...cronJob.spec, timeZone: 'Mars/Base' } }, [
  ['spec.suspend', true],
  ['spec.timeZone', 'Mars/Two', 'spec.timeZone: Invalid value: "Mars/Two": unknown time zone Mars/Two'],
]);
