import { test } from 'node:test';
import { check, container, specErrors, type Cases } from './pod-test-support.ts';

test('security contexts of Pods', async (t) => {
  const range = 'must be between 0 and 2147483647, inclusive';
  const form = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
  const cases: Cases<object> = [
    [
      'of users',
      { securityContext: { runAsUser: 0, fsGroup: -1, supplementalGroups: [1, 2147483648] } },
      [
        `spec.securityContext.fsGroup: Invalid value: -1: ${range}`,
        `spec.securityContext.supplementalGroups[1]: Invalid value: 2147483648: ${range}`,
      ],
    ],
    [
      'of kernel parameters',
      { securityContext: { sysctls: [{ name: 'net/ipv4.x', value: '1' }, { name: 'A' }, { name: 'net/ipv4.x' }] } },
      [
        `spec.securityContext.sysctls[1].name: Invalid value: "A": must have at most 253 characters and match regex ${form}`,
        'spec.securityContext.sysctls[2].name: Duplicate value: "net/ipv4.x"',
      ],
    ],
    [
      'of kernel parameters of the node',
      { hostNetwork: true, hostIPC: true, securityContext: { sysctls: [{ name: 'net.a' }, { name: 'kernel/sem' }] } },
      [
        'spec.securityContext.sysctls[0].name: Invalid value: "net.a": may not be specified when \'hostNetwork\' is true',
        'spec.securityContext.sysctls[1].name: Invalid value: "kernel/sem": may not be specified when \'hostIPC\' is true',
      ],
    ],
    [
      'of seccomp',
      { securityContext: { seccompProfile: { type: 'Localhost' } } },
      [
        'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
      ],
    ],
    [
      'of no seccomp',
      { securityContext: { seccompProfile: { type: 'X' } } },
      [
        'spec.securityContext.seccompProfile.type: Unsupported value: "X": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
      ],
    ],
    [
      'of AppArmor',
      { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: ' a' } } },
      [
        'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace',
      ],
    ],
    [
      'of groups',
      {
        securityContext: {
          fsGroupChangePolicy: 'X',
          supplementalGroupsPolicy: 'X',
          seLinuxChangePolicy: 'MountOption',
        },
      },
      [
        'spec.securityContext.fsGroupChangePolicy: Unsupported value: "X": supported values: "Always", "OnRootMismatch"',
        'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "X": supported values: "Merge", "Strict"',
        'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"',
      ],
    ],
    [
      'of shared processes',
      { hostPID: true, shareProcessNamespace: true },
      [
        'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
      ],
    ],
    [
      'of users of its own',
      { hostUsers: false, hostNetwork: true, hostPID: true },
      [
        'spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false',
        'spec.HostPID: Forbidden: when `pod.Spec.HostUsers` is false',
      ],
    ],
    [
      'of Windows',
      { securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c' } } },
      [
        'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
      ],
    ],
    [
      'of processes of the host',
      { securityContext: { windowsOptions: { hostProcess: true } } },
      ['spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers'],
    ],
    [
      'of Windows on Linux',
      { os: { name: 'linux' }, securityContext: { windowsOptions: {} } },
      ['spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod'],
    ],
    [
      'of Linux on Windows',
      { os: { name: 'windows' }, hostPID: true, securityContext: { runAsUser: 1 } },
      [
        'spec.hostPID: Forbidden: cannot be set for a windows pod',
        'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
      ],
    ],
    [
      'of another system',
      { os: { name: 'x' } },
      ['spec.os: Unsupported value: "x": supported values: "linux", "windows"'],
    ],
  ];
  await check(t, cases, specErrors);
});

test('security contexts of containers', async (t) => {
  const cases: Cases<object> = [
    [
      'escalate',
      { allowPrivilegeEscalation: false, privileged: true },
      [
        'securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      ],
    ],
    [
      'see all of /proc',
      { procMount: 'Unmasked' },
      ['securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`'],
    ],
    [
      'see no /proc',
      { procMount: 'X' },
      ['securityContext.procMount: Unsupported value: "X": supported values: "Default", "Unmasked"'],
    ],
  ];
  await check(t, cases, (securityContext) =>
    specErrors({ containers: [{ ...container, securityContext }] }).map((text) =>
      text.replace('spec.containers[0].', ''),
    ),
  );
});
