import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRows, type Row } from '../test-rows.ts';
import { coreDefinitions } from './index.ts';
import { created } from './test-support.ts';

const everything = 'create delete deletecollection get list patch update watch';

/** plural: kind, short names, scope, storage prefix, verbs where not all. */
const facts: Readonly<Record<string, readonly [string, string, boolean, string | undefined, string?]>> = {
  bindings: ['Binding', '', true, undefined, 'create'],
  componentstatuses: ['ComponentStatus', 'cs', false, undefined, 'get list'],
  configmaps: ['ConfigMap', 'cm', true, 'configmaps'],
  endpoints: ['Endpoints', 'ep', true, 'services/endpoints'],
  events: ['Event', 'ev', true, 'events'],
  limitranges: ['LimitRange', 'limits', true, 'limitranges'],
  namespaces: ['Namespace', 'ns', false, 'namespaces', 'create delete get list patch update watch'],
  nodes: ['Node', 'no', false, 'minions'],
  persistentvolumeclaims: ['PersistentVolumeClaim', 'pvc', true, 'persistentvolumeclaims'],
  persistentvolumes: ['PersistentVolume', 'pv', false, 'persistentvolumes'],
  pods: ['Pod', 'po', true, 'pods'],
  podtemplates: ['PodTemplate', '', true, 'podtemplates'],
  replicationcontrollers: ['ReplicationController', 'rc', true, 'controllers'],
  resourcequotas: ['ResourceQuota', 'quota', true, 'resourcequotas'],
  secrets: ['Secret', '', true, 'secrets'],
  serviceaccounts: ['ServiceAccount', 'sa', true, 'serviceaccounts'],
  services: ['Service', 'svc', true, 'services/specs'],
};

test('the core group is what discovery of upstream says it is', () => {
  assert.deepEqual(
    coreDefinitions.map(({ plural }) => plural),
    Object.keys(facts),
  );
  for (const definition of coreDefinitions) {
    const fact = facts[definition.plural];
    assert.ok(fact);
    const [kind, shortNames, namespaced, prefix, verbs = everything] = fact;
    assert.equal(definition.kind, kind);
    assert.equal(definition.singular, kind.toLowerCase());
    assert.equal(definition.shortNames.join(' '), shortNames, kind);
    assert.equal(definition.namespaced, namespaced, kind);
    assert.equal(definition.storage?.prefix, prefix, kind);
    assert.equal([...definition.verbs].sort().join(' '), verbs, kind);
  }
});

function pluralsWhere(holds: (definition: (typeof coreDefinitions)[number]) => boolean): string {
  return coreDefinitions
    .filter(holds)
    .map(({ plural }) => plural)
    .join(' ');
}

