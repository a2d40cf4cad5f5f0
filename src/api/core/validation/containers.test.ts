import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, container, containerErrors, specErrors, type Cases } from './pod-test-support.ts';

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

test('a container', async (t) => {
  const cases: Cases<object> = [
    ['of name and image', {}, []],
    ['has a name', { name: '' }, ['name: Required value']],
    [
      'has a short name',
      { name: 'a'.repeat(64) },
      [`name: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`],
    ],
    ['has a label for a name', { name: 'A' }, [`name: Invalid value: "A": ${label}`]],
    ['has an image', { image: '' }, ['image: Required value']],
    [
      'has an image without spaces around',
      { image: ' i' },
      ['image: Invalid value: " i": must not have leading or trailing whitespace'],
    ],
    [
      'says where its last words are',
      { terminationMessagePolicy: 'X' },
      ['terminationMessagePolicy: Unsupported value: "X": supported values: "File", "FallbackToLogsOnError"'],
    ],
    [
      'says when to pull',
      { imagePullPolicy: 'X' },
      ['imagePullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"'],
    ],
  ];
  await check(t, cases, containerErrors);
});

test('ports', async (t) => {
  const range = 'must be between 1 and 65535, inclusive';
  const cases: Cases<object[]> = [
    ['the least and the most', [{ containerPort: 1 }, { containerPort: 65535 }], []],
    ['needed', [{}], ['ports[0].containerPort: Required value']],
    [
      'too high',
      [{ containerPort: 65536, hostPort: 65536 }],
      [`ports[0].containerPort: Invalid value: 65536: ${range}`, `ports[0].hostPort: Invalid value: 65536: ${range}`],
    ],
    [
      'of a name',
      [
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'a' },
      ],
      ['ports[1].name: Duplicate value: "a"'],
    ],
    [
      'of a name with a letter',
      [{ containerPort: 1, name: '12' }],
      ['ports[0].name: Invalid value: "12": must contain at least one letter (a-z)'],
    ],
    [
      'of a protocol',
      [{ containerPort: 1, protocol: 'X' }],
      ['ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      'taken on the node',
      [
        { containerPort: 1, hostPort: 5 },
        { containerPort: 2, hostPort: 5 },
      ],
      ['ports[1].hostPort: Duplicate value: "TCP//5"'],
    ],
    [
      'on the node by protocol',
      [
        { containerPort: 1, hostPort: 5 },
        { containerPort: 2, hostPort: 5, protocol: 'UDP' },
      ],
      [],
    ],
  ];
  await check(t, cases, (ports) => containerErrors({ ports }));
});

