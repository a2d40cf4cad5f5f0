import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScaleSubresource } from '../contract.ts';
import { created, createdFrom, mergedFrom, objectOf, updatedFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { DaemonSet, Deployment, StatefulSet } from '../types/apps.v1.ts';
import { daemonsets } from './daemonsets.ts';
import { deployments } from './deployments.ts';
import { appsDefinitions } from './index.ts';
import { replicasets } from './replicasets.ts';
import { statefulsets } from './statefulsets.ts';

const metadata = { name: 'x', creationTimestamp: created };
const selector = { matchLabels: { app: 'x' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['b', 'a'] }] };
const template = {
  spec: {
    nodeSelector: { disk: 'ssd' },
    containers: [
      { name: 'c', image: 'i' },
      { name: 'd', image: 'j' },
    ],
  },
};

const deploymentHeader = 'Name Ready Up-to-date Available Age |Containers |Images |Selector';
const daemonSetHeader =
  'Name Desired Current Ready Up-to-date Available NodeSelector Age |Containers |Images |Selector';

testRows(appsDefinitions, [
  [
    'deployments',
    {
      metadata,
      spec: { replicas: 3, selector, template },
      status: { readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 },
    },
    deploymentHeader,
    ['x', '2/3', 1, 2, '5m', 'c,d', 'i,j', 'app=x,tier in (a,b)'],
  ],
  ['deployments', {}, deploymentHeader, ['', '0/0', 0, 0, '<unknown>', '', '', '']],
  [
    'deployments',
    { spec: { selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } } },
    deploymentHeader,
    ['', '0/0', 0, 0, '<unknown>', '', '', '<invalid>'],
  ],
  [
    'replicasets',
    { metadata, spec: { replicas: 3, selector, template }, status: { replicas: 2, readyReplicas: 1 } },
    'Name Desired Current Ready Age |Containers |Images |Selector',
    ['x', 3, 2, 1, '5m', 'c,d', 'i,j', 'app=x,tier in (a,b)'],
  ],
  [
    'replicasets',
    {},
    'Name Desired Current Ready Age |Containers |Images |Selector',
    ['', 0, 0, 0, '<unknown>', '', '', '<none>'],
  ],
  [
    'statefulsets',
    { metadata, spec: { replicas: 3, template }, status: { readyReplicas: 2 } },
    'Name Ready Age |Containers |Images',
    ['x', '2/3', '5m', 'c,d', 'i,j'],
  ],
  ['statefulsets', {}, 'Name Ready Age |Containers |Images', ['', '0/0', '<unknown>', '', '']],
  [
    'daemonsets',
    {
      metadata,
      spec: { selector, template },
      status: {
        desiredNumberScheduled: 5,
        currentNumberScheduled: 4,
        numberReady: 3,
        updatedNumberScheduled: 2,
        numberAvailable: 1,
      },
    },
    daemonSetHeader,
    ['x', 5, 4, 3, 2, 1, 'disk=ssd', '5m', 'c,d', 'i,j', 'app=x,tier in (a,b)'],
  ],
  ['daemonsets', {}, daemonSetHeader, ['', 0, 0, 0, 0, 0, '<none>', '<unknown>', '', '', '<none>']],
  [
    'controllerrevisions',
    {
      metadata: {
        ...metadata,
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Node', name: 'n' },
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'web', controller: true },
        ],
      },
      revision: 7,
    },
    'Name Controller Revision Age',
    ['x', 'daemonset.apps/web', 7, '5m'],
  ],
  ['controllerrevisions', {}, 'Name Controller Revision Age', ['', '<none>', 0, '<unknown>']],
]);

test("a Deployment gets upstream's defaults", () => {
  const { spec } = createdFrom<Deployment>(deployments, { metadata, spec: { selector, template } });
  assert.equal(spec.replicas, 1);
  assert.deepEqual(spec.strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } });
  assert.equal(spec.revisionHistoryLimit, 10);
  assert.equal(spec.progressDeadlineSeconds, 600);
  assert.equal(spec.template.spec?.restartPolicy, 'Always');
  assert.equal(spec.template.spec?.containers?.[0]?.imagePullPolicy, 'Always');
});

test('defaults keep what is set', () => {
  const given = {
    replicas: 0,
    strategy: { type: 'Recreate' },
    revisionHistoryLimit: 0,
    progressDeadlineSeconds: 5,
    selector,
    template,
  };
  const { spec } = createdFrom<Deployment>(deployments, { spec: given });
  assert.equal(spec.replicas, 0);
  assert.deepEqual(spec.strategy, { type: 'Recreate' });
  assert.equal(spec.revisionHistoryLimit, 0);
  assert.equal(spec.progressDeadlineSeconds, 5);
  const partly = createdFrom<Deployment>(deployments, { spec: { strategy: { rollingUpdate: { maxSurge: 2 } } } });
  assert.deepEqual(partly.spec.strategy?.rollingUpdate, { maxSurge: 2, maxUnavailable: '25%' });
});

