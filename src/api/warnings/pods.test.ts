import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deployments } from '../apps/deployments.ts';
import { context, createdFrom, objectOf } from '../core/test-support.ts';
import { pods } from '../core/pods.ts';
import type { Pod } from '../types/core.v1.ts';
import { createWarnings, testWarnings, updateWarnings } from './test-support.ts';

const container = { name: 'c', image: 'i' };

function pod(spec: object, metadata: object = {}): object {
  return { metadata: { name: 'p', ...metadata }, spec: { containers: [container], ...spec } };
}

function withContainer(fields: object, ...others: readonly object[]): object {
  return pod({ containers: [{ ...container, ...fields }, ...others] });
}

function volumes(...sources: readonly object[]): object {
  return pod({ volumes: sources.map((source, index) => ({ name: `v${index}`, ...source })) });
}

const nothing = 'a null labelSelector results in matching no pod';

describe('placement', () => {
  testWarnings(pods, [
    ['none', pod({ nodeSelector: { 'kubernetes.io/arch': 'amd64' } })],
    [
      'old labels of nodes',
      pod({
        nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'node-role.kubernetes.io/master', operator: 'Exists' }] },
              ],
            },
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] } },
            ],
          },
        },
      }),
      'spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: ' +
        'node-role.kubernetes.io/master is use "node-role.kubernetes.io/control-plane" instead',
      'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]: ' +
        "- is invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must " +
        "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation " +
        "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      'selectors of nothing',
      pod({
        topologySpreadConstraints: [
          { maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', topologyKey: 'failure-domain.beta.kubernetes.io/zone' },
          { maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', topologyKey: 'a', labelSelector: {} },
        ],
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a' }] },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'a' } }],
          },
        },
      }),
      'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; ' +
        'use "topology.kubernetes.io/zone" instead',
      `spec.topologySpreadConstraints[0].labelSelector: ${nothing}`,
      `spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: ${nothing}`,
      `spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: ${nothing}`,
    ],
  ]);
});

describe('containers', () => {
  testWarnings(pods, [
    [
      'fractions of bytes',
      withContainer({ resources: { limits: { memory: '0.5', cpu: '0.5' }, requests: { memory: '1Gi' } } }),
      'spec.containers[0].resources.limits[memory]: fractional byte value "500m" is invalid, must be an integer',
    ],
    [
      'variables that are set twice',
      withContainer({
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '$(A)2' },
          { name: 'A', value: '3' },
          { name: 'A', value: '$(A)' },
        ],
      }),
      'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
      'spec.containers[0].env[3]: hides previous definition of "A", which may be dropped when using apply',
    ],
    [
      'ports that are listened on twice',
      withContainer(
        { ports: [{ containerPort: 80 }, { containerPort: 80, hostPort: 8080 }] },
        { name: 'd', image: 'i', ports: [{ containerPort: 80, hostPort: 8080, hostIP: '127.0.0.1' }] },
      ),
      'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[0]: dangerously ambiguous port definition with spec.containers[0].ports[1]',
    ],
    [
      'ports of two protocols',
      withContainer({ ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] }),
    ],
    [
      'names of two ports',
      withContainer(
        { ports: [{ name: 'http', containerPort: 80 }] },
        { name: 'd', image: 'i', ports: [{ name: 'http', containerPort: 81 }] },
      ),
      'spec.containers[1].ports[0]: duplicate port name "http" with spec.containers[0].ports[0], services and probes that ' +
        'select ports by name will use spec.containers[0].ports[0]',
    ],
    [
      'a port with an address of the host alone',
      withContainer({ ports: [{ name: 'a', containerPort: 80, protocol: 'TCP', hostIP: '010.0.0.1' }] }),
      'spec.containers[0].ports[0]: hostIP set without hostPort: ' +
        '{Name:a HostPort:0 ContainerPort:80 Protocol:TCP HostIP:010.0.0.1}',
    ],
  ]);
});

describe('volumes', () => {
  testWarnings(pods, [
    [
      'plugins of the past',
      volumes({ gitRepo: { repository: 'r' } }, { storageos: {} }, { rbd: { image: 'i', monitors: [] } }),
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+',
      'spec.volumes[2].rbd: deprecated in v1.28, non-functional in v1.31+',
    ],
    [
      'claims of fractions',
      volumes({ ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '1m' } } } } } }),
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "1m" is ' +
        'invalid, must be an integer',
    ],
    [
      'files in the place of directories',
      volumes({
        configMap: {
          name: 'm',
          items: [
            { key: 'a', path: 'x' },
            { key: 'b', path: 'xy' },
            { key: 'c', path: 'x/y' },
          ],
        },
      }),
      'volume "v0" (ConfigMap "m"): overlapping paths: "x/y" with "x"',
    ],
    [
      'sources that hide one another',
      volumes({
        projected: {
          sources: [
            { serviceAccountToken: { path: 'token' } },
            { secret: { name: 's', items: [{ key: 'k', path: 'token' }] } },
            { configMap: { name: 'whole' } },
            {},
          ],
        },
      }),
      'volume "v0" (Projected) has no sources provided',
      'volume "v0" (Projected): overlapping paths: "token" (Secret "s") with "token" (ServiceAccountToken)',
    ],
  ]);
});

