import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../pods.ts';
import { check, container, podWith, type Cases } from './pod-test-support.ts';
import { updateErrors, viewErrors } from './test-support.ts';

type Change = readonly [spec: object, old: object];

function updated([spec, old]: Change): string[] {
  return updateErrors(pods, podWith(spec), podWith(old)).map((text) => text.split('\n', 1)[0] ?? '');
}

const refusal =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

test('what an update may change', async (t) => {
  const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 };
  const gates = (...names: string[]): object[] => names.map((name) => ({ name }));
  const cases: Cases<Change> = [
    ['nothing', [{}, {}], []],
    ['images', [{ containers: [{ ...container, image: 'j' }] }, {}], []],
    [
      'no image away',
      [{ containers: [{ name: 'c', imagePullPolicy: 'Always' }] }, {}],
      ['spec.containers[0].image: Required value', 'spec.containers[0].image: Required value'],
    ],
    [
      'no containers',
      [{ containers: [container, { name: 'd', image: 'i' }] }, {}],
      ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    ],
    ['a deadline, once', [{ activeDeadlineSeconds: 5 }, {}], []],
    ['a deadline, sooner', [{ activeDeadlineSeconds: 4 }, { activeDeadlineSeconds: 5 }], []],
    [
      'no deadline later',
      [{ activeDeadlineSeconds: 6 }, { activeDeadlineSeconds: 5 }],
      ['spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value'],
    ],
    [
      'no deadline away',
      [{}, { activeDeadlineSeconds: 5 }],
      ['spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer to nil value'],
    ],
    [
      'tolerations, more',
      [
        { tolerations: [{ ...toleration, tolerationSeconds: 2 }, { operator: 'Exists' }] },
        { tolerations: [toleration] },
      ],
      [],
    ],
    [
      'no toleration away',
      [{}, { tolerations: [toleration] }],
      ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
    ],
    ['gates, fewer', [{ schedulingGates: gates('a') }, { schedulingGates: gates('a', 'b') }], []],
    [
      'no gates, more',
      [{ schedulingGates: gates('a', 'b') }, { schedulingGates: gates('a') }],
      ["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'"],
    ],
    ['a negative grace period', [{ terminationGracePeriodSeconds: 1 }, { terminationGracePeriodSeconds: -1 }], []],
    ['no other grace period', [{ terminationGracePeriodSeconds: 2 }, { terminationGracePeriodSeconds: -1 }], [refusal]],
    ['no host name', [{ hostname: 'x' }, {}], [refusal]],
    ['no environment', [{ containers: [{ ...container, env: [{ name: 'A' }] }] }, {}], [refusal]],
    ['no node selector', [{ nodeSelector: { a: 'b' } }, {}], [refusal]],
  ];
  await check(t, cases, updated);
});

test('while gates hold a Pod back, where it can go may be narrowed', async (t) => {
  const gated = { schedulingGates: [{ name: 'g' }] };
  const affinity = (...values: string[]): object => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: values.map((key) => ({ key, operator: 'Exists' })) }],
      },
    },
  });
  const cases: Cases<Change> = [
    [
      'by labels',
      [
        { ...gated, nodeSelector: { a: 'b', c: 'd' } },
        { ...gated, nodeSelector: { a: 'b' } },
      ],
      [],
    ],
    [
      'not by other labels',
      [
        { ...gated, nodeSelector: { c: 'd' } },
        { ...gated, nodeSelector: { a: 'b' } },
      ],
      [
        'spec.nodeSelector: Invalid value: {"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ],
    ],
    ['by affinity', [{ ...gated, affinity: affinity('a') }, gated], []],
    [
      'by more of it',
      [
        { ...gated, affinity: affinity('a', 'b') },
        { ...gated, affinity: affinity('a') },
      ],
      [],
    ],
    [
      'not by other affinity',
      [
        { ...gated, affinity: affinity('b') },
        { ...gated, affinity: affinity('a') },
      ],
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)',
      ],
    ],
    ['not by anything else', [{ ...gated, hostname: 'x' }, gated], [refusal]],
  ];
  await check(t, cases, updated);
});

test('what an object of old has may stay', () => {
  const old = {
    dnsConfig: { nameservers: ['010.0.0.1'] },
    tolerations: [{ key: 'a', operator: 'Lt', value: '5' }],
    securityContext: { seLinuxChangePolicy: 'MountOption' },
  };
  assert.deepEqual(updated([old, old]), []);
  const annotations = { 'controller.kubernetes.io/pod-deletion-cost': 'x' };
  assert.deepEqual(updateErrors(pods, podWith({}, { annotations }), podWith({}, { annotations })), []);
});

