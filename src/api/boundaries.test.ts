// Numbers and sizes of every group at the boundaries of their rules: the last value that is taken, the first refused.
import { builtinCatalog } from './catalog.ts';
import type { ResourceDefinition } from './contract.ts';
import { testCreates, type Change } from './test-validation.ts';

const catalog = builtinCatalog();

function definitionOf(group: string, version: string, plural: string): ResourceDefinition {
  const definition = catalog.find(group, version, plural);
  if (definition === undefined) throw new Error(`no ${plural}.${version}.${group}`);
  return definition;
}

const negative = (value: number): string => `Invalid value: ${value}: must be greater than or equal to 0`;
const port = (value: number): string => `Invalid value: ${value}: must be between 1 and 65535, inclusive`;
const name = { name: 'n' };
const namespaced = { ...name, namespace: 'default' };
const podSpec = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  terminationGracePeriodSeconds: 30,
  containers: [
    {
      name: 'c',
      image: 'i',
      imagePullPolicy: 'Always',
      terminationMessagePolicy: 'File',
      terminationMessagePath: '/t',
    },
  ],
};
const labels = { app: 'x' };
const template = { metadata: { labels }, spec: podSpec };
const selector = { matchLabels: labels };

/** Counts that may be nothing, but not less. */
function counts(...paths: string[]): Change[] {
  return paths.flatMap((path): Change[] => [
    [path, 0],
    [path, 2 ** 31 - 1],
    [path, -1, `${path}: ${negative(-1)}`],
  ]);
}

testCreates(definitionOf('apps', 'v1', 'deployments'), { metadata: namespaced, spec: { selector, template } }, [
  ...counts('spec.replicas', 'spec.revisionHistoryLimit'),
  ['spec.minReadySeconds', 599],
  [
    'spec.minReadySeconds',
    600,
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
  ['spec.minReadySeconds', -1, `spec.minReadySeconds: ${negative(-1)}`],
  ['spec.strategy.rollingUpdate', { maxSurge: '100%', maxUnavailable: 0 }],
  [
    'spec.strategy.rollingUpdate',
    { maxSurge: 0, maxUnavailable: '0%' },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
  ],
  ['spec.strategy.rollingUpdate', { maxSurge: 1, maxUnavailable: '100%' }],
  [
    'spec.strategy.rollingUpdate',
    { maxSurge: 1, maxUnavailable: '101%' },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ],
]);

testCreates(
  definitionOf('apps', 'v1', 'statefulsets'),
  { metadata: namespaced, spec: { serviceName: 's', selector, template } },
  counts('spec.replicas', 'spec.minReadySeconds', 'spec.ordinals.start'),
);

testCreates(
  definitionOf('apps', 'v1', 'controllerrevisions'),
  { metadata: namespaced, revision: 1, data: { a: 'b' } },
  [
    ['revision', 0],
    ['revision', -1, `revision: ${negative(-1)}`],
  ],
);

testCreates(
  definitionOf('batch', 'v1', 'jobs'),
  { metadata: { ...namespaced, uid: 'u' }, spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
  counts(
    'spec.parallelism',
    'spec.backoffLimit',
    'spec.activeDeadlineSeconds',
    'spec.ttlSecondsAfterFinished',
    'spec.completions',
  ),
);

testCreates(definitionOf('scheduling.k8s.io', 'v1', 'priorityclasses'), { metadata: name, value: 0 }, [
  ['value', 1_000_000_000],
  ['value', -(2 ** 31)],
  ['value', 1_000_000_001, 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
]);

testCreates(definitionOf('coordination.k8s.io', 'v1', 'leases'), { metadata: namespaced, spec: {} }, [
  ['spec.leaseDurationSeconds', 1],
  ['spec.leaseDurationSeconds', 0, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  ['spec.leaseTransitions', 0],
  ['spec.leaseTransitions', -1, 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
]);

const service = { metadata: namespaced, spec: { ports: [{ port: 80, protocol: 'TCP' }] } };
testCreates(definitionOf('', 'v1', 'services'), service, [
  ['spec.ports.0.port', 1],
  ['spec.ports.0.port', 65535],
  ['spec.ports.0', { port: 0, targetPort: 1, protocol: 'TCP' }, `spec.ports[0].port: ${port(0)}`],
  ['spec.ports.0', { port: 65536, targetPort: 1, protocol: 'TCP' }, `spec.ports[0].port: ${port(65536)}`],
  ['spec.ports.0.targetPort', 65535],
  ['spec.ports.0.targetPort', 65536, `spec.ports[0].targetPort: ${port(65536)}`],
  ['spec.ports.0.targetPort', 'a'.repeat(15)],
  [
    'spec.ports.0.targetPort',
    'a'.repeat(16),
    `spec.ports[0].targetPort: Invalid value: "${'a'.repeat(16)}": must be no more than 15 characters`,
  ],
  [
    'spec',
    { ...service.spec, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } },
  ],
  [
    'spec',
    { ...service.spec, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86400 } } },
  ],
  ...[0, 86401].map((timeoutSeconds): Change => [
    'spec',
    { ...service.spec, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } },
    `spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: ${timeoutSeconds}: must be greater than 0 and less than 86400`,
  ]),
]);

const mebibyte = 1024 * 1024;
testCreates(definitionOf('', 'v1', 'configmaps'), { metadata: namespaced, data: {} }, [
  ['data', { k: 'v'.repeat(mebibyte) }],
  ['data', { k: 'v'.repeat(mebibyte + 1) }, '[]: Too long: may not be more than 1048576 bytes'],
  ['data', { ['k'.repeat(253)]: '' }],
  [
    'data',
    { ['k'.repeat(254)]: '' },
    `data[${'k'.repeat(254)}]: Invalid value: "${'k'.repeat(254)}": must be no more than 253 characters`,
  ],
]);
testCreates(definitionOf('', 'v1', 'secrets'), { metadata: namespaced, type: 'Opaque', data: {} }, [
  ['data', { k: Buffer.alloc(mebibyte).toString('base64') }],
  ['data', { k: Buffer.alloc(mebibyte + 1).toString('base64') }, 'data: Too long: may not be more than 1048576 bytes'],
]);

const slice = { metadata: namespaced, addressType: 'IPv4', endpoints: [], ports: [] };
const endpoints = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({ addresses: [`10.0.${i >> 8}.${i & 255}`] }));
testCreates(definitionOf('discovery.k8s.io', 'v1', 'endpointslices'), slice, [
  ['endpoints', endpoints(1000)],
  ['endpoints', endpoints(1001), 'endpoints: Too many: 1001: must have at most 1000 items'],
]);

