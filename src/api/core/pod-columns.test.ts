import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from './pods.ts';
import { cellsOf, created } from './test-support.ts';

function row(pod: object): string {
  const cells = cellsOf(pods, pod);
  return `${cells['Ready']} ${cells['Status']} ${cells['Restarts']}`;
}

const two = { containers: [{ name: 'a' }, { name: 'b' }] };
const running = { ready: true, restartCount: 0, state: { running: {} } };
const done = { restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } };
const deleted = { deletionTimestamp: created };
const ready = [{ type: 'Ready', status: 'True' }];
const sidecar = { name: 's', restartPolicy: 'Always' };
const oneWithInit = { containers: [{ name: 'a' }], initContainers: [{ name: 'i' }, { name: 'j' }] };

const cases: readonly { title: string; pod: object; row: string }[] = [
  { title: 'new', pod: { spec: two, status: { phase: 'Pending' } }, row: '0/2 Pending 0' },
  {
    title: 'running',
    pod: { spec: two, status: { phase: 'Running', containerStatuses: [running, running] } },
    row: '2/2 Running 0',
  },
  {
    title: 'the first container has the last word',
    pod: {
      spec: two,
      status: {
        phase: 'Running',
        containerStatuses: [
          { state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 3 },
          { state: { waiting: { reason: 'ImagePullBackOff' } }, restartCount: 1 },
        ],
      },
    },
    row: '0/2 CrashLoopBackOff 4',
  },
  {
    title: 'restarted five minutes ago',
    pod: {
      spec: two,
      status: {
        phase: 'Running',
        containerStatuses: [{ ...running, restartCount: 2, lastState: { terminated: { finishedAt: created } } }],
      },
    },
    row: '1/2 Running 2 (5m ago)',
  },
  {
    title: 'a reason of the Pod itself',
    pod: { spec: two, status: { phase: 'Failed', reason: 'Evicted' } },
    row: '0/2 Evicted 0',
  },
  {
    title: 'exit codes and signals',
    pod: {
      spec: two,
      status: {
        phase: 'Failed',
        containerStatuses: [{ state: { terminated: { exitCode: 137, signal: 9 } } }],
      },
    },
    row: '0/2 Signal:9 0',
  },
  {
    title: 'an exit code without a reason',
    pod: { spec: two, status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 2 } } }] } },
    row: '0/2 ExitCode:2 0',
  },
  {
    title: 'completed, and another container ready',
    pod: { spec: two, status: { phase: 'Running', containerStatuses: [done, running], conditions: ready } },
    row: '1/2 Running 0',
  },
  {
    title: 'completed, and another container running but the Pod not ready',
    pod: { spec: two, status: { phase: 'Running', containerStatuses: [done, running] } },
    row: '1/2 NotReady 0',
  },
  {
    title: 'completed, and another container failed',
    pod: {
      spec: two,
      status: {
        phase: 'Failed',
        containerStatuses: [done, { state: { terminated: { exitCode: 1, reason: 'Error' } } }],
      },
    },
    row: '0/2 Error 0',
  },
  {
    title: 'scheduling gates',
    pod: {
      spec: two,
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    },
    row: '0/2 SchedulingGated 0',
  },
  {
    title: 'initializing',
    pod: {
      spec: oneWithInit,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'i', ...done },
          { name: 'j', state: { waiting: { reason: 'PodInitializing' } } },
        ],
        containerStatuses: [{ name: 'a', state: { waiting: { reason: 'PodInitializing' } } }],
      },
    },
    row: '0/1 Init:1/2 0',
  },
  {
    title: 'initialization failed',
    pod: {
      spec: oneWithInit,
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'i', restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
      },
    },
    row: '0/1 Init:CrashLoopBackOff 4',
  },
  {
    title: 'an init container ended with an error code',
    pod: {
      spec: oneWithInit,
      status: { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 3 } } }] },
    },
    row: '0/1 Init:ExitCode:3 0',
  },
  {
    title: 'restarts of init containers do not count once they are done',
    pod: {
      spec: oneWithInit,
      status: {
        phase: 'Running',
        initContainerStatuses: [{ name: 'i', ...done, restartCount: 7 }],
        containerStatuses: [{ ...running, restartCount: 1 }],
      },
    },
    row: '1/1 Running 1',
  },
  {
    title: 'a sidecar counts among the containers',
    pod: {
      spec: { containers: [{ name: 'a' }], initContainers: [sidecar] },
      status: {
        phase: 'Running',
        initContainerStatuses: [{ name: 's', started: true, ...running, restartCount: 2 }],
        containerStatuses: [running],
      },
    },
    row: '2/2 Running 2',
  },
  {
    title: 'a sidecar that has not started holds the Pod back',
    pod: {
      spec: { containers: [{ name: 'a' }], initContainers: [sidecar] },
      status: { phase: 'Pending', initContainerStatuses: [{ name: 's', state: { running: {} } }] },
    },
    row: '0/2 Init:0/1 0',
  },
  {
    title: 'a sidecar that restarts after initialization',
    pod: {
      spec: { containers: [{ name: 'a' }], initContainers: [sidecar] },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Initialized', status: 'True' }],
        initContainerStatuses: [{ name: 's', restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
        containerStatuses: [running],
      },
    },
    row: '1/2 Init:CrashLoopBackOff 1',
  },
  {
    title: 'being deleted',
    pod: { metadata: deleted, spec: two, status: { phase: 'Running', containerStatuses: [running, running] } },
    row: '2/2 Terminating 0',
  },
  {
    title: 'finished and being deleted',
    pod: { metadata: deleted, spec: two, status: { phase: 'Succeeded', containerStatuses: [done, done] } },
    row: '0/2 Completed 0',
  },
  {
    title: 'being deleted on a lost node',
    pod: { metadata: deleted, spec: two, status: { phase: 'Running', reason: 'NodeLost' } },
    row: '0/2 Unknown 0',
  },
];

for (const { title, pod, row: expected } of cases) {
  test(`a Pod's row: ${title}`, () => assert.equal(row(pod), expected));
}

test('the wide columns', () => {
  const cells = cellsOf(pods, {
    metadata: { name: 'p', creationTimestamp: created },
    spec: { nodeName: 'n', readinessGates: [{ conditionType: 'x' }, { conditionType: 'y' }], containers: [] },
    status: { podIPs: [{ ip: '10.0.0.1' }], nominatedNodeName: 'm', conditions: [{ type: 'y', status: 'True' }] },
  });
  assert.deepEqual(cells, {
    Name: 'p',
    Ready: '0/0',
    Status: '',
    Restarts: '0',
    Age: '5m',
    IP: '10.0.0.1',
    Node: 'n',
    'Nominated Node': 'm',
    'Readiness Gates': '1/2',
  });
  const empty = cellsOf(pods, {});
  assert.deepEqual(
    ['Name', 'Age', 'IP', 'Node', 'Nominated Node', 'Readiness Gates'].map((name) => empty[name]),
    ['', '<unknown>', '<none>', '<none>', '<none>', '<none>'],
  );
});
