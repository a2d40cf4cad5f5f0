import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoints } from '../endpoints.ts';
import { limitranges } from '../limitranges.ts';
import { namespaces } from '../namespaces.ts';
import { nodes } from '../nodes.ts';
import { resourcequotas } from '../resourcequotas.ts';
import { createErrors, updateErrors, viewErrors } from './test-support.ts';

const metadata = { name: 'a', namespace: 'default' };
const noStandardFinalizer = 'name is neither a standard finalizer name nor is it fully qualified';

test('finalizers of a Namespace are known or qualified', () => {
  const withFinalizers = (finalizers: string[]): object => ({ metadata: { name: 'a' }, spec: { finalizers } });
  assert.deepEqual(createErrors(namespaces, withFinalizers(['example.com/a'])), []);
  assert.deepEqual(createErrors(namespaces, withFinalizers(['x'])), [
    `spec.finalizers: Invalid value: "x": ${noStandardFinalizer}`,
  ]);
  assert.deepEqual(viewErrors(namespaces, 'finalize', withFinalizers([]), withFinalizers(['kubernetes'])), []);
  assert.deepEqual(viewErrors(namespaces, 'finalize', withFinalizers(['orphan', 'x']), withFinalizers([])), [
    `spec.finalizers[1]: Invalid value: "x": ${noStandardFinalizer}`,
  ]);
});

test('the phase of a Namespace follows its deletion', () => {
  const active = { metadata: { name: 'a' }, status: { phase: 'Active' } };
  const deleted = { metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { phase: 'Active' } };
  assert.deepEqual(viewErrors(namespaces, 'status', active, active), []);
  assert.deepEqual(viewErrors(namespaces, 'status', { ...active, status: { phase: 'Terminating' } }, active), [
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ]);
  assert.deepEqual(viewErrors(namespaces, 'status', deleted, deleted), [
    'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
  ]);
});

