import { testCreates, testStatuses, testUpdates } from '../test-validation.ts';
import { csidrivers } from './csidrivers.ts';
import { csinodes } from './csinodes.ts';
import { csistoragecapacities } from './csistoragecapacities.ts';
import { storageclasses } from './storageclasses.ts';
import { volumeattachments } from './volumeattachments.ts';
import { volumeattributesclasses } from './volumeattributesclasses.ts';

const metadata = { name: 'x' };
const zone = { key: 'zone', values: ['a'] };
const negative = 'Invalid value: -1: must be greater than or equal to 0';

const storageClass = { metadata, provisioner: 'example.com/disk' };
testCreates(storageclasses, storageClass, [
  ['provisioner', '', 'provisioner: Required value'],
  ['provisioner', 'Example.com/Disk'],
  ['parameters', { a: 'b' }],
  ['parameters', { '': 'b' }, 'parameters: Invalid value: "": field can not be empty.'],
  ['parameters', { a: 'x'.repeat(262_144) }, 'parameters: Too long: may not be more than 262144 bytes'],
  ['reclaimPolicy', 'Recycle', 'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  [
    'volumeBindingMode',
    'Other',
    'volumeBindingMode: Unsupported value: "Other": supported values: "Immediate", "WaitForFirstConsumer"',
  ],
  ['allowedTopologies', [{ matchLabelExpressions: [zone] }, { matchLabelExpressions: [{ ...zone, values: ['b'] }] }]],
  [
    'allowedTopologies',
    [{ matchLabelExpressions: [zone] }, { matchLabelExpressions: [zone] }],
    'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
  ],
  [
    'allowedTopologies',
    [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'a'] }, { key: 'zone' }] }],
    'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
    'allowedTopologies[0].matchLabelExpressions[1].values: Required value',
    'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
  ],
]);
testUpdates(storageclasses, storageClass, [
  ['allowVolumeExpansion', true],
  ['parameters', { a: 'b' }, 'parameters: Forbidden: updates to parameters are forbidden.'],
  ['provisioner', 'a', 'provisioner: Forbidden: updates to provisioner are forbidden.'],
  ['reclaimPolicy', 'Retain', 'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.'],
  [
    'volumeBindingMode',
    'WaitForFirstConsumer',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ],
]);

const attributes = { metadata, driverName: 'a', parameters: { a: 'b' } };
testCreates(volumeattributesclasses, attributes, [
  ['driverName', '', 'driverName: Required value'],
  ['parameters', {}, 'parameters: Required value: must contain at least one key/value pair'],
]);
testUpdates(volumeattributesclasses, attributes, [
  ['driverName', 'b', 'driverName: Forbidden: updates to driverName are forbidden.'],
  ['parameters', { a: 'c' }, 'parameters: Forbidden: updates to parameters are forbidden.'],
]);

const driver = { metadata, spec: {} };
testCreates(csidrivers, driver, [
  [
    'spec.fsGroupPolicy',
    'Other',
    'spec.fsGroupPolicy: Unsupported value: "Other": supported values: "File", "None", "ReadWriteOnceWithFSType"',
  ],
  [
    'spec.volumeLifecycleModes',
    ['Other'],
    'spec.volumeLifecycleModes: Unsupported value: "Other": supported values: "Persistent", "Ephemeral"',
  ],
  ['spec.tokenRequests', [{ audience: 'a', expirationSeconds: 600 }]],
  [
    'spec.tokenRequests',
    [{ audience: 'a', expirationSeconds: 599 }, { audience: 'a' }],
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
  ],
  ['spec.nodeAllocatableUpdatePeriodSeconds', 10],
  [
    'spec.nodeAllocatableUpdatePeriodSeconds',
    9,
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
  ],
]);
testUpdates(csidrivers, driver, [
  ['spec.podInfoOnMount', true],
  ['spec.attachRequired', false, 'spec.attachedRequired: Invalid value: false: field is immutable'],
  [
    'spec.volumeLifecycleModes',
    ['Ephemeral'],
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ],
]);