testCreates(
  definitionOf('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas'),
  { metadata: name, spec: { priorityLevelConfiguration: { name: 'p' }, matchingPrecedence: 2 } },
  [
    ['spec.matchingPrecedence', 10000],
    ['spec.matchingPrecedence', 10001, 'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
    ['spec.matchingPrecedence', -1, 'spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
  ],
);

const percent = (value: number): string =>
  `spec.limited.lendablePercent: Invalid value: ${value}: must be between 0 and 100, inclusive`;
testCreates(
  definitionOf('flowcontrol.apiserver.k8s.io', 'v1', 'prioritylevelconfigurations'),
  { metadata: name, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
  [
    ['spec.limited.lendablePercent', 0],
    ['spec.limited.lendablePercent', 100],
    ['spec.limited.lendablePercent', 101, percent(101)],
    ['spec.limited.lendablePercent', -1, percent(-1)],
  ],
);

testCreates(
  definitionOf('autoscaling', 'v2', 'horizontalpodautoscalers'),
  {
    metadata: namespaced,
    spec: {
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  },
  [
    ['spec.minReplicas', 1],
    [
      'spec.minReplicas',
      0,
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
    ['spec.minReplicas', 5],
    ['spec.minReplicas', 6, 'spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
    ['spec.maxReplicas', 1],
    [
      'spec.maxReplicas',
      0,
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
    [
      'spec.behavior',
      { scaleDown: { stabilizationWindowSeconds: 3600, policies: [{ type: 'Pods', value: 1, periodSeconds: 1800 }] } },
    ],
    [
      'spec.behavior',
      { scaleDown: { stabilizationWindowSeconds: 3601, policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }] } },
      'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
      'spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    ],
  ],
);

testCreates(
  definitionOf('networking.k8s.io', 'v1', 'networkpolicies'),
  { metadata: namespaced, spec: { podSelector: {}, policyTypes: ['Ingress'] } },
  [
    ['spec.ingress', [{ ports: [{ protocol: 'TCP', port: 65535 }] }]],
    ['spec.ingress', [{ ports: [{ protocol: 'TCP', port: 65536 }] }], `spec.ingress[0].ports[0].port: ${port(65536)}`],
    ['spec.ingress', [{ ports: [{ protocol: 'TCP', port: 80, endPort: 80 }] }]],
    [
      'spec.ingress',
      [{ ports: [{ protocol: 'TCP', port: 80, endPort: 79 }] }],
      // Upstream shows the port.
      'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
    ],
  ],
);

testCreates(definitionOf('node.k8s.io', 'v1', 'runtimeclasses'), { metadata: name, handler: 'h' }, [
  ['handler', 'h'.repeat(63)],
  ['handler', 'h'.repeat(64), `handler: Invalid value: "${'h'.repeat(64)}": must be no more than 63 characters`],
]);

testCreates(definitionOf('policy', 'v1', 'poddisruptionbudgets'), { metadata: namespaced, spec: { selector } }, [
  ['spec.minAvailable', 0],
  ['spec.minAvailable', '100%'],
  ['spec.minAvailable', '101%', 'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
  ['spec.minAvailable', -1, `spec.minAvailable: ${negative(-1)}`],
  [
    'spec',
    { selector, minAvailable: 1, maxUnavailable: 1 },
    'spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"app":"x"}},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
  ],
]);