test('Endpoints', async (t) => {
  const address = { ip: '10.0.0.1' };
  const port = { port: 80 };
  const cases: [string, object[], string[]][] = [
    ['may be none', [], []],
    ['of a Service', [{ addresses: [address], ports: [port] }], []],
    ['of a headless Service', [{ notReadyAddresses: [{ ...address, hostname: 'a', nodeName: 'n.b' }] }], []],
    [
      'have addresses',
      [{ ports: [port] }],
      ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
    ],
    [
      'are addresses',
      [{ addresses: [{ ip: 'x' }] }],
      [
        'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
      ],
    ],
    [
      'lead somewhere',
      [{ addresses: ['0.0.0.0', '127.1.2.3', '169.254.1.1', '224.0.0.5', '224.0.1.5'].map((ip) => ({ ip })) }],
      [
        'subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
        'subsets[0].addresses[1].ip: Invalid value: "127.1.2.3": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'subsets[0].addresses[2].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'subsets[0].addresses[3].ip: Invalid value: "224.0.0.5": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      ],
    ],
    [
      'lead somewhere in IPv6',
      [{ addresses: ['::', '::1', 'fe80::1', 'febf::1', 'fec0::1', 'ff02::1', 'ff05::1'].map((ip) => ({ ip })) }],
      [
        'subsets[0].addresses[0].ip: Invalid value: "::": may not be unspecified (::)',
        'subsets[0].addresses[1].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'subsets[0].addresses[2].ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'subsets[0].addresses[3].ip: Invalid value: "febf::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'subsets[0].addresses[5].ip: Invalid value: "ff02::1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      ],
    ],
    [
      'have ports with names when there are several',
      [{ addresses: [address], ports: [{ port: 1 }, { name: 'b', port: 65535 }] }],
      ['subsets[0].ports[0].name: Required value'],
    ],
    [
      'have ports in range',
      [{ addresses: [address], ports: [{ port: 65536, protocol: 'ICMP', appProtocol: '' }] }],
      [
        'subsets[0].ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive',
        'subsets[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
        'subsets[0].ports[0].appProtocol: Invalid value: "": name part must be non-empty',
        `subsets[0].ports[0].appProtocol: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      ],
    ],
  ];
  for (const [name, subsets, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(endpoints, { metadata, subsets }), expected));
  }
  const leadingZeros = { metadata, subsets: [{ addresses: [{ ip: '010.0.0.1' }] }] };
  assert.deepEqual(createErrors(endpoints, leadingZeros), [
    'subsets[0].addresses[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
  ]);
  assert.deepEqual(updateErrors(endpoints, leadingZeros, leadingZeros), [], 'an old value may stay');
});

test('a LimitRange', async (t) => {
  const cases: [string, object[], string[]][] = [
    ['may be empty', [], []],
    [
      'of every type',
      [
        { type: 'Pod', max: { cpu: '2', memory: '1Gi' }, min: { cpu: '1' }, maxLimitRequestRatio: { cpu: '2' } },
        { type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '1' } },
        { type: 'PersistentVolumeClaim', max: { storage: '2Gi' } },
        { type: 'example.com/x', max: { storage: '1' } },
      ],
      [],
    ],
    [
      'has known types, each once',
      [{ type: 'x' }, { type: 'Pod' }, { type: 'Pod' }],
      [
        'spec.limits[0].type: Invalid value: "x": must be a standard limit type or fully qualified',
        'spec.limits[2].type: Duplicate value: "Pod"',
      ],
    ],
    [
      'has no defaults for Pods',
      [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }],
      [
        "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
        "spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'",
      ],
    ],
    [
      'bounds the storage of claims',
      [{ type: 'PersistentVolumeClaim' }],
      [
        'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
      ],
    ],
    [
      'knows its resources',
      [{ type: 'Pod', max: { storage: '1', 'example.com/gpu': '1', 'requests.cpu': '1' } }],
      [
        'spec.limits[0].max[requests.cpu]: Invalid value: "requests.cpu": must be a standard resource for containers',
        'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers',
      ],
    ],
    [
      'orders its amounts',
      [
        {
          type: 'Container',
          min: { cpu: '2' },
          max: { cpu: '1' },
          default: { cpu: '3' },
          defaultRequest: { cpu: '4' },
        },
      ],
      [
        'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than max value 1',
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than default limit value 3',
        'spec.limits[0].default[cpu]: Invalid value: "1": default value 3 is greater than max value 1',
      ],
    ],
    [
      'has defaults above the minimum',
      [{ type: 'Container', min: { cpu: '500m' }, default: { cpu: '400m' }, defaultRequest: { cpu: '300m' } }],
      [
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "300m": min value 500m is greater than default request value 300m',
        'spec.limits[0].default[cpu]: Invalid value: "500m": min value 500m is greater than default value 400m',
      ],
    ],
    [
      'has ratios that can be met',
      [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '3' }, maxLimitRequestRatio: { cpu: '1600m', memory: '900m' } }],
      [
        'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "1600m": ratio 1600m is greater than max/min = 1.500000',
        'spec.limits[0].maxLimitRequestRatio[memory]: Invalid value: "900m": ratio 900m is less than 1',
      ],
    ],
    [
      'promises no device twice',
      [{ type: 'Container', default: { 'hugepages-2Mi': '4Mi' }, defaultRequest: { 'hugepages-2Mi': '2Mi' } }],
      [
        'spec.limits[0].defaultRequest[hugepages-2Mi]: Invalid value: "2Mi": default value 4Mi must equal to defaultRequest value 2Mi in hugepages-2Mi',
      ],
    ],
  ];
  for (const [name, limits, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(limitranges, { metadata, spec: { limits } }), expected));
  }
});

test('a ResourceQuota', async (t) => {
  const selector = (...matchExpressions: object[]): object => ({ scopeSelector: { matchExpressions } });
  const mustExist =
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
  const cases: [string, object, string[]][] = [
    ['may be empty', {}, []],
    [
      'counts and measures',
      { hard: { cpu: '1', 'requests.memory': '1Gi', 'count/pods': '5', 'requests.example.com/gpu': '4', pods: '10' } },
      [],
    ],
    [
      'knows what it counts',
      { hard: { storage: '1', x: '1', pods: '1500m', cpu: '-1' } },
      [
        'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.hard[pods]: Invalid value: "1500m": must be an integer',
        'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
        'spec.hard[x]: Invalid value: "x": must be a standard resource type or fully qualified',
        'spec.hard[x]: Invalid value: "x": must be a standard resource for quota',
      ],
    ],
    ['for best effort counts Pods', { hard: { pods: '1' }, scopes: ['BestEffort'] }, []],
    [
      'for best effort measures nothing',
      { hard: { cpu: '1', pods: '1' }, scopes: ['BestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
    ],
    [
      'has scopes that go together',
      { scopes: ['BestEffort', 'NotBestEffort', 'x'] },
      [
        'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","x"]: unsupported scope',
        'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","x"]: conflicting scopes',
      ],
    ],
    [
      'selects by priority and by class of attributes',
      {
        ...selector({ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }),
        hard: { pods: '1' },
      },
      [],
    ],
    [
      'selects with an operator that makes sense',
      selector(
        { scopeName: 'Terminating', operator: 'In' },
        { scopeName: 'PriorityClass', operator: 'Exists', values: ['x'] },
        { scopeName: 'x', operator: 'y' },
      ),
      [
        `spec.scopeSelector.matchExpressions.operator: Invalid value: "In": ${mustExist}`,
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        "spec.scopeSelector.matchExpressions.values: Invalid value: [\"x\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "x": unsupported scope',
        'spec.scopeSelector.matchExpressions.operator: Invalid value: "y": not a valid selector operator',
      ],
    ],
  ];
  for (const [name, spec, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(resourcequotas, { metadata, spec }), expected));
  }
  const old = { metadata, spec: { scopes: ['Terminating'] } };
  assert.deepEqual(updateErrors(resourcequotas, old, old), []);
  assert.deepEqual(updateErrors(resourcequotas, { metadata, spec: { scopes: ['NotTerminating'] } }, old), [
    'spec.scopes: Invalid value: ["NotTerminating"]: field is immutable',
  ]);
  assert.deepEqual(viewErrors(resourcequotas, 'status', { ...old, status: { used: { pods: '-1' } } }, old), [
    'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
});

test('a Node', async (t) => {
  const taint = { key: 'a', value: 'b', effect: 'NoSchedule' };
  const cases: [string, object, string[]][] = [
    ['may be empty', {}, []],
    [
      'that is complete',
      {
        spec: { podCIDRs: ['10.244.0.0/24', 'fd00::/64'], taints: [taint, { ...taint, effect: 'NoExecute' }] },
        status: { capacity: { cpu: '2', pods: '110', 'example.com/gpu': '1' } },
      },
      [],
    ],
    [
      'has taints that differ',
      { spec: { taints: [taint, taint, { key: '', value: '-', effect: 'x' }, { key: 'b' }] } },
      [
        'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
        'metadata.taints[2].key: Invalid value: "": name part must be non-empty',
        `metadata.taints[2].key: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        `metadata.taints[2].value: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
        'metadata.taints[2].effect: Unsupported value: "x": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        'metadata.taints[3].effect: Required value',
      ],
    ],
    [
      'has whole Pods',
      { status: { capacity: { pods: '1500m' }, allocatable: { cpu: '-1' } } },
      [
        'status.capacity.pods: Invalid value: "1500m": must be an integer',
        'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    [
      'has one network of each family',
      { spec: { podCIDRs: ['10.0.0.0/24', '10.0.0.0/24'] } },
      [
        'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
        'spec.podCIDRs[1]: Duplicate value: "10.0.0.0/24"',
      ],
    ],
    [
      'has networks',
      { spec: { podCIDRs: ['10.0.0.1/24'] } },
      ['spec.podCIDRs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length'],
    ],
  ];
  for (const [name, fields, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(nodes, { metadata: { name: 'n' }, ...fields }), expected));
  }
});

test('a Node keeps its network, its provider and its id', () => {
  const old = { metadata: { name: 'n' }, spec: { podCIDRs: ['10.0.0.0/24'], providerID: 'a://1' } };
  const bare = { metadata: { name: 'n' } };
  assert.deepEqual(updateErrors(nodes, old, old), []);
  assert.deepEqual(updateErrors(nodes, old, bare), [], 'both may be set once');
  assert.deepEqual(updateErrors(nodes, { ...bare, spec: { externalID: 'x' } }, old), [
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    'spec.externalID: Forbidden: may not be updated',
  ]);
  const addresses = [
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ];
  assert.deepEqual(viewErrors(nodes, 'status', { ...old, status: { addresses } }, old), [
    'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
  ]);
});

test('a Node points at its configuration with all that it takes', () => {
  const old = { metadata: { name: 'n' } };
  const spec = { configSource: { configMap: { uid: 'u', name: 'a', namespace: 'b', kubeletConfigKey: '..' } } };
  assert.deepEqual(updateErrors(nodes, { ...old, spec }, old), [
    'spec.configSource.configMap.uid: Forbidden: uid must not be set in spec',
    `spec.configSource.configMap.kubeletConfigKey: Invalid value: "..": must not be '..'`,
  ]);
  assert.deepEqual(viewErrors(nodes, 'status', { ...old, status: { config: { active: {} } } }, old), [
    'status.config.active: Invalid value: {"ConfigMap":null}: exactly one reference subfield must be non-nil',
  ]);
});