const node = { metadata, spec: { drivers: [{ name: 'd', nodeID: 'n', allocatable: { count: 1 } }] } };
testCreates(csinodes, node, [
  ['spec.drivers', []],
  ['spec.drivers.0.nodeID', '', 'spec.drivers[0].nodeID: Required value'],
  ['spec.drivers.0.nodeID', 'n'.repeat(256)],
  ['spec.drivers.0.allocatable.count', -1, `spec.drivers[0].allocatable.count: ${negative}`],
  ['spec.drivers.0.topologyKeys', ['a', 'a'], 'spec.drivers[0]: Duplicate value: "a"'],
  ['spec.drivers.1', { name: 'd', nodeID: 'm' }, 'spec.drivers[1].name: Duplicate value: "d"'],
]);
testUpdates(csinodes, node, [
  ['spec.drivers.0.allocatable.count', 2],
  ['spec.drivers', []],
  [
    'spec.drivers.0.nodeID',
    'm',
    'spec.drivers: Invalid value: {"name":"d","nodeID":"m","topologyKeys":null}: field is immutable',
  ],
]);

const capacity = { metadata: { name: 'x', namespace: 'default' }, storageClassName: 'fast', capacity: '1Gi' };
testCreates(csistoragecapacities, capacity, [
  ['capacity', '0'],
  ['capacity', '-1', 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
]);
testUpdates(csistoragecapacities, capacity, [
  ['capacity', '2Gi'],
  ['storageClassName', 'slow', 'storageClassName: Invalid value: "slow": field is immutable'],
  ['nodeTopology', {}, 'nodeTopology: Invalid value: {}: field is immutable'],
]);

const attachment = { metadata, spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'pv' } } };
const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const inlinePath = 'spec.source.inlineVolumeSpec';
const inline = { accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'v' } };
testCreates(volumeattachments, attachment, [
  ['spec.attacher', '', 'spec.attacher: Required value', 'spec.attacher: Required value', expect('spec.attacher', '')],
  ['spec.source', {}, `spec.source: Required value: ${exactlyOne}`],
  ['spec.source.inlineVolumeSpec', { hostPath: { path: '/' } }, `spec.source: Forbidden: ${exactlyOne}`],
  ['spec.nodeName', 'A', expect('spec.nodeName', 'A')],
  ['spec.source', { inlineVolumeSpec: inline }],
  [
    'spec.source',
    {
      inlineVolumeSpec: {
        hostPath: { path: '/a' },
        claimRef: { name: 'c' },
        capacity: { storage: '1' },
        persistentVolumeReclaimPolicy: 'Delete',
        nodeAffinity: {},
        storageClassName: 's',
        volumeMode: 'Block',
      },
    },
    `${inlinePath}.claimRef: Forbidden: may not be specified in the context of inline volumes`,
    `${inlinePath}.capacity: Forbidden: may not be specified in the context of inline volumes`,
    `${inlinePath}.csi: Required value: has to be specified in the context of inline volumes`,
    `${inlinePath}.accessModes: Required value`,
    `${inlinePath}.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes`,
    `${inlinePath}.nodeAffinity: Forbidden: may not be specified in the context of inline volumes`,
    `${inlinePath}.storageClassName: Forbidden: may not be specified in the context of inline volumes`,
    `${inlinePath}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes`,
  ],
  [
    'spec.source',
    { inlineVolumeSpec: { ...inline, accessModes: ['X'], csi: { driver: 'd' } } },
    `${inlinePath}.accessModes: Unsupported value: "X": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"`,
    `${inlinePath}.csi.volumeHandle: Required value`,
  ],
]);

function expect(field: string, value: string): string {
  return `${field}: Invalid value: "${value}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;
}
testUpdates(volumeattachments, attachment, [
  [
    'spec.nodeName',
    'm',
    'spec: Invalid value: {"attacher":"a","source":{"persistentVolumeName":"pv"},"nodeName":"m"}: field is immutable',
  ],
]);
testStatuses(volumeattachments, attachment, [
  ['status', { attached: true, attachError: { message: 'x'.repeat(1024) } }],
  [
    'status',
    { attached: true, attachError: { message: 'x'.repeat(1025), errorCode: -1 } },
    'status.attachError.message: Too long: may not be more than 262144 bytes',
    'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
]);
