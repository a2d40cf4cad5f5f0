import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentvolumeclaims } from '../persistentvolumeclaims.ts';
import { persistentvolumes } from '../persistentvolumes.ts';
import { createErrors, updateErrors, viewErrors } from './test-support.ts';

const metadata = { name: 'a', namespace: 'default' };
const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const modes = 'supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"';
const modesTogether = 'may not use ReadWriteOncePod with other access modes';

test('a claim', async (t) => {
  const cases: [name: string, spec: object, expected: string[]][] = [
    ['minimal', claimSpec, []],
    [
      'complete',
      {
        ...claimSpec,
        storageClassName: '',
        volumeMode: 'Block',
        volumeAttributesClassName: 'gold',
        selector: { matchLabels: { a: 'b' } },
        dataSource: { kind: 'PersistentVolumeClaim', name: 'b' },
      },
      [],
    ],
    [
      'empty',
      {},
      [
        'spec.accessModes: Required value: at least 1 access mode is required',
        'spec.resources[storage]: Required value',
      ],
    ],
    [
      'of unknown modes',
      { ...claimSpec, accessModes: ['x'], volumeMode: 'y' },
      [
        `spec.accessModes: Unsupported value: "x": ${modes}`,
        'spec.volumeMode: Unsupported value: "y": supported values: "Block", "Filesystem"',
      ],
    ],
    ['of one Pod alone', { ...claimSpec, accessModes: ['ReadWriteOncePod'] }, []],
    [
      'of one Pod and others',
      { ...claimSpec, accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] },
      [`spec.accessModes: Forbidden: ${modesTogether}`],
    ],
    [
      'of no size',
      { ...claimSpec, resources: { requests: { storage: '0' } } },
      ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      'of classes that cannot be',
      { ...claimSpec, storageClassName: 'A', volumeAttributesClassName: 'B' },
      [
        `spec.storageClassName: Invalid value: "A": ${subdomain}`,
        `spec.volumeAttributesClassName: Invalid value: "B": ${subdomain}`,
      ],
    ],
    [
      'from a source of the core group that is no claim',
      { ...claimSpec, dataSourceRef: { kind: 'x', name: '' } },
      [
        'spec.dataSource.name: Required value',
        'spec.dataSource: Invalid value: "x": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
        'spec.dataSourceRef.name: Required value',
        'spec.dataSourceRef: Invalid value: "x": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
      ],
    ],
    [
      'from two sources',
      {
        ...claimSpec,
        dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
        dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
      },
      ['spec: Invalid value: {}: must match dataSourceRef'],
    ],
    [
      'selecting by nonsense',
      { ...claimSpec, selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      [
        "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
  ];
  for (const [name, spec, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(persistentvolumeclaims, { metadata, spec }), expected));
  }
});

test('what an update of a claim may change', async (t) => {
  const immutable =
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n';
  const sized = (storage: string): object => ({ ...claimSpec, resources: { requests: { storage } } });
  const bound = { phase: 'Bound', capacity: { storage: '1Gi' } };
  const cases: [name: string, status: object, old: object, spec: object, expected: string[]][] = [
    ['nothing', {}, claimSpec, claimSpec, []],
    ['its volume, once', {}, claimSpec, { ...claimSpec, volumeName: 'v' }, []],
    [
      'its volume again',
      bound,
      { ...claimSpec, volumeName: 'v' },
      { ...claimSpec, volumeName: 'w' },
      [`${immutable}- \tvolumeName: "v",\n+ \tvolumeName: "w",\n`],
    ],
    ['its class, where it had none', {}, claimSpec, { ...claimSpec, storageClassName: 'a' }, []],
    [
      'its class',
      {},
      { ...claimSpec, storageClassName: 'a' },
      { ...claimSpec, storageClassName: 'b' },
      [`${immutable}- \tstorageClassName: "a",\n+ \tstorageClassName: "b",\n`],
    ],
    ['a larger size when bound', bound, claimSpec, sized('2Gi'), []],
    [
      'a larger size before',
      { phase: 'Pending' },
      claimSpec,
      sized('2Gi'),
      [`${immutable}- \tresources: {"requests":{"storage":"1Gi"}},\n+ \tresources: {"requests":{"storage":"2Gi"}},\n`],
    ],
    ['a size between', bound, sized('4Gi'), sized('2Gi'), []],
    [
      'a size of what there is',
      bound,
      sized('4Gi'),
      sized('1Gi'),
      ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
    ],
    [
      'its mode',
      bound,
      claimSpec,
      { ...claimSpec, volumeMode: 'Block' },
      [
        `${immutable}- \tvolumeMode: "Filesystem",\n+ \tvolumeMode: "Block",\n`,
        'volumeMode: Invalid value: "Block": field is immutable',
      ],
    ],
    [
      'the class of its attributes',
      bound,
      { ...claimSpec, volumeAttributesClassName: 'a' },
      { ...claimSpec, volumeAttributesClassName: 'b' },
      [],
    ],
    [
      'no class of its attributes',
      bound,
      { ...claimSpec, volumeAttributesClassName: 'a' },
      { ...claimSpec, volumeAttributesClassName: '' },
      ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to an empty string is forbidden'],
    ],
  ];
  for (const [name, status, old, spec, expected] of cases) {
    await t.test(name, () => {
      const errors = updateErrors(persistentvolumeclaims, { metadata, spec, status }, { metadata, spec: old, status });
      assert.deepEqual(errors, expected);
    });
  }
});

test('the class of a claim may move from its annotation', () => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'a' };
  const old = { metadata: { ...metadata, annotations }, spec: claimSpec };
  const moved = { metadata, spec: { ...claimSpec, storageClassName: 'a' } };
  assert.deepEqual(updateErrors(persistentvolumeclaims, moved, old), []);
  assert.deepEqual(updateErrors(persistentvolumeclaims, { metadata, spec: claimSpec }, old), [
    'metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "": field is immutable',
  ]);
});

