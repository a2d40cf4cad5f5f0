import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { Container, PodSecurityContext, PodSpec, SecurityContext } from '../../../../api/types/core.v1.ts';
import type { Level } from './policy.ts';
import { detailsOf, reasonsOf, violationsOf } from './standards.ts';

const strict: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

function specWith(extra: Partial<PodSpec> = {}, securityContext: SecurityContext = {}): PodSpec {
  return { containers: [{ name: 'c', securityContext: { ...strict, ...securityContext } }], ...extra };
}

function details(level: Level, minor: number, spec: PodSpec, annotations: Record<string, string> = {}): string {
  return detailsOf(violationsOf({ level, minor }, { annotations }, spec));
}

describe('versions of the standards', () => {
  const cases: readonly (readonly [string, Level, number, PodSpec, string, Record<string, string>?])[] = [
    ['sysctls of 1.27', 'baseline', 27, sysctl('net.ipv4.ip_local_reserved_ports'), ''],
    [
      'which 1.26 does not know',
      'baseline',
      26,
      sysctl('net.ipv4.ip_local_reserved_ports'),
      'forbidden sysctls (net.ipv4.ip_local_reserved_ports)',
    ],
    ['sysctls of 1.29', 'baseline', 29, sysctl('net.ipv4.tcp_keepalive_time'), ''],
    ['sysctls of 1.32', 'baseline', 31, sysctl('net.ipv4.tcp_rmem'), 'forbidden sysctls (net.ipv4.tcp_rmem)'],
    ['SELinux types of 1.31', 'baseline', 31, specWith({}, { seLinuxOptions: { type: 'container_engine_t' } }), ''],
    [
      'which 1.30 does not know',
      'baseline',
      30,
      specWith({}, { seLinuxOptions: { type: 'container_engine_t' } }),
      'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
    ],
    [
      'seccomp by annotation before 1.19',
      'baseline',
      18,
      specWith({}, { seccompProfile: { type: 'Unconfined' } }),
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
      { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
    ],
    ['no capabilities to drop before 1.22', 'restricted', 21, specWith({}, { capabilities: {} }), ''],
    [
      'but from then on',
      'restricted',
      22,
      specWith({}, { capabilities: { add: ['SYS_TIME', 'CHOWN'] } }),
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" must not include "CHOWN", "SYS_TIME" in securityContext.capabilities.add)',
    ],
    ['root before 1.23', 'restricted', 22, specWith({}, { runAsUser: 0 }), ''],
    [
      'and not after',
      'restricted',
      23,
      specWith({}, { runAsUser: 0 }),
      'runAsUser=0 (container "c" must not set runAsUser=0)',
    ],
    ['Windows from 1.25', 'restricted', 25, windows(), ''],
    ['hosts of probes before 1.34', 'baseline', 33, probe(), ''],
  ];
  for (const [name, level, minor, spec, expected, annotations] of cases) {
    test(name, () => assert.equal(details(level, minor, spec, annotations), expected));
  }

  function sysctl(name: string): PodSpec {
    return specWith({ securityContext: { sysctls: [{ name, value: '1' }] } });
  }

  function windows(): PodSpec {
    return { os: { name: 'windows' }, containers: [{ name: 'c', securityContext: { runAsNonRoot: true } }] };
  }

  function probe(): PodSpec {
    return specWith({ containers: [{ name: 'c', livenessProbe: { tcpSocket: { host: 'x', port: 1 } } }] });
  }
});

test('in a user namespace of its own, a Pod may have a root, from 1.35 on', () => {
  const spec = specWith({ hostUsers: false }, { runAsUser: 0, runAsNonRoot: false, procMount: 'Unmasked' });
  assert.equal(details('restricted', Infinity, spec), '');
  assert.equal(
    reasonsOf(violationsOf({ level: 'restricted', minor: 34 }, {}, spec)),
    'procMount, runAsNonRoot != true, runAsUser=0',
  );
});

test('what restricted says of a thing, baseline need not repeat', () => {
  const spec = specWith(
    {
      volumes: [
        { name: 'v', hostPath: { path: '/' } },
        { name: 'n', nfs: { server: 's', path: '/' } },
      ],
    },
    { seccompProfile: { type: 'Unconfined' } },
  );
  assert.equal(
    details('restricted', Infinity, spec),
    'restricted volume types (volumes "v", "n" use restricted volume types "hostPath", "nfs"), ' +
      'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
  );
});

test('AppArmor is looked at in fields and annotations', () => {
  const spec = specWith({ securityContext: { appArmorProfile: { type: 'Unconfined' } } });
  const key = 'container.apparmor.security.beta.kubernetes.io/c';
  assert.equal(
    details('baseline', Infinity, spec, { [key]: 'unconfined' }),
    `forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "${key}="unconfined"")`,
  );
});

describe('for any Pod', () => {
  const securityContext: fc.Arbitrary<SecurityContext> = fc.record(
    {
      privileged: fc.boolean(),
      allowPrivilegeEscalation: fc.boolean(),
      runAsNonRoot: fc.boolean(),
      runAsUser: fc.constantFrom(0, 1000),
      procMount: fc.constantFrom('Default', 'Unmasked'),
      capabilities: fc.record(
        {
          add: fc.subarray(['NET_ADMIN', 'CHOWN', 'NET_BIND_SERVICE']),
          drop: fc.subarray(['ALL', 'KILL']),
        },
        { requiredKeys: [] },
      ),
      seccompProfile: fc.record({ type: fc.constantFrom('RuntimeDefault', 'Unconfined', 'Localhost') }),
      seLinuxOptions: fc.record({ type: fc.constantFrom('', 'container_t', 'other'), user: fc.constantFrom('', 'u') }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<SecurityContext>;
  const container: fc.Arbitrary<Container> = fc.record({
    name: fc.constantFrom('a', 'b'),
    securityContext,
    ports: fc.constantFrom([], [{ containerPort: 1, hostPort: 1 }]),
  }) as fc.Arbitrary<Container>;
  const spec: fc.Arbitrary<PodSpec> = fc.record(
    {
      containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      initContainers: fc.array(container, { maxLength: 2 }),
      hostNetwork: fc.boolean(),
      hostUsers: fc.boolean(),
      securityContext: securityContext as fc.Arbitrary<PodSecurityContext>,
      volumes: fc.constantFrom([], [{ name: 'v', hostPath: { path: '/' } }], [{ name: 'e', emptyDir: {} }]),
    },
    { requiredKeys: ['containers'] },
  ) as fc.Arbitrary<PodSpec>;

  test('a level is as strict as every laxer one, and privileged refuses nothing', () => {
    fc.assert(
      fc.property(spec, fc.integer({ min: 25, max: 36 }), (pod, minor) => {
        assert.deepEqual(violationsOf({ level: 'privileged', minor }, {}, pod), []);
        const baseline = violationsOf({ level: 'baseline', minor }, {}, pod);
        const restricted = violationsOf({ level: 'restricted', minor }, {}, pod);
        assert.ok(baseline.length === 0 || restricted.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  test('one that meets a level meets it whatever containers it has that meet it', () => {
    fc.assert(
      fc.property(spec, (pod) => {
        const before = violationsOf({ level: 'restricted', minor: Infinity }, {}, pod);
        const added = { name: 'safe', securityContext: strict };
        const after = violationsOf(
          { level: 'restricted', minor: Infinity },
          {},
          { ...pod, ephemeralContainers: [added] },
        );
        assert.deepEqual(
          after.map(({ reason }) => reason),
          before.map(({ reason }) => reason),
        );
      }),
      { numRuns: 300 },
    );
  });
});
