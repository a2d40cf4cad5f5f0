// Pods at the boundaries of their rules: the last value that is taken, the first that is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../pods.ts';
import { check, container, containerErrors, podWith, specErrors, type Cases } from './pod-test-support.ts';
import { updateErrors, viewErrors } from './test-support.ts';

const label63 = 'a'.repeat(63);
const label64 = 'a'.repeat(64);
const labelTooLong = 'must be no more than 63 characters';

/** `n` texts that differ. */
function many(n: number, make: (i: number) => string): string[] {
  return Array.from({ length: n }, (_, i) => make(i));
}

test('what is named in a Pod', async (t) => {
  const port = (number: number): object => ({ ports: [{ containerPort: number }] });
  const range = 'must be between 1 and 65535, inclusive';
  const cases: Cases<object> = [
    ['a port 1', port(1), []],
    ['a port 65535', port(65535), []],
    ['a port 0', port(0), ['ports[0].containerPort: Required value']],
    ['a port 65536', port(65536), [`ports[0].containerPort: Invalid value: 65536: ${range}`]],
    ['a port -1', port(-1), [`ports[0].containerPort: Invalid value: -1: ${range}`]],
    ['a name of 63', { name: label63 }, []],
    ['a name of 64', { name: label64 }, [`name: Invalid value: "${label64}": ${labelTooLong}`]],
    ['a port’s name of 15', { ports: [{ containerPort: 1, name: 'a'.repeat(15) }] }, []],
    [
      'a port’s name of 16',
      { ports: [{ containerPort: 1, name: 'a'.repeat(16) }] },
      [`ports[0].name: Invalid value: "${'a'.repeat(16)}": must be no more than 15 characters`],
    ],
    ['no seconds of delay', { readinessProbe: { exec: { command: ['a'] }, initialDelaySeconds: 0 } }, []],
    [
      'less than no seconds of delay',
      { readinessProbe: { exec: { command: ['a'] }, initialDelaySeconds: -1 } },
      ['readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0'],
    ],
    ['a probe’s port 65535', { livenessProbe: { tcpSocket: { port: 65535 } } }, []],
    [
      'a probe’s port 65536',
      { livenessProbe: { tcpSocket: { port: 65536 } } },
      [`livenessProbe.tcpSocket.port: Invalid value: 65536: ${range}`],
    ],
    ['user 0', { securityContext: { runAsUser: 0 } }, []],
    ['user 2^31-1', { securityContext: { runAsUser: 2 ** 31 - 1 } }, []],
    [
      'user 2^31',
      { securityContext: { runAsUser: 2 ** 31 } },
      ['securityContext.runAsUser: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive'],
    ],
    [
      'user -1',
      { securityContext: { runAsUser: -1 } },
      ['securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
    ],
  ];
  await check(t, cases, containerErrors);
});

test('times of a Pod', async (t) => {
  const deadline = 'spec.activeDeadlineSeconds: Invalid value';
  const cases: Cases<object> = [
    ['a deadline of 1 s', { activeDeadlineSeconds: 1 }, []],
    ['a deadline of 2^31-1 s', { activeDeadlineSeconds: 2 ** 31 - 1 }, []],
    [
      'a deadline of 0 s',
      { activeDeadlineSeconds: 0 },
      [`${deadline}: 0: must be between 1 and 2147483647, inclusive`],
    ],
    [
      'a deadline of 2^31 s',
      { activeDeadlineSeconds: 2 ** 31 },
      [`${deadline}: 2147483648: must be between 1 and 2147483647, inclusive`],
    ],
    ['no grace', { terminationGracePeriodSeconds: 0 }, []],
    // Taken for one second.
    ['less than no grace', { terminationGracePeriodSeconds: -1 }, []],
    ['a host name of 63', { hostname: label63 }, []],
    ['a host name of 64', { hostname: label64 }, [`spec.hostname: Invalid value: "${label64}": ${labelTooLong}`]],
  ];
  await check(t, cases, specErrors);
});

test('DNS of a Pod', async (t) => {
  const dns = (config: object): object => ({ dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.1'], ...config } });
  const servers = (n: number): string[] => many(n, (i) => `192.0.2.${i + 1}`);
  const searches = (n: number): string[] => many(n, (i) => `s${i}.example.com`);
  const at = 'spec.dnsConfig';
  // 32 of 63 characters with the blanks between them are 2047 characters, and one character more is the limit.
  const long = many(32, (i) => `${String(i).padStart(2, '0')}${'a'.repeat(61)}`);
  const longer = [...long.slice(0, 31), `${'b'.repeat(61)}.cc`];
  const tooLong = [...long.slice(0, 31), `${'b'.repeat(61)}.ccc`];
  assert.deepEqual([longer.join(' ').length, tooLong.join(' ').length], [2048, 2049]);
  const cases: Cases<object> = [
    ['3 servers', dns({ nameservers: servers(3) }), []],
    [
      '4 servers',
      dns({ nameservers: servers(4) }),
      [`${at}.nameservers: Invalid value: ${JSON.stringify(servers(4))}: must not have more than 3 nameservers`],
    ],
    ['32 searches', dns({ searches: searches(32) }), []],
    [
      '33 searches',
      dns({ searches: searches(33) }),
      [`${at}.searches: Invalid value: ${JSON.stringify(searches(33))}: must not have more than 32 search paths`],
    ],
    ['searches of 2048 characters', dns({ searches: longer }), []],
    [
      'searches of 2049 characters',
      dns({ searches: tooLong }),
      [
        `${at}.searches: Invalid value: ${JSON.stringify(tooLong)}: must not have more than 2048 characters (including spaces) in the search list`,
      ],
    ],
    [
      'no server',
      { dnsPolicy: 'None' },
      ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    ],
    [
      'an option without a name',
      dns({ options: [{ value: 'x' }] }),
      [`${at}.options[0]: Required value: must not be empty`],
    ],
  ];
  await check(t, cases, specErrors);
});

test('Windows', async (t) => {
  const user = (runAsUserName: string): object => ({
    os: { name: 'windows' },
    securityContext: { windowsOptions: { runAsUserName } },
  });
  const at = 'spec.securityContext.windowsOptions.runAsUserName: Invalid value';
  const domain255 = [label63, label63, label63, 'a'.repeat(63)].join('.');
  const refused = (name: string, ...faults: string[]): readonly [string, object, string[]] => [
    `user ${JSON.stringify(name).slice(0, 30)}`,
    user(name),
    faults.map((fault) => `${at}: ${JSON.stringify(name)}: runAsUserName${fault}`),
  ];
  const cases: Cases<object> = [
    ['a user of 104', user('u'.repeat(104)), []],
    refused('u'.repeat(105), "'s User length must not be longer than 104 characters"),
    ['a user of a domain', user('CONTOSO\\jane'), []],
    ['a domain of 255', user(`${domain255}\\jane`), []],
    refused('', ' cannot be an empty string'),
    refused('a\tb', ' cannot contain control characters'),
    refused('a\\b\\c', ' cannot contain more than one backslash'),
    refused('CONTOSO\\', "'s User cannot be empty"),
    refused('. .', "'s User cannot contain only periods or spaces"),
    refused('a:b', `'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`),
    refused('.\\jane', "'s Domain doesn't match the NetBios nor the DNS format"),
    refused(`${domain255}.a\\jane`, "'s Domain length must be under 256 characters"),
  ];
  await check(t, cases, specErrors);

  const host = { hostProcess: true };
  const windows = { os: { name: 'windows' }, hostNetwork: true };
  const mixed: Cases<object> = [
    ['all in the host', { ...windows, securityContext: { windowsOptions: host } }, []],
    [
      'some in the host',
      {
        ...windows,
        containers: [
          { ...container, securityContext: { windowsOptions: host } },
          { name: 'd', image: 'i' },
        ],
      },
      [
        'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ],
    ],
    [
      'in the host and not',
      {
        ...windows,
        securityContext: { windowsOptions: host },
        containers: [{ ...container, securityContext: { windowsOptions: { hostProcess: false } } }],
      },
      [
        'spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true',
      ],
    ],
    [
      'in the host, not in its network',
      { os: { name: 'windows' }, securityContext: { windowsOptions: host } },
      ['spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers'],
    ],
  ];
  await check(t, mixed, specErrors);
});

test('mounts that are read-only down to the last', async (t) => {
  const mount = (fields: object): object => ({ volumeMounts: [{ name: 'v', mountPath: '/m', ...fields }] });
  // Upstream does not say which.
  const at = 'volumeMounts.recursiveReadOnly';
  const cases: Cases<object> = [
    ['disabled', mount({ recursiveReadOnly: 'Disabled' }), []],
    ['enabled', mount({ recursiveReadOnly: 'Enabled', readOnly: true, mountPropagation: 'None' }), []],
    [
      'of what may be written',
      mount({ recursiveReadOnly: 'IfPossible' }),
      [`${at}: Forbidden: may only be specified when readOnly is true`],
    ],
    [
      'that propagates',
      mount({ recursiveReadOnly: 'Enabled', readOnly: true, mountPropagation: 'HostToContainer' }),
      [`${at}: Forbidden: may only be specified when mountPropagation is None or not specified`],
    ],
    [
      'in no way',
      mount({ recursiveReadOnly: 'X', readOnly: true }),
      [`${at}: Unsupported value: "X": supported values: "Disabled", "Enabled", "IfPossible"`],
    ],
  ];
  await check(t, cases, (fields) => containerErrors(fields, { volumes: [{ name: 'v' }] }));
});

test('annotations that say what fields say', async (t) => {
  const tolerations = 'scheduler.alpha.kubernetes.io/tolerations';
  const seccomp = 'seccomp.security.alpha.kubernetes.io/pod';
  const cases: Cases<Record<string, string>> = [
    ['tolerations', { [tolerations]: '[{"key":"a","operator":"Exists"}]' }, []],
    [
      'a toleration that is none',
      { [tolerations]: '[{"key":"a","operator":"X"}]' },
      [`metadata.annotations.${tolerations}[0].operator: Unsupported value: "X": supported values: "Equal", "Exists"`],
    ],
    ['seccomp', { [seccomp]: 'runtime/default' }, []],
    ['seccomp of a file', { [seccomp]: 'localhost/a.json' }, []],
    [
      'seccomp of a file above',
      { [seccomp]: 'localhost/../a' },
      [`metadata.annotations.${seccomp}: Invalid value: "../a": must not contain '..'`],
    ],
    [
      'seccomp of nothing',
      { [seccomp]: 'x' },
      [`metadata.annotations.${seccomp}: Invalid value: "x": must be a valid seccomp profile`],
    ],
    ['a cost of 2^31-1', { 'controller.kubernetes.io/pod-deletion-cost': '2147483647' }, []],
    [
      'a cost of 2^31',
      { 'controller.kubernetes.io/pod-deletion-cost': '2147483648' },
      [
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "2147483648": must be a 32bit integer',
      ],
    ],
  ];
  await check(t, cases, (annotations) => specErrors({}, { annotations }));
});

test('annotations that stay as they are', async (t) => {
  const mirror = 'kubernetes.io/config.mirror';
  const appArmor = 'container.apparmor.security.beta.kubernetes.io/c';
  const pod = (annotations: object): object => podWith({ nodeName: 'n' }, { annotations, resourceVersion: '1' });
  const cases: Cases<readonly [before: object, after: object]> = [
    ['a mirror', [{ [mirror]: 'a' }, { [mirror]: 'a' }], []],
    [
      'a mirror that goes',
      [{ [mirror]: 'a' }, {}],
      [`metadata.annotations[${mirror}]: Forbidden: may not remove or update mirror pod annotation`],
    ],
    [
      'a mirror that comes',
      [{}, { [mirror]: 'a' }],
      [`metadata.annotations[${mirror}]: Forbidden: may not add mirror pod annotation`],
    ],
    [
      'a profile that comes',
      [{}, { [appArmor]: 'unconfined' }],
      [`metadata.annotations[${appArmor}]: Forbidden: may not add AppArmor annotations`],
    ],
  ];
  await check(t, cases, ([before, after]) => updateErrors(pods, pod(after), pod(before)));
  // A field without a name is printed so.
  const still = pod({ [mirror]: 'a' });
  assert.deepEqual(viewErrors(pods, 'resize', still, still), ['[]: Forbidden: static pods cannot be resized']);
  assert.deepEqual(viewErrors(pods, 'ephemeralcontainers', still, still), [
    '[]: Forbidden: static pods do not support ephemeral containers',
  ]);
});

test('containers that ended start again only where their policy says so', async (t) => {
  const ended = (exitCode: number): object => ({
    containerStatuses: [{ name: 'c', image: 'i', imageID: '', state: { terminated: { exitCode } } }],
  });
  const running = { containerStatuses: [{ name: 'c', image: 'i', imageID: '', state: { running: {} } }] };
  const refused = ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'];
  const rules = (operator: string): object => ({
    containers: [
      {
        ...container,
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values: [42] } }],
      },
    ],
  });
  const cases: Cases<readonly [spec: object, exitCode: number]> = [
    ['always', [{ restartPolicy: 'Always' }, 0], []],
    ['on failure, failed', [{ restartPolicy: 'OnFailure' }, 1], []],
    ['on failure, not failed', [{ restartPolicy: 'OnFailure' }, 0], refused],
    ['never', [{ restartPolicy: 'Never' }, 1], refused],
    ['never but for 42', [{ restartPolicy: 'Never', ...rules('In') }, 42], []],
    ['never but for 42, with 41', [{ restartPolicy: 'Never', ...rules('In') }, 41], refused],
    ['never but for others, with 42', [{ restartPolicy: 'Never', ...rules('NotIn') }, 42], refused],
    ['never but for others, with 41', [{ restartPolicy: 'Never', ...rules('NotIn') }, 41], []],
  ];
  await check(t, cases, ([spec, exitCode]) => {
    const pod = podWith({ nodeName: 'n', ...spec });
    return viewErrors(pods, 'status', { ...pod, status: running }, { ...pod, status: ended(exitCode) });
  });
});

test('who runs a container is one who can', async (t) => {
  const status = (user: object): object => ({
    containerStatuses: [{ name: 'c', image: 'i', imageID: '', user: { linux: user } }],
  });
  const at = 'status.containerStatuses[0].user.linux';
  const range = 'must be between 0 and 2147483647, inclusive';
  const cases: Cases<readonly [spec: object, user: object]> = [
    ['the last', [{}, { uid: 2 ** 31 - 1, gid: 0, supplementalGroups: [0] }], []],
    [
      'beyond the last',
      [{}, { uid: 2 ** 31, gid: -1, supplementalGroups: [2 ** 31] }],
      [
        `${at}.uid: Invalid value: 2147483648: ${range}`,
        `${at}.gid: Invalid value: -1: ${range}`,
        `${at}.supplementalGroups[0]: Invalid value: 2147483648: ${range}`,
      ],
    ],
    [
      'on Windows',
      [{ os: { name: 'windows' } }, { uid: 0, gid: 0 }],
      [`${at}: Forbidden: cannot be set for a windows pod`],
    ],
  ];
  await check(t, cases, ([spec, user]) => {
    const pod = podWith({ nodeName: 'n', ...spec });
    return viewErrors(pods, 'status', { ...pod, status: status(user) }, pod);
  });
});
