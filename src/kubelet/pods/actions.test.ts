import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Pod } from '../../api/types/core.v1.ts';
import { container, runs, runtimeContainer, sandbox, sidecar, testPod } from '../test-pods.ts';
import { computePodActions, type PodActions, type ProbeResults } from './actions.ts';
import { nothingRuns, type PodRuntimeStatus } from './runtime-status.ts';

const noProbes: ProbeResults = { liveness: () => undefined, startup: () => undefined };

/** `kill pod`, `sandbox 0`, `start web`, `kill web-0`: what is to be done, as words. */
function words({
  killPod,
  createSandbox,
  attempt,
  containersToKill,
  ephemeralContainersToStart,
  initContainersToStart,
  containersToStart,
}: PodActions): string[] {
  const starts = [...ephemeralContainersToStart, ...initContainersToStart, ...containersToStart];
  return [
    ...(killPod ? ['kill pod'] : []),
    ...containersToKill.map(({ id }) => `kill ${id}`),
    ...(createSandbox ? [`sandbox ${attempt}`] : []),
    ...starts.map(({ name }) => `start ${name}`),
  ];
}

function actionsOf(pod: Pod, status: PodRuntimeStatus, probes: Partial<ProbeResults> = {}): string[] {
  return words(computePodActions(pod, status, { ...noProbes, ...probes }));
}

const two = { containers: [container('web'), container('log')] };
const init = { initContainers: [container('one'), container('two')] };

const cases: readonly (readonly [what: string, pod: Pod, status: PodRuntimeStatus, expected: string[]])[] = [
  ['a new Pod', testPod(two), nothingRuns, ['kill pod', 'sandbox 0', 'start web', 'start log']],
  ['a new Pod with init containers', testPod(init), nothingRuns, ['kill pod', 'sandbox 0', 'start one']],
  ['all runs', testPod(two), runs('web', 'log'), []],
  ['one is missing', testPod(two), runs('web'), ['start log']],
  ['one has ended', testPod(two), runs('web', 'log:exited'), ['start log']],
  ['one was created and not started', testPod(), runs('web:created'), ['start web']],
  ['one ended well on OnFailure', testPod({ ...two, restartPolicy: 'OnFailure' }), runs('web', 'log:exited'), []],
  ['one failed on OnFailure', testPod({ restartPolicy: 'OnFailure' }), runs('web:exited=1'), ['start web']],
  ['all ended on Never', testPod({ restartPolicy: 'Never' }), runs('web:exited=1'), ['kill pod']],
  [
    'all ended on OnFailure, beside a sidecar',
    testPod({ restartPolicy: 'OnFailure', initContainers: [sidecar('proxy')] }),
    runs('web:exited', 'proxy'),
    ['kill pod'],
  ],
  [
    'the sandbox is gone',
    testPod(),
    { ...runs('web:exited=137'), sandboxes: [sandbox({ state: 'SANDBOX_NOTREADY' })] },
    ['kill pod', 'sandbox 1', 'start web'],
  ],
  [
    'the sandbox of a Pod that has ended is gone',
    testPod({ restartPolicy: 'Never' }),
    { ...runs('web:exited'), sandboxes: [sandbox({ state: 'SANDBOX_NOTREADY' })] },
    ['kill pod'],
  ],
  [
    'the sandbox of a Pod that was never to be restarted is gone before its container ran',
    testPod({ restartPolicy: 'Never' }),
    { ...runs('web:created'), sandboxes: [sandbox({ state: 'SANDBOX_NOTREADY' })] },
    ['kill pod', 'sandbox 1', 'start web'],
  ],
  [
    'the sandbox of such a Pod is gone while it was being initialized',
    testPod({ ...init, restartPolicy: 'Never' }),
    { ...runs('one:exited'), sandboxes: [sandbox({ state: 'SANDBOX_NOTREADY' })] },
    ['kill pod', 'sandbox 1', 'start one'],
  ],
  ['the first of two init containers', testPod(init), runs(), ['start one']],
  ['an init container runs', testPod(init), runs('one'), []],
  ['the first one is done', testPod(init), runs('one:exited'), ['start two']],
  ['the first one was removed', testPod(init), runs('two'), []],
  ['all are done', testPod(init), runs('one:exited', 'two:exited'), ['start web']],
  ['one failed', testPod(init), runs('one:exited=1'), ['start one']],
  ['one failed on Never', testPod({ ...init, restartPolicy: 'Never' }), runs('one:exited=1'), ['kill pod']],
  ['what was initialized stays so', testPod(init), runs('web'), []],
  ['a sidecar comes first', testPod({ initContainers: [sidecar('proxy')] }), runs(), ['start proxy']],
  ['then the containers', testPod({ initContainers: [sidecar('proxy')] }), runs('proxy'), ['start web']],
  [
    'a sidecar that ended is started again',
    testPod({ initContainers: [sidecar('proxy'), container('init')] }),
    runs('init', 'proxy:exited=1'),
    ['start proxy'],
  ],
  [
    'ephemeral containers do not wait for the initialization',
    testPod({ ...init, ephemeralContainers: [{ ...container('debug') }] }),
    runs('one'),
    ['start debug'],
  ],
  [
    'an ephemeral container is never started again',
    testPod({ ephemeralContainers: [{ ...container('debug') }] }),
    runs('web', 'debug:exited=1'),
    [],
  ],
  [
    'a rule restarts one exit code of a container that is else not restarted',
    testPod({
      restartPolicy: 'Never',
      containers: [
        container('web', {
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        }),
      ],
    }),
    runs('web:exited=42'),
    ['start web'],
  ],
];

