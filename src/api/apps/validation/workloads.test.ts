import { testCreates, testStatuses, testUpdates, type Change } from '../../test-validation.ts';
import { controllerrevisions } from '../controllerrevisions.ts';
import { daemonsets } from '../daemonsets.ts';
import { deployments } from '../deployments.ts';
import { replicasets } from '../replicasets.ts';
import { statefulsets } from '../statefulsets.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u' };
const selector = { matchLabels: { app: 'web' } };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const workload = { metadata, spec: { selector, template } };

const negative = 'Invalid value: -1: must be greater than or equal to 0';
const notSelected = (labels: string): string =>
  `spec.template.metadata.labels: Invalid value: ${labels}: \`selector\` does not match template \`labels\``;
const qualifiedName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const badPercent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** What every workload that keeps pods running refuses. */
const common = (kind: string): Change[] => [
  ['spec.template.metadata.labels', { app: 'x' }, notSelected('{"app":"x"}')],
  [
    'spec.template.spec.restartPolicy',
    'Never',
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    'spec.template.spec.activeDeadlineSeconds',
    5,
    `spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ${kind} is not Supported`,
  ],
  ['spec.template.spec.containers.0.name', '', 'spec.template.spec.containers[0].name: Required value'],
  ['spec.minReadySeconds', 0],
  ['spec.minReadySeconds', -1, `spec.minReadySeconds: ${negative}`],
];