describe('the Pod as a whole', () => {
  testWarnings(pods, [
    [
      'a name that is no host name',
      { ...pod({}), metadata: { name: 'a.b' } },
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is " +
        'recommended: [must not contain dots]',
    ],
    [
      'lists with the same twice',
      pod({
        hostAliases: [{ ip: '::1' }, { ip: '::1' }, { ip: '0::2' }],
        imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}],
        dnsConfig: { nameservers: ['::ffff:1.2.3.4'] },
      }),
      'spec.hostAliases[1].ip: duplicate ip "::1"',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
      'spec.dnsConfig.nameservers[0]: non-standard IP address "::ffff:1.2.3.4" will be considered invalid in a future ' +
        'Kubernetes release: use "1.2.3.4"',
      'spec.hostAliases[2].ip: IPv6 address "0::2" should be in RFC 5952 canonical format ("::2")',
    ],
    [
      'a grace below zero',
      pod({ terminationGracePeriodSeconds: -1, overhead: { memory: '1500m' } }),
      'spec.overhead[memory]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ],
    [
      'annotations without effect',
      pod(
        {},
        {
          annotations: {
            'scheduler.alpha.kubernetes.io/critical-pod': '',
            'seccomp.security.alpha.kubernetes.io/pod': 'a',
            'container.seccomp.security.alpha.kubernetes.io/c': 'a',
          },
        },
      ),
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the ' +
        '"priorityClassName" field instead',
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" ' +
        'field instead',
      'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the ' +
        '"seccompProfile" field instead',
    ],
  ]);

  const appArmor = 'container.apparmor.security.beta.kubernetes.io/c';

  test('an AppArmor annotation becomes a field, and is warned of where it did', () => {
    const warnings: string[] = [];
    const warn = (text: string): void => void warnings.push(text);
    const expected = [
      `metadata.annotations[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    ];
    const annotated = pod({}, { annotations: { [appArmor]: 'runtime/default' } });
    pods.prepareForCreate?.(objectOf<Pod>(pods, annotated), { ...context, warn });
    assert.deepEqual(warnings.splice(0), expected);
    const same = pod(
      { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
      { annotations: { [appArmor]: 'runtime/default' } },
    );
    pods.prepareForCreate?.(objectOf<Pod>(pods, same), { ...context, warn });
    assert.deepEqual(warnings.splice(0), []);
    const unknown = pod({}, { annotations: { [appArmor]: 'what' } });
    pods.prepareForCreate?.(objectOf<Pod>(pods, unknown), { ...context, warn });
    assert.deepEqual(warnings, expected);
  });

  test('nothing is said of an update', () => {
    assert.deepEqual(updateWarnings(pods, pod({ terminationGracePeriodSeconds: -1 }), pod({}), 2), []);
  });

  test('a template is looked at with the path at which it stands', () => {
    const template = {
      metadata: { labels: { a: 'b' }, annotations: { [appArmor]: 'runtime/default' } },
      spec: { containers: [container], nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    };
    const deployment = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
    const warnings = [
      'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      `spec.template.metadata.annotations[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    ];
    assert.deepEqual(createWarnings(deployments, deployment), warnings);
    assert.deepEqual(updateWarnings(deployments, deployment, deployment), [], 'nothing changed that it is about');
    assert.deepEqual(updateWarnings(deployments, deployment, deployment, 2), warnings);
    assert.deepEqual(createWarnings(deployments, { ...deployment, metadata: { name: 'a.b' } }), [
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is ' +
        'recommended: [must not contain dots]',
      ...warnings,
    ]);
  });

  test('lists of any length take little time', () => {
    const ports = Array.from({ length: 20_000 }, () => ({ containerPort: 80 }));
    const items = Array.from({ length: 20_000 }, () => ({ key: 'k', path: 'a/b' }));
    const long = { containers: [{ ...container, ports }], volumes: [{ name: 'v', configMap: { name: 'm', items } }] };
    const startedMs = performance.now();
    assert.ok(createWarnings(pods, pod(long)).length > 1000);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < 2000, `it took ${tookMs} ms`);
  });

  test('a usual Pod has none', () => {
    const usual = createdFrom<Pod>(pods, withContainer({ env: [{ name: 'A' }], ports: [{ containerPort: 80 }] }));
    assert.deepEqual(pods.warningsOnCreate?.(usual), []);
  });
});