test('the strategies that are not the usual ones', () => {
  assert.equal(
    pluralsWhere(({ categories }) => categories.includes('all')),
    'pods replicationcontrollers services',
  );
  assert.equal(
    pluralsWhere(({ nameRule }) => nameRule === 'dnsLabel'),
    'namespaces services',
  );
  assert.equal(
    pluralsWhere(({ nameRule }) => nameRule !== 'dnsLabel' && nameRule !== 'dnsSubdomain'),
    '',
  );
  assert.equal(
    pluralsWhere(({ generationChanges }) => generationChanges !== undefined),
    'pods podtemplates replicationcontrollers',
  );
  assert.equal(
    pluralsWhere(({ allowCreateOnUpdate }) => allowCreateOnUpdate),
    'endpoints events limitranges services',
  );
  assert.equal(
    pluralsWhere(({ allowUnconditionalUpdate }) => !allowUnconditionalUpdate),
    '',
  );
  assert.equal(
    pluralsWhere(({ defaultPropagation }) => defaultPropagation === 'orphan'),
    'replicationcontrollers',
  );
  assert.equal(
    pluralsWhere(({ expires }) => expires === true),
    'events',
  );
  assert.equal(
    pluralsWhere(({ returnsDeletedObject }) => returnsDeletedObject === true),
    'persistentvolumeclaims persistentvolumes pods podtemplates resourcequotas serviceaccounts services',
  );
  assert.equal(
    pluralsWhere(({ statusIsSeparate }) => statusIsSeparate),
    'namespaces persistentvolumeclaims persistentvolumes pods replicationcontrollers resourcequotas services',
  );
  assert.equal(
    pluralsWhere(({ gracePeriodSeconds }) => gracePeriodSeconds !== undefined),
    'pods',
  );
  const warned = coreDefinitions.flatMap(({ deprecationWarning }) => deprecationWarning ?? []);
  assert.deepEqual(warned, [
    'v1 ComponentStatus is deprecated in v1.19+',
    'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  ]);
});

test("the subresources are upstream's", () => {
  const names = coreDefinitions.flatMap(({ plural, subresources }) =>
    Object.entries(subresources).map(([name, { shape }]) => `${plural}/${name} ${shape}`),
  );
  assert.deepEqual(names, [
    'namespaces/finalize view',
    'namespaces/status view',
    'nodes/proxy connect',
    'nodes/status view',
    'persistentvolumeclaims/status view',
    'persistentvolumes/status view',
    'pods/attach connect',
    'pods/binding action',
    'pods/ephemeralcontainers view',
    'pods/eviction action',
    'pods/exec connect',
    'pods/log connect',
    'pods/portforward connect',
    'pods/proxy connect',
    'pods/resize view',
    'pods/status view',
    'replicationcontrollers/scale scale',
    'replicationcontrollers/status view',
    'resourcequotas/status view',
    'serviceaccounts/token served',
    'services/proxy connect',
    'services/status view',
  ]);
});

const metadata = { name: 'x', creationTimestamp: created };
const template = {
  metadata: { labels: { b: '2', a: '1' } },
  spec: {
    containers: [
      { name: 'c', image: 'i' },
      { name: 'd', image: 'j' },
    ],
  },
};

const rows: readonly Row[] = [
  [
    'componentstatuses',
    { metadata, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] },
    'Name Status Message Error',
    ['x', 'Healthy', 'ok', ''],
  ],
  ['componentstatuses', {}, 'Name Status Message Error', ['', 'Unknown', '', '']],
  ['configmaps', { metadata, data: { a: '1' }, binaryData: { b: 'Ag==' } }, 'Name Data Age', ['x', 2, '5m']],
  ['configmaps', {}, 'Name Data Age', ['', 0, '<unknown>']],
  [
    'endpoints',
    {
      metadata,
      subsets: [
        { addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ port: 80 }, { port: 443 }] },
        { addresses: [{ ip: '10.0.0.3' }] },
      ],
    },
    'Name Endpoints Age',
    ['x', '10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 2 more...', '5m'],
  ],
  [
    'endpoints',
    { metadata, subsets: [{ addresses: [{ ip: 'fd00::1' }], ports: [{ port: 80 }] }] },
    'Name Endpoints Age',
    ['x', '[fd00::1]:80', '5m'],
  ],
  ['endpoints', {}, 'Name Endpoints Age', ['', '<none>', '<unknown>']],
  [
    'events',
    {
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'spec.containers{c}' },
      type: 'Normal',
      reason: 'Pulled',
      message: ' done\n',
      source: { component: 'kubelet', host: 'n' },
      firstTimestamp: created,
      lastTimestamp: '2026-01-02T03:03:05Z',
      count: 3,
    },
    'LastSeen Type Reason Object |Subobject |Source Message |FirstSeen |Count |Name',
    ['60s', 'Normal', 'Pulled', 'pod/p', 'spec.containers{c}', 'kubelet, n', 'done', '5m', 3, 'e'],
  ],
  [
    'events',
    {
      involvedObject: { kind: 'Pod' },
      eventTime: '2026-01-02T02:59:05.000000Z',
      series: { count: 7, lastObservedTime: '2026-01-02T03:04:00.000000Z' },
      reportingComponent: 'scheduler',
    },
    'LastSeen Type Reason Object |Subobject |Source Message |FirstSeen |Count |Name',
    ['5s', '', '', 'pod', '', 'scheduler', '', '5m', 7, ''],
  ],
  [
    'events',
    {},
    'LastSeen Type Reason Object |Subobject |Source Message |FirstSeen |Count |Name',
    ['<unknown>', '', '', '', '', '', '', '<unknown>', 1, ''],
  ],
  ['namespaces', { metadata, status: { phase: 'Active' } }, 'Name Status Age', ['x', 'Active', '5m']],
  ['namespaces', {}, 'Name Status Age', ['', '', '<unknown>']],
  [
    'nodes',
    {
      metadata: {
        ...metadata,
        labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [
          { type: 'Hostname', address: 'h' },
          { type: 'InternalIP', address: '10.0.0.1' },
        ],
        nodeInfo: {
          kubeletVersion: 'v1.36.0',
          osImage: 'Debian',
          kernelVersion: '6.1',
          containerRuntimeVersion: 'containerd://2.1',
        },
      },
    },
    'Name Status Roles Age Version |Internal-IP |External-IP |OS-Image |Kernel-Version |Container-Runtime',
    [
      'x',
      'Ready,SchedulingDisabled',
      'control-plane,worker',
      '5m',
      'v1.36.0',
      '10.0.0.1',
      '<none>',
      'Debian',
      '6.1',
      'containerd://2.1',
    ],
  ],
  [
    'nodes',
    {
      metadata: { labels: { 'kubernetes.io/role': 'r' } },
      status: { conditions: [{ type: 'Ready', status: 'False' }] },
    },
    'Name Status Roles Age Version |Internal-IP |External-IP |OS-Image |Kernel-Version |Container-Runtime',
    ['', 'NotReady', 'r', '<unknown>', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>'],
  ],
  [
    'nodes',
    {},
    'Name Status Roles Age Version |Internal-IP |External-IP |OS-Image |Kernel-Version |Container-Runtime',
    ['', 'Unknown', '<none>', '<unknown>', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>'],
  ],
  [
    'persistentvolumes',
    {
      metadata,
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: 'ns', name: 'c' },
        storageClassName: 'fast',
        volumeMode: 'Block',
      },
      status: { phase: 'Bound', reason: 'r' },
    },
    'Name Capacity AccessModes ReclaimPolicy Status Claim StorageClass VolumeAttributesClass Reason Age |VolumeMode',
    ['x', '5Gi', 'RWO,RWX', 'Retain', 'Bound', 'ns/c', 'fast', '<unset>', 'r', '5m', 'Block'],
  ],
  [
    'persistentvolumes',
    {},
    'Name Capacity AccessModes ReclaimPolicy Status Claim StorageClass VolumeAttributesClass Reason Age |VolumeMode',
    ['', '0', '', '', '', '', '', '<unset>', '', '<unknown>', '<unset>'],
  ],
  [
    'persistentvolumeclaims',
    {
      metadata: { ...metadata, annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } },
      spec: { volumeName: 'v', storageClassName: 'new', volumeAttributesClassName: 'gold' },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOncePod'] },
    },
    'Name Status Volume Capacity AccessModes StorageClass VolumeAttributesClass Age |VolumeMode',
    ['x', 'Bound', 'v', '1Gi', 'RWOP', 'old', 'gold', '5m', '<unset>'],
  ],
  [
    'persistentvolumeclaims',
    { metadata: { deletionTimestamp: created }, status: { phase: 'Bound', capacity: { storage: '1Gi' } } },
    'Name Status Volume Capacity AccessModes StorageClass VolumeAttributesClass Age |VolumeMode',
    ['', 'Terminating', '', '', '', '', '<unset>', '<unknown>', '<unset>'],
  ],
  ['podtemplates', { metadata, template }, 'Name Containers Images PodLabels', ['x', 'c,d', 'i,j', 'a=1,b=2']],
  ['podtemplates', {}, 'Name Containers Images PodLabels', ['', '', '', '<none>']],
  [
    'replicationcontrollers',
    {
      metadata,
      spec: { replicas: 3, selector: { a: '1' }, template },
      status: { replicas: 2, readyReplicas: 1 },
    },
    'Name Desired Current Ready Age |Containers |Images |Selector',
    ['x', 3, 2, 1, '5m', 'c,d', 'i,j', 'a=1'],
  ],
  [
    'replicationcontrollers',
    {},
    'Name Desired Current Ready Age |Containers |Images |Selector',
    ['', 0, 0, 0, '<unknown>', '', '', '<none>'],
  ],
  [
    'resourcequotas',
    {
      metadata,
      status: { hard: { pods: '10', 'limits.cpu': '8', cpu: '4' }, used: { pods: '3', cpu: '1500m' } },
    },
    'Name Request Limit Age',
    ['x', 'cpu: 1500m/4, pods: 3/10', 'limits.cpu: 0/8', '5m'],
  ],
  ['resourcequotas', {}, 'Name Request Limit Age', ['', '', '', '<unknown>']],
  ['secrets', { metadata, type: 'Opaque', data: { a: 'YQ==' } }, 'Name Type Data Age', ['x', 'Opaque', 1, '5m']],
  ['secrets', {}, 'Name Type Data Age', ['', '', 0, '<unknown>']],
  ['serviceaccounts', { metadata }, 'Name Age', ['x', '5m']],
  [
    'services',
    {
      metadata,
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.0.0.1',
        clusterIPs: ['10.0.0.1', 'fd00::1'],
        externalIPs: ['1.2.3.4'],
        ports: [
          { port: 80, nodePort: 30080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
        selector: { b: '2', a: '1' },
      },
      status: { loadBalancer: { ingress: [{ hostname: 'b.example' }, { ip: '5.6.7.8' }] } },
    },
    'Name Type Cluster-IP External-IP Port(s) Age |Selector',
    ['x', 'LoadBalancer', '10.0.0.1', '5.6.7.8,b.example,1.2.3.4', '80:30080/TCP,53/UDP', '5m', 'a=1,b=2'],
  ],
  [
    'services',
    { spec: { type: 'LoadBalancer' } },
    'Name Type Cluster-IP External-IP Port(s) Age |Selector',
    ['', 'LoadBalancer', '<none>', '<pending>', '<none>', '<unknown>', '<none>'],
  ],
  [
    'services',
    { spec: { type: 'ExternalName', externalName: 'e.example' } },
    'Name Type Cluster-IP External-IP Port(s) Age |Selector',
    ['', 'ExternalName', '<none>', 'e.example', '<none>', '<unknown>', '<none>'],
  ],
  [
    'services',
    {},
    'Name Type Cluster-IP External-IP Port(s) Age |Selector',
    ['', '', '<none>', '<unknown>', '<none>', '<unknown>', '<none>'],
  ],
];

testRows(coreDefinitions, rows);