test('probes and handlers', async (t) => {
  const exec = { exec: { command: ['true'] } };
  const cases: Cases<object> = [
    [
      'of every kind',
      { livenessProbe: exec, readinessProbe: { tcpSocket: { port: 'web' } }, startupProbe: { grpc: { port: 1 } } },
      [],
    ],
    ['of none', { livenessProbe: {} }, ['livenessProbe: Required value: must specify a handler type']],
    [
      'of two',
      { readinessProbe: { ...exec, grpc: { port: 1 } } },
      ['readinessProbe.grpc: Forbidden: may not specify more than 1 handler type'],
    ],
    ['without a command', { livenessProbe: { exec: {} } }, ['livenessProbe.exec.command: Required value']],
    [
      'over HTTP',
      { livenessProbe: { httpGet: { port: 0, scheme: 'X', httpHeaders: [{ name: 'a b' }] } } },
      [
        'livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'livenessProbe.httpGet.scheme: Unsupported value: "X": supported values: "HTTP", "HTTPS"',
        "livenessProbe.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ],
    ],
    [
      'of liveness succeed once',
      { livenessProbe: { ...exec, successThreshold: 2 } },
      ['livenessProbe.successThreshold: Invalid value: 2: must be 1'],
    ],
    [
      'of readiness end nothing',
      { readinessProbe: { ...exec, terminationGracePeriodSeconds: 1 } },
      ['readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes'],
    ],
    [
      'of times',
      { startupProbe: { ...exec, initialDelaySeconds: -1, periodSeconds: -1, terminationGracePeriodSeconds: 0 } },
      [
        'startupProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
        'startupProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
        'startupProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
      ],
    ],
    [
      'that sleep as long as there is time',
      { lifecycle: { preStop: { sleep: { seconds: 30 } }, postStart: { sleep: { seconds: 0 } } } },
      [],
    ],
    [
      'that sleep too long',
      { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
      [
        'lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
      ],
    ],
    [
      'that signal an unknown system',
      { lifecycle: { stopSignal: 'SIGUSR1' } },
      ['lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`'],
    ],
  ];
  await check(t, cases, containerErrors);
  const lifecycle = { stopSignal: 'SIGUSR1' };
  assert.deepEqual(containerErrors({ lifecycle }, { os: { name: 'linux' } }), []);
  assert.deepEqual(containerErrors({ lifecycle }, { os: { name: 'windows' } }), [
    'lifecycle.stopSignal: Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"',
  ]);
});

test('resources', async (t) => {
  const cases: Cases<object> = [
    ['requested and limited', { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '2Gi' } }, []],
    [
      'not negative',
      { requests: { cpu: '-1' } },
      ['resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    [
      'within their limit',
      { requests: { cpu: '1001m' }, limits: { cpu: '1' } },
      ['resources.requests: Invalid value: "1001m": must be less than or equal to cpu limit of 1'],
    ],
    [
      'that exist',
      { requests: { disk: '1' } },
      [
        'resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
        'resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers',
      ],
    ],
    [
      'of quotas',
      { requests: { pods: '1' } },
      ['resources.requests[pods]: Invalid value: "pods": must be a standard resource for containers'],
    ],
    ['of devices', { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } }, []],
    [
      'of devices are whole',
      { limits: { 'example.com/gpu': '1500m' } },
      [
        'resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer',
        'resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer',
      ],
    ],
    [
      'of devices are as limited',
      { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '2' } },
      ['resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
    ],
    [
      'of devices are limited',
      { requests: { 'example.com/gpu': '1' } },
      ['resources.limits: Required value: Limit must be set for non overcommitable resources'],
    ],
    ['huge pages', { limits: { 'hugepages-2Mi': '4Mi', cpu: '1' } }, []],
    [
      'huge pages in part',
      { limits: { 'hugepages-2Mi': '3Mi', cpu: '1' } },
      [
        'resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
        'resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      ],
    ],
    [
      'huge pages alone',
      { limits: { 'hugepages-2Mi': '4Mi' } },
      ['resources: Forbidden: HugePages require cpu or memory'],
    ],
    [
      'claimed',
      { claims: [{ name: 'a' }] },
      ['resources.claims[0]: Not found: "a": must be one of the names in pod.spec.resourceClaims which is empty'],
    ],
  ];
  await check(t, cases, (resources) => containerErrors({ resources }));
  const resourceClaims = [{ name: 'a', resourceClaimName: 'x' }];
  assert.deepEqual(
    containerErrors(
      { resources: { claims: [{ name: 'a', request: 'r' }, { name: 'a' }, { name: 'b' }] } },
      { resourceClaims },
    ),
    [
      'resources.claims[1]: Duplicate value: "a"',
      'resources.claims[2]: Not found: "b": must be one of the names in pod.spec.resourceClaims: a',
    ],
  );
});

test('restarts of containers', async (t) => {
  const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [1] } };
  const cases: Cases<object> = [
    ['by policy', { restartPolicy: 'OnFailure' }, []],
    [
      'by rules',
      { restartPolicy: 'Never', restartPolicyRules: [rule, { ...rule, action: 'RestartAllContainers' }] },
      [],
    ],
    [
      'by rules without policy',
      { restartPolicyRules: [rule] },
      ['restartPolicy: Required value: must specify restartPolicy when restart rules are used'],
    ],
    [
      'by no policy',
      { restartPolicy: 'X' },
      ['restartPolicy: Unsupported value: "X": supported values: "Always", "OnFailure", "Never"'],
    ],
    [
      'by no rules',
      {
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'X' }, { action: 'Restart', exitCodes: { operator: 'X' } }],
      },
      [
        'restartPolicyRules[0].action: Unsupported value: "X": supported values: "Restart", "RestartAllContainers"',
        'restartPolicyRules[0].exitCodes: Required value: must be specified',
        'restartPolicyRules[1].exitCodes.operator: Unsupported value: "X": supported values: "In", "NotIn"',
      ],
    ],
  ];
  await check(t, cases, containerErrors);
});

test('resize policies', () => {
  const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
  assert.deepEqual(containerErrors({ resizePolicy }), []);
  assert.deepEqual(containerErrors({ resizePolicy: [...resizePolicy, ...resizePolicy] }), [
    'resizePolicy[1]: Duplicate value: "cpu"',
  ]);
  assert.deepEqual(containerErrors({ resizePolicy }, { restartPolicy: 'Never' }), [
    "resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
  ]);
  assert.deepEqual(containerErrors({ resizePolicy: [{ resourceName: 'x', restartPolicy: 'y' }] }), [
    'resizePolicy: Unsupported value: "x": supported values: "cpu", "memory"',
    'resizePolicy: Unsupported value: "y": supported values: "NotRequired", "RestartContainer"',
  ]);
});

test('containers beside each other', async (t) => {
  const probe = { exec: { command: ['true'] } };
  const cases: Cases<object> = [
    ['none', { containers: [] }, ['spec.containers: Required value']],
    ['of one name', { containers: [container, container] }, ['spec.containers[1].name: Duplicate value: "c"']],
    [
      'an init container of the same name',
      { initContainers: [container] },
      ['spec.initContainers[0].name: Duplicate value: "c"'],
    ],
    [
      'an init container with a probe',
      { initContainers: [{ name: 'i', image: 'i', livenessProbe: probe }] },
      [
        'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      ],
    ],
    [
      'a sidecar with a probe',
      { initContainers: [{ name: 'i', image: 'i', livenessProbe: probe, restartPolicy: 'Always' }] },
      [],
    ],
    [
      'an ephemeral container',
      { ephemeralContainers: [{ name: 'e', image: 'i' }] },
      ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
    ],
  ];
  await check(t, cases, specErrors);
});
