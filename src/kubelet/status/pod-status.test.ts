import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Pod, PodPhase, PodStatus } from '../../api/types/core.v1.ts';
import type { PodRuntimeStatus } from '../pods/runtime-status.ts';
import { nothingRuns } from '../pods/runtime-status.ts';
import { container, runs, runtimeContainer, sandbox, sidecar, testPod } from '../test-pods.ts';
import type { WaitingReason } from './container-statuses.ts';
import { generatePodStatus, type PodStatusSource } from './pod-status.ts';

const now = '2026-01-01T00:00:00Z';
const later = '2026-01-01T00:01:00Z';

function statusOf(pod: Pod, runtime: PodRuntimeStatus, more: Partial<PodStatusSource> = {}): PodStatus {
  return generatePodStatus({
    pod,
    old: pod.status ?? {},
    runtime,
    runtimeName: 'test',
    readiness: { isStarted: () => true, isReady: () => true },
    isTerminal: false,
    verdict: undefined,
    hostIPs: ['192.0.2.1'],
    now,
    waiting: () => undefined,
    ...more,
  });
}

function conditionsOf({ conditions = [] }: PodStatus): Record<string, string> {
  return Object.fromEntries(
    conditions.map(({ type, status, reason, message }) => [type, [status, reason, message].filter(Boolean).join('|')]),
  );
}

const two = { containers: [container('web'), container('log')] };
const onFailure = { ...two, restartPolicy: 'OnFailure' as const };
const never = { ...two, restartPolicy: 'Never' as const };
const init = { initContainers: [container('init')] };

const phases: readonly (readonly [what: string, pod: Pod, runtime: PodRuntimeStatus, phase: PodPhase])[] = [
  ['nothing runs yet', testPod(), nothingRuns, 'Pending'],
  ['all run', testPod(two), runs('web', 'log'), 'Running'],
  ['one has not started', testPod(two), runs('web'), 'Pending'],
  ['one has ended and will be restarted', testPod(two), runs('web', 'log:exited=1'), 'Running'],
  ['all have ended and will be restarted', testPod(two), runs('web:exited', 'log:exited=1'), 'Running'],
  ['all have ended well on OnFailure', testPod(onFailure), runs('web:exited', 'log:exited'), 'Succeeded'],
  ['one has failed on OnFailure', testPod(onFailure), runs('web:exited', 'log:exited=1'), 'Running'],
  ['one has failed on Never', testPod(never), runs('web:exited', 'log:exited=1'), 'Failed'],
  ['one has failed on Never, one runs', testPod(never), runs('web', 'log:exited=1'), 'Running'],
  ['an init container runs', testPod(init), runs('init'), 'Pending'],
  ['an init container failed', testPod(init), runs('init:exited=1'), 'Pending'],
  ['an init container failed on Never', testPod({ ...init, restartPolicy: 'Never' }), runs('init:exited=1'), 'Failed'],
  ['init is done', testPod(init), runs('init:exited', 'web'), 'Running'],
  [
    'a sidecar outlives the containers',
    testPod({ restartPolicy: 'Never', initContainers: [sidecar('proxy')] }),
    runs('web:exited', 'proxy'),
    'Running',
  ],
  [
    'a sidecar that failed does not fail the Pod',
    testPod({ restartPolicy: 'Never', initContainers: [sidecar('proxy')] }),
    runs('web:exited', 'proxy:exited=137'),
    'Succeeded',
  ],
];
for (const [what, pod, runtime, phase] of phases) {
  test(`phase: ${what}: ${phase}`, () => assert.equal(statusOf(pod, runtime).phase, phase));
}

test('a Pod that is over does not come back', () => {
  const pod = { ...testPod(), status: { phase: 'Failed', reason: 'Evicted', message: 'why' } as PodStatus };
  const { phase, reason, message } = statusOf(pod, runs('web'));
  assert.deepEqual([phase, reason, message], ['Failed', 'Evicted', 'why']);
});

