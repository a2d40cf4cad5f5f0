import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCreates, testStatuses, testUpdates } from '../../test-validation.ts';
import type { Job } from '../../types/batch.v1.ts';
import { jobs } from '../jobs.ts';
import { validateJobStatus } from './job-status.ts';

const metadata = { name: 'pi', namespace: 'default', uid: 'u-1' };
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
const job = { metadata, spec: { template } };
const indexed = { metadata, spec: { template, completionMode: 'Indexed', completions: 10, parallelism: 5 } };

const negative = 'Invalid value: -1: must be greater than or equal to 0';
const needsIndexed = 'requires indexed completion mode';

testCreates(jobs, job, [
  ['spec.template.spec.containers', [], 'spec.template.spec.containers: Required value'],
  ['spec.parallelism', 0],
  ['spec.parallelism', -1, `spec.parallelism: ${negative}`],
  ['spec.completions', -1, `spec.completions: ${negative}`],
  ['spec.activeDeadlineSeconds', -1, `spec.activeDeadlineSeconds: ${negative}`],
  ['spec.backoffLimit', -1, `spec.backoffLimit: ${negative}`],
  ['spec.ttlSecondsAfterFinished', 0],
  ['spec.ttlSecondsAfterFinished', -1, `spec.ttlSecondsAfterFinished: ${negative}`],
  ['spec.backoffLimitPerIndex', 1, `spec.backoffLimitPerIndex: Invalid value: 1: ${needsIndexed}`],
  [
    'spec.maxFailedIndexes',
    1,
    'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
    `spec.maxFailedIndexes: Invalid value: 1: ${needsIndexed}`,
  ],
  ['spec.managedBy', 'example.com/controller'],
  [
    'spec.managedBy',
    'controller',
    'spec.managedBy: Invalid value: "controller": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  ['spec.managedBy', `example.com/${'a'.repeat(51)}`],
  ['spec.managedBy', `example.com/${'a'.repeat(52)}`, 'spec.managedBy: Too long: may not be more than 63 bytes'],
  [
    'spec.completionMode',
    'Other',
    'spec.completionMode: Unsupported value: "Other": supported values: "NonIndexed", "Indexed"',
  ],
  [
    'spec.podReplacementPolicy',
    'Other',
    'spec.podReplacementPolicy: Unsupported value: "Other": supported values: "Failed", "TerminatingOrFailed"',
  ],
  [
    'spec.template.spec.restartPolicy',
    undefined,
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  [
    'spec.successPolicy',
    { rules: [{ succeededCount: 1 }] },
    `spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: ${needsIndexed}`,
  ],
  [
    'spec.template.metadata',
    { labels: { 'controller-uid': 'x' } },
    'spec.template.metadata.labels[controller-uid]: Invalid value: {"batch.kubernetes.io/controller-uid":"u-1","batch.kubernetes.io/job-name":"pi","controller-uid":"x","job-name":"pi"}: must be \'u-1\'',
  ],
  [
    'spec.selector',
    { matchLabels: { app: 'x' } },
    'spec.selector: Invalid value: {"matchLabels":{"app":"x","batch.kubernetes.io/controller-uid":"u-1"}}: `selector` not auto-generated',
    'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"u-1","batch.kubernetes.io/job-name":"pi","controller-uid":"u-1","job-name":"pi"}: `selector` does not match template `labels`',
  ],
  [
    'spec.manualSelector',
    true,
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
  ],
]);

testCreates(jobs, indexed, [
  ['spec.completions', undefined, 'spec.completions: Required value: when completion mode is Indexed'],
  ['spec.parallelism', 100_000],
  [
    'spec.parallelism',
    100_001,
    'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
  ],
  ['spec.successPolicy', { rules: [{ succeededIndexes: '0,2-9', succeededCount: 9 }] }],
  [
    'spec.successPolicy',
    { rules: [] },
    'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
  ],
  [
    'spec.successPolicy',
    { rules: Array.from({ length: 21 }, () => ({ succeededCount: 1 })) },
    'spec.successPolicy.rules: Too many: 21: must have at most 20 items',
  ],
  [
    'spec.successPolicy',
    { rules: [{}] },
    'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
  ],
  [
    'spec.successPolicy',
    { rules: [{ succeededIndexes: '3-1' }] },
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "3-1": error parsing succeededIndexes: non-increasing order, previous: 3, current: 1',
  ],
  [
    'spec.successPolicy',
    { rules: [{ succeededIndexes: '10' }] },
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "10": error parsing succeededIndexes: too large index: "10"',
  ],
  [
    'spec.successPolicy',
    { rules: [{ succeededIndexes: '1-2-3' }, { succeededIndexes: 'x' }, { succeededIndexes: '2,2' }] },
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1-2-3": error parsing succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
    'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "x": error parsing succeededIndexes: cannot convert string to integer for index: "x"',
    'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "2,2": error parsing succeededIndexes: non-increasing order, previous: 2, current: 2',
  ],
  [
    'spec.successPolicy',
    { rules: [{ succeededCount: 11 }, { succeededIndexes: '1-2', succeededCount: 3 }] },
    'spec.successPolicy.rules[0].succeededCount: Invalid value: 11: must be less than or equal to 10 (the number of specified completions)',
    'spec.successPolicy.rules[1].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
  ],
  [
    'metadata.name',
    'a'.repeat(62),
    `metadata.name: Invalid value: "${'a'.repeat(62)}": will not able to create pod with invalid DNS label: ${'a'.repeat(62)}-9`,
  ],
]);

const many = {
  metadata,
  spec: { ...indexed.spec, completions: 100_001, backoffLimitPerIndex: 1, maxFailedIndexes: 10_000 },
};
testCreates(jobs, many, [
  [
    'spec.maxFailedIndexes',
    undefined,
    'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
  ],
  [
    'spec.maxFailedIndexes',
    10_001,
    'spec.maxFailedIndexes: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
  ],
  [
    'spec.parallelism',
    10_001,
    'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
  ],
  ['spec.completions', 9_999, 'spec.maxFailedIndexes: Invalid value: 10000: must be less than or equal to completions'],
]);

const rule = { action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [1, 2] } };
const policy = 'spec.podFailurePolicy.rules';
testCreates(jobs, { metadata, spec: { template, podFailurePolicy: { rules: [rule] } } }, [
  [policy, Array.from({ length: 21 }, () => rule), `${policy}: Too many: 21: must have at most 20 items`],
  [
    `${policy}.0.action`,
    '',
    `${policy}[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
  ],
  [
    `${policy}.0.action`,
    'Other',
    `${policy}[0].action: Unsupported value: "Other": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
  ],
  [
    `${policy}.0.action`,
    'FailIndex',
    `${policy}[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
  ],
  [
    `${policy}.0.onExitCodes.operator`,
    '',
    `${policy}[0].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]`,
  ],
  [
    `${policy}.0.onExitCodes.containerName`,
    'd',
    `${policy}[0].onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template`,
  ],
  [
    `${policy}.0.onExitCodes.values`,
    [],
    `${policy}[0].onExitCodes.values: Invalid value: []: at least one value is required`,
  ],
  [
    `${policy}.0.onExitCodes.values`,
    Array.from({ length: 256 }, (_, index) => index + 1),
    `${policy}[0].onExitCodes.values: Too many: 256: must have at most 255 items`,
  ],
  [
    `${policy}.0.onExitCodes.values`,
    [2, 2, 0],
    `${policy}[0].onExitCodes.values[1]: Duplicate value: 2`,
    `${policy}[0].onExitCodes.values[2]: Invalid value: 0: must not be 0 for the In operator`,
    `${policy}[0].onExitCodes.values: Invalid value: [2,2,0]: must be ordered`,
  ],
  [
    `${policy}.0.onExitCodes`,
    undefined,
    `${policy}[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
  ],
  [
    `${policy}.0.onPodConditions`,
    [{ type: 'A', status: 'Maybe' }],
    `${policy}[0].onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
    `${policy}[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`,
  ],
  [
    'spec.template.spec.restartPolicy',
    'OnFailure',
    'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
  ],
  [
    'spec.podReplacementPolicy',
    'TerminatingOrFailed',
    'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
  ],
]);

const labels = {
  'batch.kubernetes.io/controller-uid': 'u-1',
  'batch.kubernetes.io/job-name': 'pi',
  'controller-uid': 'u-1',
  'job-name': 'pi',
};
const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-1' } };
const stored = { metadata, spec: { completions: 1, selector, template: { metadata: { labels }, ...template } } };
const templateImmutable = (spec: string): string =>
  `spec.template: Invalid value: {"metadata":{"labels":${JSON.stringify(labels)}},"spec":${spec}}: field is immutable`;
const podSpec = (more: string): string =>
  `{"containers":[{"name":"c","image":"i","resources":{},"imagePullPolicy":"Always","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"restartPolicy":"Never",${more}"dnsPolicy":"ClusterFirst","securityContext":{},"terminationGracePeriodSeconds":30,"schedulerName":"default-scheduler"}`;

testUpdates(jobs, stored, [
  ['spec.parallelism', 3],
  ['spec.backoffLimit', 3],
  ['spec.suspend', true],
  ['spec.completions', 3, 'spec.completions: Invalid value: 3: field is immutable'],
  ['spec.completionMode', 'Indexed', 'spec.completionMode: Invalid value: "Indexed": field is immutable'],
  ['spec.managedBy', 'a.b/c', 'spec.managedBy: Invalid value: "a.b/c": field is immutable'],
  ['spec.template.spec.nodeSelector', { a: 'b' }, templateImmutable(podSpec('"nodeSelector":{"a":"b"},'))],
]);

const suspended = { metadata, spec: { ...stored.spec, suspend: true } };
testUpdates(jobs, suspended, [
  ['spec.template.spec.nodeSelector', { a: 'b' }],
  ['spec.template.spec.tolerations', [{ key: 'a', operator: 'Exists' }]],
  ['spec.template.spec.affinity', { nodeAffinity: {} }],
  ['spec.template.spec.schedulingGates', [{ name: 'a' }]],
  ['spec.template.metadata.annotations', { a: 'b' }],
  ['spec.template.spec.containers.0.resources', { requests: { cpu: '1' } }],
  ['spec.template.spec.dnsPolicy', 'Default', templateImmutable(podSpec('').replace('ClusterFirst', 'Default'))],
]);

testUpdates(jobs, { metadata, spec: { ...stored.spec, completionMode: 'Indexed', completions: 3, parallelism: 3 } }, [
  ['spec.completions', 4, 'spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism'],
]);

const running = { ...indexed, status: { startTime: '2026-01-01T00:00:00Z', active: 2, succeeded: 2, failed: 1 } };
const done = (type: string): object => ({ type, status: 'True' });

test('a Job that is resumed may start anew', () => {
  const startAt = (startTime: string, suspended: string): Job =>
    ({ ...running, status: { startTime, conditions: [{ type: 'Suspended', status: suspended }] } }) as unknown as Job;
  const old = startAt('2026-01-01T00:00:00Z', 'True');
  assert.deepEqual(validateJobStatus(startAt('2026-01-02T00:00:00Z', 'False'), old), []);
  assert.equal(validateJobStatus(startAt('2026-01-02T00:00:00Z', 'True'), old).length, 1);
});

testStatuses(jobs, running, [
  ['status.ready', 2],
  ['status.ready', 3, 'status.ready: Invalid value: 3: cannot set more ready pods than active'],
  ['status.failed', 0, 'status.failed: Invalid value: 0: cannot decrease the failed counter'],
  ['status.succeeded', 1, 'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter'],
  ['status.startTime', undefined, 'status.startTime: Required value: startTime cannot be removed for unsuspended job'],
  ['status.completedIndexes', '0-3,5'],
  [
    'status.completedIndexes',
    '5,3',
    'status.completedIndexes: Invalid value: "5,3": error parsing completedIndexes: non-increasing order, previous: 5, current: 3',
  ],
  [
    'status.failedIndexes',
    '1',
    'status.failedIndexes: Invalid value: "1": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
  ],
  [
    'status.uncountedTerminatedPods',
    { succeeded: ['a', ''], failed: ['a'] },
    'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
    'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
  ],
  [
    'status.completionTime',
    '2025-01-01T00:00:00Z',
    'status.completionTime: Invalid value: "2025-01-01T00:00:00Z": cannot set completionTime when there is no Complete=True condition',
    'status.completionTime: Invalid value: "2025-01-01T00:00:00Z": completionTime cannot be set before startTime',
  ],
  [
    'status.conditions',
    [done('Failed')],
    'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    'status.active: Invalid value: 2: active>0 is invalid for finished job',
  ],
  [
    'status.conditions',
    [done('Complete')],
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.active: Invalid value: 2: active>0 is invalid for finished job',
  ],
  [
    'status.conditions',
    [done('SuccessCriteriaMet'), done('FailureTarget')],
    'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  ],
]);

const limited = { ...running, spec: { ...indexed.spec, backoffLimitPerIndex: 1 } };
testStatuses(jobs, { ...limited, status: { ...running.status, completedIndexes: '1-3' } }, [
  ['status.failedIndexes', '0,4'],
  [
    'status.failedIndexes',
    '0,2-5',
    'status.failedIndexes: Invalid value: "0,2-5": failedIndexes and completedIndexes overlap at index: 2',
  ],
]);

const failed = {
  ...running,
  status: { ...running.status, active: 0, conditions: [done('FailureTarget'), done('Failed')] },
};
testStatuses(jobs, failed, [
  ['status.terminating', 1, 'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job'],
  [
    'status.conditions',
    [done('FailureTarget')],
    'status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
  ],
]);