const immutableSelector: Change[] = [
  ['spec.template.metadata.labels.more', 'x'],
  [
    'spec.selector',
    { matchLabels: {}, matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Exists"}]}: field is immutable',
  ],
];

testCreates(deployments, workload, [
  ...common('ReplicaSet'),
  ['spec.replicas', 0],
  ['spec.replicas', -1, `spec.replicas: ${negative}`],
  ['spec.selector', undefined, 'spec.selector: Required value', notSelected('{"app":"web"}')],
  ['spec.selector', {}, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  [
    'spec.selector',
    { matchLabels: { '-': 'x' } },
    `spec.selector.matchLabels: Invalid value: "-": ${qualifiedName}`,
    'spec.selector: Invalid value: {"matchLabels":{"-":"x"}}: invalid label selector',
  ],
  [
    'spec.strategy',
    { type: 'Other' },
    'spec.strategy: Unsupported value: {"Type":"Other","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
  ],
  [
    'spec.strategy',
    { type: 'Recreate', rollingUpdate: {} },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  ['spec.strategy', { rollingUpdate: { maxUnavailable: '100%', maxSurge: '200%' } }],
  [
    'spec.strategy',
    { rollingUpdate: { maxUnavailable: '101%' } },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ],
  ['spec.strategy', { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }],
  [
    'spec.strategy',
    { rollingUpdate: { maxUnavailable: '0%', maxSurge: 0 } },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
  ],
  [
    'spec.strategy',
    { rollingUpdate: { maxUnavailable: -1, maxSurge: 'x' } },
    `spec.strategy.rollingUpdate.maxUnavailable: ${negative}`,
    `spec.strategy.rollingUpdate.maxSurge: Invalid value: "x": ${badPercent}`,
  ],
  ['spec.revisionHistoryLimit', 0],
  ['spec.revisionHistoryLimit', -1, `spec.revisionHistoryLimit: ${negative}`],
  ['spec.progressDeadlineSeconds', 1],
  [
    'spec.progressDeadlineSeconds',
    0,
    'spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds',
  ],
  [
    'spec.minReadySeconds',
    600,
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
  ['spec.minReadySeconds', 599],
]);
testUpdates(deployments, workload, immutableSelector);
const counted = { ...workload, status: { replicas: 2, readyReplicas: 1, collisionCount: 3 } };
testStatuses(deployments, counted, [
  ['status.readyReplicas', 2],
  ['status.readyReplicas', 3, 'status.readyReplicas: Invalid value: 3: cannot be greater than status.replicas'],
  ['status.availableReplicas', 1],
  ['status.availableReplicas', 2, 'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas'],
  ['status.unavailableReplicas', -1, `status.unavailableReplicas: ${negative}`],
  ['status.collisionCount', 4],
  ['status.collisionCount', 2, 'status.collisionCount: Invalid value: 2: cannot be decremented'],
  ['status.collisionCount', undefined, 'status.collisionCount: Invalid value: 0: cannot be decremented'],
]);

testCreates(replicasets, workload, [
  ...common('ReplicaSet'),
  ['spec.replicas', -1, `spec.replicas: ${negative}`],
  ['spec.selector', {}, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
]);
testUpdates(replicasets, workload, immutableSelector);
testStatuses(replicasets, { ...workload, status: { replicas: 2 } }, [
  ['status.fullyLabeledReplicas', 2],
  [
    'status.fullyLabeledReplicas',
    3,
    'status.fullyLabeledReplicas: Invalid value: 3: cannot be greater than status.replicas',
  ],
]);

testCreates(daemonsets, workload, [
  ...common('DaemonSet'),
  ['spec.selector', undefined, notSelected('{"app":"web"}')],
  ['spec.selector', {}, 'spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  ['spec.updateStrategy', { type: 'OnDelete', rollingUpdate: {} }],
  [
    'spec.updateStrategy',
    { type: 'Other' },
    'spec.updateStrategy: Unsupported value: {"Type":"Other","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
  ],
  ['spec.updateStrategy', { rollingUpdate: { maxUnavailable: 0, maxSurge: '100%' } }],
  [
    'spec.updateStrategy',
    { rollingUpdate: { maxUnavailable: 0, maxSurge: '101%' } },
    'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "101%": must not be greater than 100%',
  ],
  [
    'spec.updateStrategy',
    { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
    'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
  ],
  [
    'spec.updateStrategy',
    { rollingUpdate: { maxUnavailable: 0 } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ],
  ['spec.revisionHistoryLimit', -1, `spec.revisionHistoryLimit: ${negative}`],
]);
testUpdates(daemonsets, workload, immutableSelector);
testStatuses(daemonsets, { ...workload, status: { collisionCount: 1 } }, [
  ['status.numberReady', -1, `status.numberReady: ${negative}`],
  ['status.collisionCount', 0, 'status.collisionCount: Invalid value: 0: cannot be decremented'],
]);

const stateful = { metadata, spec: { selector, template, serviceName: 'web' } };
testCreates(statefulsets, stateful, [
  ...common('StatefulSet'),
  ['spec.replicas', -1, `spec.replicas: ${negative}`],
  ['spec.ordinals', { start: -1 }, `spec.ordinals.start: ${negative}`],
  ['spec.selector', {}, 'spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  [
    'spec.podManagementPolicy',
    'Other',
    "spec.podManagementPolicy: Invalid value: \"Other\": must be 'OrderedReady' or 'Parallel'",
  ],
  [
    'spec.updateStrategy',
    { type: 'Other' },
    'spec.updateStrategy: Invalid value: {"Type":"Other","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\'',
  ],
  [
    'spec.updateStrategy',
    { type: 'OnDelete', rollingUpdate: { partition: 1 } },
    'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
  ],
  [
    'spec.updateStrategy',
    { rollingUpdate: { partition: -1 } },
    `spec.updateStrategy.rollingUpdate.partition: ${negative}`,
  ],
  ['spec.updateStrategy', { rollingUpdate: { maxUnavailable: 1 } }],
  [
    'spec.updateStrategy',
    { rollingUpdate: { maxUnavailable: '0%' } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "0%": cannot be 0',
  ],
  [
    'spec.persistentVolumeClaimRetentionPolicy',
    { whenDeleted: 'Other', whenScaled: 'Delete' },
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Other": supported values: "Retain", "Delete"',
  ],
  ['spec.serviceName', undefined],
  ['spec.serviceName', 'a.b', 'spec.serviceName: Invalid value: "a.b": must not contain dots'],
]);
const mounting = {
  ...template,
  spec: { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
};
const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const withClaim = { metadata, spec: { selector, template: mounting, volumeClaimTemplates: [claim] } };
const unmounted = 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"';
testCreates(statefulsets, withClaim, [
  ['spec.volumeClaimTemplates', undefined, unmounted],
  [
    'spec.volumeClaimTemplates.0.spec.accessModes',
    [],
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
  ],
]);
// What was stored before templates were checked may stay.
testUpdates(statefulsets, { metadata, spec: { selector, template: mounting } }, [
  ['spec.template.spec.containers.0.image', 'other'],
]);

const unchangeable =
  "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
testUpdates(statefulsets, stateful, [
  [
    'spec.template.spec.containers.0.name',
    'C',
    "spec.template.spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ],
  ['spec.replicas', 7],
  ['spec.ordinals', { start: 1 }],
  ['spec.minReadySeconds', 1],
  ['spec.revisionHistoryLimit', 1],
  ['spec.updateStrategy', { type: 'OnDelete' }],
  ['spec.persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Delete', whenScaled: 'Delete' }],
  ['spec.template.metadata.labels.more', 'x'],
  ['spec.serviceName', 'other', unchangeable],
  ['spec.podManagementPolicy', 'Parallel', unchangeable],
]);
testUpdates(statefulsets, { metadata, spec: { ...stateful.spec, serviceName: 'a.b' } }, [['spec.replicas', 2]]);
testStatuses(statefulsets, { ...stateful, status: { replicas: 2, readyReplicas: 1 } }, [
  ['status.currentReplicas', 3, 'status.currentReplicas: Invalid value: 3: cannot be greater than status.replicas'],
  [
    'status.availableReplicas',
    2,
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
  ],
]);

const revision = { metadata, data: { a: 1 }, revision: 0 };
testCreates(controllerrevisions, revision, [
  ['data', undefined, 'data: Required value: data is mandatory'],
  ['revision', -1, `revision: ${negative}`],
]);
testUpdates(controllerrevisions, revision, [
  ['revision', 1],
  ['data', { a: 2 }, 'data: Invalid value: {"a":2}: field is immutable'],
]);