test('when nothing will be started again, what has ended decides', () => {
  assert.equal(statusOf(testPod(two), runs('web:exited', 'log:exited'), { isTerminal: true }).phase, 'Succeeded');
  assert.equal(statusOf(testPod(two), runs('web:exited', 'log:exited=1'), { isTerminal: true }).phase, 'Failed');
});

test('a Pod that ends before it has run has failed', () => {
  const status = statusOf(testPod(), nothingRuns, { isTerminal: true });
  assert.equal(status.phase, 'Failed');
  const { exitCode, reason, message } = only(status).state?.terminated ?? {};
  assert.deepEqual(
    [exitCode, reason, message],
    [137, 'ContainerStatusUnknown', 'The container could not be located when the pod was terminated'],
  );
});

test('conditions of a Pod that starts', () => {
  assert.deepEqual(conditionsOf(statusOf(testPod({ ...init, ...two }), nothingRuns)), {
    PodReadyToStartContainers: 'False',
    Initialized: 'False|ContainersNotInitialized|containers with incomplete status: [init]',
    Ready: 'False|ContainersNotReady|containers with unready status: [web log]',
    ContainersReady: 'False|ContainersNotReady|containers with unready status: [web log]',
    PodScheduled: 'True',
  });
});

test('conditions of a Pod that is ready, with others’ kept before them', () => {
  const gate = { type: 'example.com/gate', status: 'True' as const };
  const pod = { ...testPod({ readinessGates: [{ conditionType: gate.type }] }), status: { conditions: [gate] } };
  assert.deepEqual(conditionsOf(statusOf(pod, runs('web'))), {
    'example.com/gate': 'True',
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
});

test('a readiness gate that is not True is named', () => {
  const gate = { type: 'example.com/gate', status: 'Unknown' as const };
  const pod = { ...testPod({ readinessGates: [{ conditionType: gate.type }] }), status: { conditions: [gate] } };
  assert.equal(
    conditionsOf(statusOf(pod, runs('web')))['Ready'],
    'False|ReadinessGatesNotReady|the status of pod readiness gate "example.com/gate" is not "True", but Unknown',
  );
});

test('conditions of Pods that are over', () => {
  const done = conditionsOf(statusOf(testPod(never), runs('web:exited', 'log:exited')));
  assert.deepEqual([done['Ready'], done['ContainersReady']], ['False|PodCompleted', 'False|PodCompleted']);
  assert.equal(done['Initialized'], 'True|PodCompleted');
  const failed = conditionsOf(statusOf(testPod(never), runs('web:exited=1', 'log:exited')));
  assert.deepEqual([failed['Ready'], failed['Initialized']], ['False|PodFailed', 'True']);
});

test('a transition has the time of its change', () => {
  const first = statusOf(testPod(), nothingRuns);
  const second = statusOf(testPod(), runs('web'), { old: first, now: later });
  const timeOf = ({ conditions = [] }: PodStatus, name: string): unknown =>
    conditions.find(({ type }) => type === name)?.lastTransitionTime;
  assert.equal(timeOf(second, 'Ready'), later);
  assert.equal(timeOf(second, 'PodScheduled'), now);
  assert.equal(second.startTime, now);
});

test('a sandbox that is gone is told of, and its address no longer', () => {
  const gone = { ...runs('web'), sandboxes: [sandbox({ state: 'SANDBOX_NOTREADY' })], ips: [] };
  const status = statusOf(testPod(), gone);
  assert.equal(conditionsOf(status)['PodReadyToStartContainers'], 'False');
  assert.equal(status.podIP, undefined);
});

test('a Pod on the host’s network has the host’s addresses', () => {
  const status = statusOf(testPod({ hostNetwork: true }), runs('web'), { hostIPs: ['192.0.2.1', '2001:db8::1'] });
  assert.equal(status.podIP, '192.0.2.1');
  assert.deepEqual(status.podIPs, [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }]);
  assert.deepEqual(status.hostIPs, [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }]);
});