test('annotations that stay as they are', () => {
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
  const bound = { nodeName: 'n' };
  assert.deepEqual(updateErrors(pods, podWith(bound, mirror), podWith(bound, mirror)), []);
  assert.deepEqual(updateErrors(pods, podWith(bound, mirror), podWith(bound)), [
    'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation',
  ]);
  assert.deepEqual(updateErrors(pods, podWith(bound), podWith(bound, mirror)), [
    'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation',
  ]);
});

test('ephemeral containers are added, and never changed', () => {
  const first = { name: 'e', image: 'i' };
  const errorsOf = (ephemeralContainers: object[], old: object[]): string[] =>
    viewErrors(
      pods,
      'ephemeralcontainers',
      podWith({ ephemeralContainers }),
      podWith({ ephemeralContainers: old }),
    ).map((text) => text.split('\n', 1)[0] ?? '');
  assert.deepEqual(errorsOf([first], []), []);
  assert.deepEqual(errorsOf([{ ...first, targetContainerName: 'c' }], []), []);
  assert.deepEqual(errorsOf([{ ...first, targetContainerName: 'x' }], []), [
    'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
  ]);
  assert.deepEqual(errorsOf([], [first]), [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed',
  ]);
  assert.deepEqual(errorsOf([{ ...first, image: 'j' }], [first]), [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be changed',
  ]);
  assert.deepEqual(errorsOf([{ name: 'c', image: 'i', ports: [{ containerPort: 1 }] }], []), [
    'spec.ephemeralContainers[0].name: Duplicate value: "c"',
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
  ]);
});

test('a resize changes CPU and memory', async (t) => {
  const sized = (resources: object, more: object = {}): object => ({
    containers: [{ ...container, resources }],
    ...more,
  });
  const small = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } };
  const initContainers = (cpu: string): object => ({
    initContainers: [{ name: 'i', image: 'i', resources: { requests: { cpu } } }],
  });
  const cases: Cases<Change> = [
    ['up', [sized({ requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '3' } }), sized(small)], []],
    [
      'not away',
      [sized({ requests: { cpu: '1' }, limits: { cpu: '2' } }), sized(small)],
      ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
    ],
    [
      'not to another class',
      [sized({ requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } }), sized(small)],
      ['spec: Invalid value: "": Pod QOS Class may not change as a result of resizing'],
    ],
    [
      'nothing else',
      [sized({ ...small, requests: { ...small.requests, 'ephemeral-storage': '1Gi' } }), sized(small)],
      ['spec: Forbidden: only cpu and memory resources are mutable'],
    ],
    [
      'not of init containers',
      [sized(small, initContainers('2')), sized(small, initContainers('1'))],
      ['spec: Forbidden: resources for non-sidecar init containers are immutable'],
    ],
    [
      'not of other containers',
      [{ containers: [{ name: 'x', image: 'i', resources: small }] }, sized(small)],
      ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
    ],
  ];
  await check(t, cases, ([spec, old]) => viewErrors(pods, 'resize', podWith(spec), podWith(old)));
});

test('the status of a Pod', async (t) => {
  const ended = { name: 'c', state: { terminated: { exitCode: 1 } } };
  const runs = { name: 'c', state: { running: {} } };
  const cases: Cases<readonly [status: object, old: object, spec?: object]> = [
    ['starts again by default', [{ containerStatuses: [runs] }, { containerStatuses: [ended] }], []],
    [
      'never starts again',
      [{ containerStatuses: [runs] }, { containerStatuses: [ended] }, { restartPolicy: 'Never' }],
      ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
    ],
    [
      'starts again on failure',
      [{ containerStatuses: [runs] }, { containerStatuses: [ended] }, { restartPolicy: 'OnFailure' }],
      [],
    ],
    [
      'keeps its class',
      [{ qosClass: 'Burstable' }, { qosClass: 'BestEffort' }],
      ['status.qosClass: Invalid value: "Burstable": field is immutable'],
    ],
    ['of two families', [{ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }, {}], []],
    [
      'of one family twice',
      [{ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }, {}],
      [
        'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
      ],
    ],
    [
      'of another host',
      [{ hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] }, {}],
      ['status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'],
    ],
    [
      'nominated though bound',
      [{ nominatedNodeName: 'n' }, {}, { nodeName: 'm' }],
      ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
    ],
    [
      'of unknown claims',
      [{ resourceClaimStatuses: [{ name: 'x' }] }, {}],
      [
        'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`',
      ],
    ],
    [
      'of resources nobody asked for',
      [
        {
          containerStatuses: [
            { ...runs, allocatedResourcesStatus: [{ name: 'cpu', resources: [{ resourceID: 'a', health: 'X' }] }] },
          ],
        },
        {},
      ],
      [
        'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "cpu": must match one of the container\'s resource requests',
        'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "X": supported values: "Healthy", "Unhealthy", "Unknown"',
      ],
    ],
  ];
  await check(t, cases, ([status, old, spec = {}]) =>
    viewErrors(pods, 'status', { ...podWith(spec), status }, { ...podWith(spec), status: old }),
  );
});