test('the status of a claim', () => {
  const old = { metadata, spec: claimSpec };
  const status = {
    capacity: { storage: '-1' },
    allocatedResourceStatuses: { storage: 'x', cpu: 'NodeResizePending' },
    allocatedResources: { storage: '1Gi', memory: '1' },
  };
  assert.deepEqual(viewErrors(persistentvolumeclaims, 'status', { ...old, status }, old), [
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"',
    'status.allocatedResourceStatus: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources: Unsupported value: "memory": supported values: "storage"',
  ]);
});

const volumeSpec = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } };
const { hostPath: _, ...noSource } = volumeSpec;
const onNode = {
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] },
};
const oneType = 'Forbidden: may not specify more than 1 volume type';

test('a volume', async (t) => {
  const secret = { name: 's', namespace: 'n' };
  const cases: [name: string, spec: object, expected: string[]][] = [
    ['minimal', volumeSpec, []],
    [
      'of a driver',
      {
        ...noSource,
        csi: { driver: 'a.example.com', volumeHandle: 'h', nodePublishSecretRef: secret },
        volumeAttributesClassName: 'gold',
      },
      [],
    ],
    ['of a node', { ...noSource, local: { path: '/x' }, nodeAffinity: onNode }, []],
    [
      'empty',
      {},
      [
        'spec.accessModes: Required value',
        'spec.capacity: Required value',
        'spec.capacity: Unsupported value: null: supported values: "storage"',
        'spec: Required value: must specify a volume type',
      ],
    ],
    [
      'of more than storage',
      { ...volumeSpec, capacity: { storage: '0', cpu: '1' } },
      [
        'spec.capacity: Unsupported value: {"cpu":"1","storage":"0"}: supported values: "storage"',
        'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
      ],
    ],
    [
      'of unknown policy and modes',
      { ...volumeSpec, persistentVolumeReclaimPolicy: 'x', volumeMode: 'y', accessModes: ['z'] },
      [
        `spec.accessModes: Unsupported value: "z": ${modes}`,
        'spec.persistentVolumeReclaimPolicy: Unsupported value: "x": supported values: "Delete", "Recycle", "Retain"',
        'spec.volumeMode: Unsupported value: "y": supported values: "Block", "Filesystem"',
      ],
    ],
    [
      'of two sources',
      { ...volumeSpec, nfs: { server: '', path: '' }, cephfs: { monitors: [] } },
      [`spec.nfs: ${oneType}`, `spec.cephFS: ${oneType}`],
    ],
    [
      'of the root, recycled',
      { ...volumeSpec, hostPath: { path: '/a/..//' }, persistentVolumeReclaimPolicy: 'Recycle' },
      [
        'spec.hostPath.path: Invalid value: "/a/..//": must not contain \'..\'',
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      ],
    ],
    [
      'of a node that is not said',
      { ...noSource, local: { path: '' } },
      ['spec.local.path: Required value', 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
    ],
    [
      'on no node',
      { ...volumeSpec, nodeAffinity: { required: { nodeSelectorTerms: [] } } },
      ['spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term'],
    ],
    [
      'on any node',
      { ...volumeSpec, nodeAffinity: {} },
      ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
    ],
    [
      'of a driver that is not said',
      { ...noSource, csi: { driver: '', nodeExpandSecretRef: { name: 'A' } } },
      [
        'spec.csi.driver: Required value',
        `spec.csi.driver: Invalid value: "": ${subdomain}`,
        'spec.csi.volumeHandle: Required value',
        `spec.csi.nodeExpandSecretRef.name: Invalid value: "A": ${subdomain}`,
        'spec.csi.nodeExpandSecretRef.namespace: Required value',
      ],
    ],
    [
      'with attributes of a class that is none',
      { ...volumeSpec, volumeAttributesClassName: '' },
      [
        'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
        'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
      ],
    ],
    [
      'of iSCSI with names that are too long',
      {
        ...noSource,
        iscsi: { targetPortal: 'x'.repeat(64), iqn: 'x', lun: 256, chapAuthSession: true, initiatorName: 'iqn.x' },
      },
      [
        `spec.iscsi.targetportal: Invalid value: "${'x'.repeat(64)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
        'spec.iscsi.iqn: Invalid value: "x": must be valid format',
        'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
        'spec.iscsi.secretRef: Required value',
        'spec.iscsi.initiatorname: Invalid value: "iqn.x": must be valid format',
      ],
    ],
    [
      'of other kinds, incomplete',
      { ...noSource, azureFile: { secretNamespace: '' } },
      [
        'spec.azureFile.secretName: Required value',
        'spec.azureFile.shareName: Required value',
        'spec.azureFile.secretNamespace: Required value',
      ],
    ],
  ];
  for (const [name, spec, expected] of cases) {
    await t.test(name, () =>
      assert.deepEqual(createErrors(persistentvolumes, { metadata: { name: 'v' }, spec }), expected),
    );
  }
});

test('what an update of a volume may change', async (t) => {
  const immutable = 'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n';
  const csi = { driver: 'a.example.com', volumeHandle: 'h' };
  const zone = (key: string): object => ({
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['z'] }] }] },
  });
  const cases: [name: string, old: object, spec: object, expected: string[]][] = [
    [
      'size and policy',
      volumeSpec,
      { ...volumeSpec, capacity: { storage: '2Gi' }, persistentVolumeReclaimPolicy: 'Delete' },
      [],
    ],
    [
      'not its source',
      volumeSpec,
      { ...volumeSpec, hostPath: { path: '/other' } },
      [`${immutable}- \thostPath: {"path":"/data","type":""},\n+ \thostPath: {"path":"/other","type":""},\n`],
    ],
    [
      'the secret for expansion, once',
      { ...noSource, csi },
      { ...noSource, csi: { ...csi, controllerExpandSecretRef: { name: 's', namespace: 'n' } } },
      [],
    ],
    [
      'not its mode',
      volumeSpec,
      { ...volumeSpec, volumeMode: 'Block' },
      ['volumeMode: Invalid value: "Block": field is immutable'],
    ],
    ['nodes, once', volumeSpec, { ...volumeSpec, nodeAffinity: onNode }, []],
    [
      'not its nodes',
      { ...volumeSpec, nodeAffinity: onNode },
      { ...volumeSpec, nodeAffinity: zone('c') },
      [
        'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"c","Operator":"In","Values":["z"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
      ],
    ],
    [
      'labels of old',
      { ...volumeSpec, nodeAffinity: zone('failure-domain.beta.kubernetes.io/zone') },
      { ...volumeSpec, nodeAffinity: zone('topology.kubernetes.io/zone') },
      [],
    ],
  ];
  for (const [name, old, spec, expected] of cases) {
    const whole = (fields: object): object => ({ metadata: { name: 'v' }, spec: fields });
    await t.test(name, () => assert.deepEqual(updateErrors(persistentvolumes, whole(spec), whole(old)), expected));
  }
});