test("a StatefulSet gets upstream's defaults, its claim templates included", () => {
  const { spec } = createdFrom<StatefulSet>(statefulsets, {
    spec: { template, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] },
  });
  assert.equal(spec.podManagementPolicy, 'OrderedReady');
  assert.deepEqual(spec.updateStrategy, { type: 'RollingUpdate', rollingUpdate: { partition: 0 } });
  assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' });
  assert.equal(spec.replicas, 1);
  const claim = spec.volumeClaimTemplates?.[0];
  assert.equal(claim?.kind, 'PersistentVolumeClaim');
  assert.equal(claim.apiVersion, 'v1');
  assert.equal(claim.spec.volumeMode, 'Filesystem');
  assert.equal(claim.status?.phase, 'Pending');
});

test('a StatefulSet that names its strategy is left without parameters', () => {
  const named = createdFrom<StatefulSet>(statefulsets, { spec: { updateStrategy: { type: 'RollingUpdate' } } });
  assert.deepEqual(named.spec.updateStrategy, { type: 'RollingUpdate' });
  const onDelete = createdFrom<StatefulSet>(statefulsets, { spec: { updateStrategy: { type: 'OnDelete' } } });
  assert.deepEqual(onDelete.spec.updateStrategy, { type: 'OnDelete' });
});

const annotation = 'deprecated.daemonset.template.generation';

test('a DaemonSet counts the versions of its template', () => {
  const made = createdFrom<DaemonSet>(daemonsets, { metadata, spec: { selector, template } });
  assert.equal(made.metadata.annotations?.[annotation], '1');
  assert.deepEqual(made.spec.updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  });
  const set = createdFrom<DaemonSet>(daemonsets, { metadata: { annotations: { [annotation]: '5', a: 'b' } } });
  assert.deepEqual(set.metadata.annotations, { [annotation]: '5', a: 'b' });
  for (const bad of ['0', '-3', 'x', '1.5']) {
    const fixed = createdFrom<DaemonSet>(daemonsets, { metadata: { annotations: { [annotation]: bad } } });
    assert.equal(fixed.metadata.annotations?.[annotation], '1', bad);
  }
});

test('an update keeps the template generation, or counts one more when the template changes', () => {
  const old = createdFrom<DaemonSet>(daemonsets, {
    metadata: { annotations: { [annotation]: '5' } },
    spec: { template },
  });
  const same = updatedFrom<DaemonSet>(
    daemonsets,
    { metadata: { annotations: { [annotation]: '9' } }, spec: { template } },
    old,
  );
  assert.equal(same.metadata.annotations?.[annotation], '5');
  const changed = updatedFrom<DaemonSet>(
    daemonsets,
    { spec: { template: { spec: { containers: [{ name: 'e' }] } } } },
    old,
  );
  assert.equal(changed.metadata.annotations?.[annotation], '6');
});

test('a Deployment has a new generation when its spec or its annotations differ', () => {
  const old = objectOf<Deployment>(deployments, { metadata: { annotations: { a: '1' } }, spec: { replicas: 1 } });
  const changes = (raw: object): boolean | undefined =>
    deployments.generationChanges?.(objectOf(deployments, raw), old);
  assert.equal(changes({ metadata: { annotations: { a: '1' }, labels: { l: '1' } }, spec: { replicas: 1 } }), false);
  assert.equal(changes({ metadata: { annotations: { a: '2' } }, spec: { replicas: 1 } }), true);
  assert.equal(changes({ metadata: { annotations: { a: '1' } }, spec: { replicas: 2 } }), true);
});

test('a status write changes neither the spec nor the labels of a Deployment', () => {
  const merged = mergedFrom<Deployment>(
    deployments,
    'status',
    { metadata: { labels: { l: '2' }, annotations: { a: '2' } }, spec: { replicas: 9 }, status: { replicas: 4 } },
    { metadata: { labels: { l: '1' }, annotations: { a: '1' } }, spec: { replicas: 1 }, status: { replicas: 3 } },
  );
  assert.deepEqual(merged.metadata.labels, { l: '1' });
  assert.deepEqual(merged.metadata.annotations, { a: '2' });
  assert.equal(merged.spec.replicas, 1);
  assert.equal(merged.status?.replicas, 4);
});

function scaleOf(definition: (typeof appsDefinitions)[number]): ScaleSubresource<object> {
  const scale = definition.subresources['scale'];
  if (scale?.shape !== 'scale') throw new Error(`${definition.plural} has no scale`);
  return scale as ScaleSubresource<object>;
}

for (const definition of [deployments, replicasets, statefulsets]) {
  test(`${definition.plural} can be scaled`, () => {
    const scale = scaleOf(definition);
    const object = objectOf(definition, { spec: { replicas: 3, selector }, status: { replicas: 2 } });
    assert.deepEqual(scale.view(object), { specReplicas: 3, statusReplicas: 2, selector: 'app=x,tier in (a,b)' });
    scale.setReplicas(object, 7);
    assert.equal(scale.view(object).specReplicas, 7);
    assert.deepEqual(scale.view({}), { specReplicas: 0, statusReplicas: 0, selector: '' });
  });
}

test('ReplicaSets can be selected by their number of replicas', () => {
  const field = replicasets.selectableFields['status.replicas'];
  assert.equal(field?.(objectOf(replicasets, { status: { replicas: 3 } })), '3');
  assert.equal(field?.({}), '0');
});
