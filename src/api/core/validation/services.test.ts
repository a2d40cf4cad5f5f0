import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '../services.ts';
import { createErrors, updateErrors, viewErrors } from './test-support.ts';

const metadata = { name: 'a', namespace: 'default' };
const port = { name: 'http', port: 80 };
const loadBalancer = { type: 'LoadBalancer', ports: [port] };
const noName = 'name part must be non-empty';
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const onlyLoadBalancers = "Forbidden: may only be used when `type` is 'LoadBalancer'";

type Case = [name: string, spec: object, expected: string[]];

async function check(t: { test(name: string, run: () => void): Promise<void> }, cases: readonly Case[]): Promise<void> {
  for (const [name, spec, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(services, { metadata, spec }), expected));
  }
}

test('types and their fields', (t) =>
  check(t, [
    ['minimal', { ports: [port] }, []],
    ['of node ports', { type: 'NodePort', ports: [{ ...port, nodePort: 30000 }] }, []],
    ['of a load balancer', loadBalancer, []],
    ['without ports', {}, ['spec.ports: Required value']],
    ['headless without ports', { clusterIP: 'None' }, []],
    ['for another name', { type: 'ExternalName', externalName: 'example.com.' }, []],
    ['for no name', { type: 'ExternalName' }, ['spec.externalName: Required value']],
    ['for the root', { type: 'ExternalName', externalName: '.' }, ['spec.externalName: Required value']],
    [
      'for another name with addresses',
      {
        type: 'ExternalName',
        externalName: 'a',
        clusterIP: 'None',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
      },
      [
        'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
        'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
        'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
      ],
    ],
    [
      'headless with node ports',
      { type: 'NodePort', clusterIP: 'None', ports: [port] },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
    ],
    [
      'headless with a load balancer',
      { ...loadBalancer, clusterIP: 'None' },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services'],
    ],
    [
      'unknown',
      { type: 'x', ports: [port], internalTrafficPolicy: 'Cluster' },
      ['spec.type: Unsupported value: "x": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
    ],
    [
      'selecting by labels',
      { ports: [port], selector: { '': 'x' } },
      [`spec.selector: Invalid value: "": ${noName}`, `spec.selector: Invalid value: "": ${qualified}`],
    ],
  ]));

test('ports', (t) =>
  check(t, [
    [
      'of all protocols',
      { ports: ['TCP', 'UDP', 'SCTP'].map((protocol) => ({ name: protocol.toLowerCase(), port: 1, protocol })) },
      [],
    ],
    ['at the ends of the range', { ports: [{ port: 65535, targetPort: 1 }] }, []],
    ['of a container', { ports: [{ ...port, targetPort: 'web', appProtocol: 'example.com/x' }] }, []],
    [
      'out of range',
      { ports: [{ port: 65536, targetPort: 65537 }] },
      [
        'spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive',
        'spec.ports[0].targetPort: Invalid value: 65537: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      'of no container',
      { ports: [{ ...port, targetPort: 'a-name-that-is-long' }] },
      ['spec.ports[0].targetPort: Invalid value: "a-name-that-is-long": must be no more than 15 characters'],
    ],
    [
      'several without a name',
      { ports: [{ port: 1 }, { name: 'b', port: 2 }] },
      ['spec.ports[0].name: Required value'],
    ],
    ['of one name', { ports: [port, { ...port, port: 81 }] }, ['spec.ports[1].name: Duplicate value: "http"']],
    [
      'of one number',
      { ports: [port, { name: 'b', port: 80 }, { name: 'c', port: 80, protocol: 'UDP' }] },
      [
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      'of one node port',
      { type: 'NodePort', ports: [1, 2].map((number) => ({ name: `p${number}`, port: number, nodePort: 30000 })) },
      ['spec.ports[1].nodePort: Duplicate value: 30000'],
    ],
    [
      'of the nodes without the type',
      { ports: [{ ...port, nodePort: 30000 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'with a name that is no label',
      { ports: [{ name: 'a.b', port: 1, protocol: 'x', appProtocol: '' }] },
      [
        'spec.ports[0].name: Invalid value: "a.b": must not contain dots',
        'spec.ports[0].protocol: Unsupported value: "x": supported values: "SCTP", "TCP", "UDP"',
        `spec.ports[0].appProtocol: Invalid value: "": ${noName}`,
        `spec.ports[0].appProtocol: Invalid value: "": ${qualified}`,
      ],
    ],
  ]));

test('cluster IPs and families', (t) => {
  const of = (spec: object): object => ({ ports: [port], ...spec });
  const two = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'] };
  return check(t, [
    ['one', of({ clusterIP: '10.0.0.1' }), []],
    ['two', of({ ...two, ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }), []],
    [
      'the first one differs',
      of({ clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.1'] }),
      ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: first value must match `clusterIP`'],
    ],
    [
      'the first one is missing',
      of({ clusterIPs: ['10.0.0.1'] }),
      ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified'],
    ],
    [
      'None among others',
      of({ clusterIP: 'None', clusterIPs: ['None', '10.0.0.1'] }),
      ['spec.clusterIPs: Invalid value: ["None","10.0.0.1"]: \'None\' must be the first and only value'],
    ],
    [
      'no address',
      of({ clusterIP: 'x' }),
      ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    [
      'zeros in front',
      of({ clusterIP: '010.0.0.1' }),
      ['spec.clusterIPs[0]: Invalid value: "010.0.0.1": must not have leading 0s'],
    ],
    [
      'three',
      of({ ...two, clusterIPs: ['10.0.0.1', 'fd00::1', 'fd00::2'] }),
      ['spec.clusterIPs: Invalid value: ["10.0.0.1","fd00::1","fd00::2"]: may only hold up to 2 values'],
    ],
    [
      'two of one family',
      of({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'] }),
      ['spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family'],
    ],
    [
      'families the other way round',
      of({ ...two, ipFamilies: ['IPv6', 'IPv4'] }),
      [
        'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
        'spec.clusterIPs[1]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[1]`',
      ],
    ],
    [
      'unknown families and policy',
      of({ ipFamilies: ['IPv4', 'IPv4', 'x'], ipFamilyPolicy: 'y' }),
      [
        'spec.ipFamilies[1]: Duplicate value: "IPv4"',
        'spec.ipFamilies[2]: Unsupported value: "x": supported values: "IPv4", "IPv6"',
        'spec.ipFamilyPolicy: Unsupported value: "y": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
      ],
    ],
    ['external ones', of({ externalIPs: ['192.0.2.1', '2001:db8::1'] }), []],
    [
      'external ones that lead nowhere',
      of({ externalIPs: ['127.0.0.1', 'x'] }),
      [
        'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
  ]);
});

test('session affinity', (t) => {
  const affine = (timeoutSeconds: number): object => ({
    ports: [port],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds } },
  });
  const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
  return check(t, [
    ['to clients', { ports: [port], sessionAffinity: 'ClientIP' }, []],
    ['for a second', affine(1), []],
    ['for a day', affine(86_400), []],
    ['for no time', affine(0), [`${path}: Invalid value: 0: must be greater than 0 and less than 86400`]],
    ['for more', affine(86_401), [`${path}: Invalid value: 86401: must be greater than 0 and less than 86400`]],
    [
      'unknown',
      { ports: [port], sessionAffinity: 'x' },
      ['spec.sessionAffinity: Unsupported value: "x": supported values: "ClientIP", "None"'],
    ],
  ]);
});

test('traffic policies and distribution', (t) =>
  check(t, [
    ['near ones', { ports: [port], internalTrafficPolicy: 'Local', trafficDistribution: 'PreferSameZone' }, []],
    ['of external addresses', { ports: [port], externalIPs: ['192.0.2.1'], externalTrafficPolicy: 'Local' }, []],
    [
      'of nobody outside',
      { ports: [port], externalTrafficPolicy: 'Local' },
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [
      'unknown',
      {
        type: 'NodePort',
        ports: [port],
        externalTrafficPolicy: 'x',
        internalTrafficPolicy: 'y',
        trafficDistribution: 'z',
      },
      [
        'spec.externalTrafficPolicy: Unsupported value: "x": supported values: "Cluster", "Local"',
        'spec.internalTrafficPolicy: Unsupported value: "y": supported values: "Cluster", "Local"',
        'spec.trafficDistribution: Unsupported value: "z": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
      ],
    ],
    [
      'health checks nobody asks for',
      { ...loadBalancer, healthCheckNodePort: 30000 },
      [
        "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
    ['health checks', { ...loadBalancer, externalTrafficPolicy: 'Local', healthCheckNodePort: 30000 }, []],
    [
      'health checks without a port',
      { ...loadBalancer, externalTrafficPolicy: 'Local' },
      ['spec.healthCheckNodePort: Required value'],
    ],
  ]));

test('load balancers', async (t) => {
  await check(t, [
    [
      'with all fields',
      {
        ...loadBalancer,
        loadBalancerClass: 'example.com/x',
        allocateLoadBalancerNodePorts: false,
        loadBalancerSourceRanges: [' 10.0.0.0/8 ', 'fd00::/8'],
      },
      [],
    ],
    [
      'none',
      {
        ports: [port],
        loadBalancerClass: 'x',
        allocateLoadBalancerNodePorts: true,
        loadBalancerSourceRanges: ['10.0.0.0/8'],
      },
      [
        `spec.LoadBalancerSourceRanges: ${onlyLoadBalancers}`,
        `spec.allocateLoadBalancerNodePorts: ${onlyLoadBalancers}`,
        `spec.loadBalancerClass: ${onlyLoadBalancers}`,
      ],
    ],
    [
      'with networks that are none',
      { ...loadBalancer, loadBalancerSourceRanges: ['10.0.0.0', '10.0.0.1/8'] },
      [
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
      ],
    ],
  ]);
  const annotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
  const annotated = { metadata: { ...metadata, annotations: { [annotation]: '10.0.0.0/8, x' } }, spec: loadBalancer };
  assert.deepEqual(createErrors(services, annotated), [
    `metadata.annotations[${annotation}]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
  ]);
});

test('the two annotations for topology agree', () => {
  const annotations = {
    'service.kubernetes.io/topology-aware-hints': 'auto',
    'service.kubernetes.io/topology-mode': 'x',
  };
  assert.deepEqual(createErrors(services, { metadata: { ...metadata, annotations }, spec: { ports: [port] } }), [
    'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "x": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
  ]);
});

const four = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
const both = {
  clusterIP: '10.0.0.1',
  clusterIPs: ['10.0.0.1', 'fd00::1'],
  ipFamilies: ['IPv4', 'IPv6'],
  ipFamilyPolicy: 'RequireDualStack',
};

test('what an update may change', async (t) => {
  const cases: [name: string, old: object, spec: object, expected: string[]][] = [
    ['nothing', four, four, []],
    ['a second family', four, both, []],
    ['one family less', both, four, []],
    [
      'one family less without the policy',
      both,
      { ...four, ipFamilyPolicy: 'PreferDualStack' },
      [
        'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
        'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
      ],
    ],
    [
      'the address',
      four,
      { ...four, clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] },
      ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
    ],
    [
      'the family',
      four,
      { ...four, ipFamilies: ['IPv6'] },
      [
        'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
        'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
      ],
    ],
    [
      'the first address of two',
      both,
      { ...four, clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] },
      ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
    ],
    [
      'families of a headless one',
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'] },
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv6'] },
      [],
    ],
    [
      'the class of a load balancer',
      { ...loadBalancer, ...four, loadBalancerClass: 'a' },
      { ...loadBalancer, ...four, loadBalancerClass: 'b' },
      ['spec.loadBalancerClass: Invalid value: "b": may not change once set'],
    ],
    [
      'the port of health checks',
      { ...loadBalancer, ...four, externalTrafficPolicy: 'Local', healthCheckNodePort: 30001 },
      { ...loadBalancer, ...four, externalTrafficPolicy: 'Local', healthCheckNodePort: 30002 },
      ['spec.healthCheckNodePort: Forbidden: field is immutable'],
    ],
    [
      'nothing of what was valid once',
      { ...four, externalIPs: ['010.0.0.1'] },
      { ...four, externalIPs: ['010.0.0.1'] },
      [],
    ],
  ];
  for (const [name, old, spec, expected] of cases) {
    const whole = (fields: object): object => ({ metadata, spec: { ports: [port], ...fields } });
    await t.test(name, () => assert.deepEqual(updateErrors(services, whole(spec), whole(old)), expected));
  }
});

test('what a load balancer reports', async (t) => {
  const old = { metadata, spec: { ...loadBalancer, ...four } };
  const cases: [name: string, ingress: object[], expected: string[]][] = [
    ['addresses and names', [{ ip: '192.0.2.1' }, { hostname: 'a.example.com' }], []],
    [
      'neither',
      [{ ip: 'x', ipMode: 'y' }, { hostname: '192.0.2.1' }, { ipMode: 'VIP', hostname: '-' }],
      [
        'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'status.loadBalancer.ingress[0].ipMode: Unsupported value: "y": supported values: "Proxy", "VIP"',
        'status.loadBalancer.ingress[1].hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address',
        'status.loadBalancer.ingress[2].ipMode: Forbidden: may not be specified when `ip` is not set',
        "status.loadBalancer.ingress[2].hostname: Invalid value: \"-\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
  ];
  for (const [name, ingress, expected] of cases) {
    const submitted = { ...old, status: { loadBalancer: { ingress } } };
    await t.test(name, () => assert.deepEqual(viewErrors(services, 'status', submitted, old), expected));
  }
  const plain = { metadata, spec: { ports: [port], ...four } };
  const reported = { ...plain, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } };
  assert.deepEqual(viewErrors(services, 'status', reported, plain), [
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ]);
});