function only({ containerStatuses = [] }: PodStatus): ContainerStatus {
  const [status] = containerStatuses;
  assert.ok(status);
  return status;
}

test('a container’s present and last runs', () => {
  const runtime = runs(runtimeContainer('web', 1), runtimeContainer('web:exited=2', 0));
  const status = only(statusOf(testPod(), runtime));
  assert.deepEqual(status.state, { running: { startedAt: '1970-01-01T00:00:02Z' } });
  assert.deepEqual(status.lastState, {
    terminated: {
      exitCode: 2,
      reason: 'Error',
      startedAt: '1970-01-01T00:00:01Z',
      finishedAt: '1970-01-01T00:00:02Z',
      containerID: 'test://web-0',
    },
  });
  assert.deepEqual(
    [status.restartCount, status.containerID, status.imageID, status.image],
    [1, 'test://web-1', 'image@sha256:00', 'web:1'],
  );
});

const crash: WaitingReason = { reason: 'CrashLoopBackOff', message: 'back-off 10s …' };

test('a container that is put off waits, and its end is its last state', () => {
  const status = only(statusOf(testPod(), runs('web:exited=1'), { waiting: () => crash }));
  assert.deepEqual(status.state, { waiting: crash });
  assert.equal(status.lastState?.terminated?.exitCode, 1);
  assert.equal(status.ready, false);
});

test('a reason to wait is not shown of one that will not be started again', () => {
  const status = only(statusOf(testPod(never), runs('web:exited=1', 'log'), { waiting: () => crash }));
  assert.equal(status.state?.terminated?.exitCode, 1);
});

test('one that has disappeared from the runtime counts as ended, with what is known', () => {
  const before = statusOf(testPod(), runs('web'));
  const status = only(statusOf(testPod(), { ...runs(), ips: [] }, { old: before }));
  assert.deepEqual(status.state, { waiting: { reason: 'ContainerCreating' } });
  assert.deepEqual(
    [status.lastState?.terminated?.reason, status.lastState?.terminated?.exitCode, status.restartCount],
    ['ContainerStatusUnknown', 137, 1],
  );
});

test('readiness and start are what probes say, and never of a container that does not run', () => {
  const readiness = { isStarted: () => true, isReady: () => false };
  assert.deepEqual(
    [only(statusOf(testPod(), runs('web'), { readiness }))].map(({ started, ready }) => [started, ready]),
    [[true, false]],
  );
  const ended = only(statusOf(testPod(never), runs('web:exited', 'log')));
  assert.deepEqual([ended.started, ended.ready], [false, false]);
});

test('read-only mounts and requests are in the status', () => {
  const pod = testPod({
    containers: [
      container('web', {
        volumeMounts: [
          { name: 'config', mountPath: '/etc/app', readOnly: true },
          { name: 'data', mountPath: '/data' },
        ],
        resources: { requests: { cpu: '1' } },
      }),
    ],
  });
  const status = only(statusOf(pod, runs('web')));
  assert.deepEqual(status.volumeMounts, [
    { name: 'config', mountPath: '/etc/app', readOnly: true, recursiveReadOnly: 'Disabled' },
    { name: 'data', mountPath: '/data' },
  ]);
  assert.deepEqual([status.allocatedResources, status.resources], [{ cpu: '1' }, { requests: { cpu: '1' } }]);
});

test('the verdict of the kubelet is the phase, with its reason', () => {
  const verdict = { phase: 'Failed' as const, reason: 'DeadlineExceeded', message: 'too long' };
  const { phase, reason, message } = statusOf(testPod(), runs('web'), { verdict });
  assert.deepEqual([phase, reason, message], ['Failed', 'DeadlineExceeded', 'too long']);
});