for (const [what, pod, status, expected] of cases) {
  test(`actions: ${what}`, () => assert.deepEqual(actionsOf(pod, status), expected));
}

test('what an earlier sandbox held does not count', () => {
  const status = { ...runs('one:exited'), sandboxes: [sandbox({ id: 'new' }, 1)] };
  assert.deepEqual(actionsOf(testPod(init), status), ['start one']);
});

test('a probe that failed has its container killed, and started where it may be', () => {
  const liveness = (id: string): 'failure' | undefined => (id === 'web-0' ? 'failure' : undefined);
  assert.deepEqual(actionsOf(testPod(two), runs('web', 'log'), { liveness }), ['kill web-0', 'start web']);
  const never = testPod({ ...two, restartPolicy: 'Never' });
  assert.deepEqual(actionsOf(never, runs('web', 'log'), { liveness }), ['kill web-0']);
});

test('the containers wait for a sidecar’s startup probe', () => {
  const pod = testPod({ initContainers: [sidecar('proxy', { startupProbe: { tcpSocket: { port: 1 } } })] });
  assert.deepEqual(actionsOf(pod, runs('proxy')), []);
  assert.deepEqual(actionsOf(pod, runs('proxy'), { startup: () => 'success' }), ['start web']);
  assert.deepEqual(actionsOf(pod, runs('proxy'), { startup: () => 'failure' }), ['kill proxy-0', 'start proxy']);
});

test('whatever runs: nothing that runs is started, nothing is started twice, and init containers never beside containers', () => {
  const states = ['', ':running', ':exited=0', ':exited=1', ':created'];
  const names = ['one', 'proxy', 'two', 'web', 'log'];
  const policies = ['Always', 'OnFailure', 'Never'] as const;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...states), { minLength: 5, maxLength: 5 }),
      fc.constantFrom(...policies),
      (chosen, restartPolicy) => {
        const pod = testPod({
          ...two,
          restartPolicy,
          initContainers: [container('one'), sidecar('proxy'), container('two')],
        });
        const there = names.flatMap((name, index) => {
          const state = chosen[index] ?? '';
          return state === '' ? [] : [runtimeContainer(`${name}${state}`)];
        });
        const actions = computePodActions(pod, runs(...there), noProbes);
        const started = [...actions.initContainersToStart, ...actions.containersToStart].map(({ name }) => name);
        const running = there.filter(({ state }) => state === 'CONTAINER_RUNNING').map(({ metadata }) => metadata.name);
        assert.equal(new Set(started).size, started.length);
        assert.deepEqual(
          started.filter((name) => running.includes(name)),
          [],
        );
        const startsRegular = actions.containersToStart.length > 0;
        const startsInit = actions.initContainersToStart.some(({ restartPolicy: own }) => own !== 'Always');
        assert.ok(!(startsRegular && startsInit));
      },
    ),
  );
});
