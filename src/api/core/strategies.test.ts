import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject, ResourceDefinition } from '../contract.ts';
import type {
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ReplicationController,
  Secret,
  ServiceAccount,
} from '../types/core.v1.ts';
import { configmaps } from './configmaps.ts';
import { events } from './events.ts';
import { limitranges } from './limitranges.ts';
import { namespaces } from './namespaces.ts';
import { nodes } from './nodes.ts';
import { persistentvolumeclaims } from './persistentvolumeclaims.ts';
import { persistentvolumes } from './persistentvolumes.ts';
import { podtemplates } from './podtemplates.ts';
import { replicationcontrollers } from './replicationcontrollers.ts';
import { resourcequotas } from './resourcequotas.ts';
import { secrets } from './secrets.ts';
import { serviceaccounts } from './serviceaccounts.ts';
import { context, created, createdFrom, mergedFrom, now, objectOf, plain, updatedFrom } from './test-support.ts';

function refusals(definition: ResourceDefinition, raw: object, old: object): string[] {
  const object = objectOf<KubernetesObject>(definition, raw);
  const errors = definition.validateUpdate?.(object, objectOf<KubernetesObject>(definition, old), context) ?? [];
  return errors.map(String);
}

function selectable(definition: ResourceDefinition, raw: object): Record<string, string> {
  const object = objectOf<KubernetesObject>(definition, raw);
  return Object.fromEntries(Object.entries(definition.selectableFields).map(([label, read]) => [label, read(object)]));
}

test('texts of a Secret are folded into its data and are not kept', () => {
  const secret = createdFrom<Secret>(secrets, {
    data: { a: 'eA==', b: 'eQ==' },
    stringData: { b: 'ä' },
  });
  assert.deepEqual(plain(secret), {
    metadata: {},
    type: 'Opaque',
    data: { a: 'eA==', b: 'w6Q=' },
  });
  const odd = createdFrom<Secret>(secrets, JSON.parse('{"stringData": {"__proto__": "x"}}') as object);
  assert.deepEqual(Object.keys(odd.data ?? {}), ['__proto__']);
  assert.equal(createdFrom<Secret>(secrets, { type: 'kubernetes.io/tls' }).type, 'kubernetes.io/tls');
  assert.deepEqual(selectable(secrets, { type: 'Opaque' }), { type: 'Opaque' });
});

test('what is immutable stays', () => {
  const frozen = 'Forbidden: field is immutable when `immutable` is set';
  const secret = { type: 'Opaque', immutable: true, data: { a: 'eA==' } };
  assert.deepEqual(refusals(secrets, secret, secret), []);
  assert.deepEqual(refusals(secrets, { type: 'Opaque', data: { a: 'eQ==' } }, secret), [
    `immutable: ${frozen}`,
    `data: ${frozen}`,
  ]);
  assert.deepEqual(refusals(secrets, { ...secret, type: 'Other' }, secret), [
    'type: Invalid value: "Other": field is immutable',
  ]);
  const map = { immutable: true, binaryData: { a: 'eA==' } };
  assert.deepEqual(refusals(configmaps, { ...map, data: { b: '1' }, binaryData: {} }, map), [
    `data: ${frozen}`,
    `binaryData: ${frozen}`,
  ]);
  assert.deepEqual(refusals(configmaps, { ...map, data: {} }, map), []);
  assert.deepEqual(refusals(configmaps, { data: { a: '2' } }, { data: { a: '1' } }), []);
});

test('a Namespace is active, labelled with its name and held by its finalizer', () => {
  const made = createdFrom<Namespace>(namespaces, {
    metadata: { name: 'n', labels: { a: '1', 'kubernetes.io/metadata.name': 'wrong' } },
    spec: { finalizers: ['mine.example/x'] },
    status: { phase: 'Terminating' },
  });
  assert.deepEqual(plain(made), {
    metadata: { name: 'n', labels: { a: '1', 'kubernetes.io/metadata.name': 'n' } },
    spec: { finalizers: ['mine.example/x', 'kubernetes'] },
    status: { phase: 'Active' },
  });
  const stored = { metadata: { name: 'n' }, spec: { finalizers: ['kubernetes'] } };
  assert.equal(namespaces.holdsDeletion?.(objectOf(namespaces, stored)), true);
  assert.equal(namespaces.holdsDeletion?.(objectOf(namespaces, {})), false);
  const deleted = objectOf<Namespace>(namespaces, { ...stored, status: { phase: 'Active' } });
  namespaces.prepareForDelete?.(deleted);
  assert.equal(deleted.status?.phase, 'Terminating');
  assert.deepEqual(selectable(namespaces, { status: { phase: 'Active' } }), { 'status.phase': 'Active' });
});

test('finalizers of a Namespace change through finalize alone', () => {
  const stored = { metadata: { name: 'n' }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } };
  const bare = { metadata: { name: 'n' }, spec: {}, status: { phase: 'Active' } };
  assert.deepEqual(updatedFrom<Namespace>(namespaces, bare, stored).spec.finalizers, ['kubernetes']);
  assert.equal(updatedFrom<Namespace>(namespaces, stored, bare).spec.finalizers, undefined);
  assert.equal(mergedFrom<Namespace>(namespaces, 'status', bare, stored).spec.finalizers?.length, 1);
  const finalized = mergedFrom<Namespace>(namespaces, 'finalize', bare, stored);
  assert.equal(finalized.spec.finalizers, undefined);
  assert.equal(finalized.status?.phase, 'Terminating');
});

test('a Node comes with its status, and keeps it against updates', () => {
  const status = { capacity: { cpu: '4', memory: '100u' } };
  const made = createdFrom<Node>(nodes, { spec: { podCIDR: '10.1.0.0/24' }, status });
  assert.deepEqual(made.status?.allocatable, { cpu: '4', memory: '1m' });
  assert.deepEqual(made.spec.podCIDRs, ['10.1.0.0/24']);
  const both = { spec: { podCIDR: 'a', podCIDRs: ['b', 'c'] } };
  assert.deepEqual(createdFrom<Node>(nodes, both).spec.podCIDRs, ['a']);
  assert.equal(createdFrom<Node>(nodes, { spec: { podCIDRs: ['b', 'c'] } }).spec.podCIDR, 'b');
  const updated = updatedFrom<Node>(nodes, { status: { capacity: { cpu: '8' } } }, { status });
  assert.deepEqual(updated.status?.capacity?.['cpu'], '4');
  assert.deepEqual(selectable(nodes, { spec: { unschedulable: true } }), { 'spec.unschedulable': 'true' });
  assert.deepEqual(selectable(nodes, {}), { 'spec.unschedulable': 'false' });
});

test('a PersistentVolume keeps the time of its last transition', () => {
  const made = createdFrom<PersistentVolume>(persistentvolumes, { spec: { hostPath: { path: '/' } } });
  assert.deepEqual(plain(made.status), { phase: 'Pending', lastPhaseTransitionTime: now });
  assert.deepEqual(plain(made.spec), {
    hostPath: { path: '/', type: '' },
    persistentVolumeReclaimPolicy: 'Retain',
    volumeMode: 'Filesystem',
  });
  const times: readonly [object, string | undefined][] = [
    [{ phase: 'Bound' }, now],
    [{ phase: 'Bound', lastPhaseTransitionTime: created }, now],
    [{ phase: 'Bound', lastPhaseTransitionTime: '2020-01-01T00:00:00Z' }, '2020-01-01T00:00:00Z'],
    [{ phase: 'Pending' }, created],
  ];
  const stored = { spec: { storageClassName: 's' }, status: { phase: 'Pending', lastPhaseTransitionTime: created } };
  for (const [status, expected] of times) {
    const merged = mergedFrom<PersistentVolume>(persistentvolumes, 'status', { status }, stored);
    assert.equal(merged.status?.lastPhaseTransitionTime, expected, JSON.stringify(status));
    assert.equal(merged.spec.storageClassName, 's');
  }
});

test('the two data sources of a claim are settled', () => {
  const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' };
  const claim = { apiGroup: null, kind: 'PersistentVolumeClaim', name: 'c' };
  const other = { apiGroup: 'example.com', kind: 'Thing', name: 't' };
  const abroad = { ...snapshot, namespace: 'elsewhere' };
  const cases: readonly [object, object, object?][] = [
    [{ dataSource: snapshot }, { dataSource: snapshot, dataSourceRef: snapshot }],
    [{ dataSource: claim }, { dataSource: claim, dataSourceRef: claim }],
    [{ dataSourceRef: other }, { dataSource: other, dataSourceRef: other }],
    [{ dataSource: other }, {}],
    [{ dataSourceRef: abroad }, {}],
    [{ dataSource: other }, { dataSource: other, dataSourceRef: other }, { dataSource: other, dataSourceRef: other }],
    [{ dataSourceRef: abroad }, { dataSourceRef: abroad }, { dataSourceRef: abroad }],
  ];
  for (const [spec, expected, old] of cases) {
    const settled =
      old === undefined
        ? createdFrom<PersistentVolumeClaim>(persistentvolumeclaims, { spec })
        : updatedFrom<PersistentVolumeClaim>(persistentvolumeclaims, { spec }, { spec: old });
    const { dataSource, dataSourceRef, volumeMode } = settled.spec;
    assert.deepEqual(plain({ dataSource, dataSourceRef }), expected, JSON.stringify(spec));
    assert.equal(volumeMode, 'Filesystem');
  }
  assert.deepEqual(createdFrom<PersistentVolumeClaim>(persistentvolumeclaims, {}).status, { phase: 'Pending' });
});

test('a LimitRange for containers fills limits from maxima, requests from limits, then from minima', () => {
  const { spec } = createdFrom<LimitRange>(limitranges, {
    spec: {
      limits: [
        { type: 'Container', max: { cpu: '2', a: '9' }, min: { cpu: '1', memory: '1Mi' }, default: { a: '5' } },
        { type: 'Pod', max: { cpu: '2' } },
      ],
    },
  });
  const [container, pod] = spec.limits ?? [];
  assert.deepEqual(container?.default, { cpu: '2', a: '5' });
  assert.deepEqual(container?.defaultRequest, { cpu: '2', a: '5', memory: '1Mi' });
  assert.equal(pod?.default, undefined);
});

test('a ReplicationController takes selector and labels from its template', () => {
  const template = { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const made = createdFrom<ReplicationController>(replicationcontrollers, { spec: { template, replicas: 3 } });
  assert.deepEqual(made.spec.selector, { a: '1', b: '2' });
  assert.deepEqual(made.metadata.labels, { a: '1', b: '2' });
  assert.equal(made.spec.template?.spec?.restartPolicy, 'Always');
  const own = createdFrom<ReplicationController>(replicationcontrollers, {
    metadata: { labels: { x: 'y' } },
    spec: { template, selector: { a: '1' } },
  });
  assert.deepEqual([own.spec.selector, own.metadata.labels], [{ a: '1' }, { x: 'y' }]);
  const { scale } = replicationcontrollers.subresources;
  assert.ok(scale?.shape === 'scale');
  assert.deepEqual(scale.view(made), { specReplicas: 3, statusReplicas: 0, selector: 'a=1,b=2' });
  scale.setReplicas(made, 5);
  assert.equal(made.spec.replicas, 5);
  assert.deepEqual(selectable(replicationcontrollers, { status: { replicas: 2 } }), { 'status.replicas': '2' });
});

test('a template that changes is a new generation of a PodTemplate', () => {
  const changes = (object: object, old: object): boolean | undefined =>
    podtemplates.generationChanges?.(object as KubernetesObject, old as KubernetesObject);
  const template = { spec: { containers: [{ name: 'c' }] } };
  assert.equal(changes({ template, metadata: { labels: { a: '1' } } }, { template }), false);
  assert.equal(changes({ template: { spec: { containers: [{ name: 'd' }] } } }, { template }), true);
});

test('a ServiceAccount refers to Secrets by name alone', () => {
  const raw = { secrets: [{ name: 's', namespace: 'n', kind: 'Secret' }] };
  assert.deepEqual(plain(createdFrom<ServiceAccount>(serviceaccounts, raw).secrets), [{ name: 's' }]);
  assert.deepEqual(plain(updatedFrom<ServiceAccount>(serviceaccounts, raw, {}).secrets), [{ name: 's' }]);
});

test('amounts of a quota are rounded up to thousandths', () => {
  const quota = createdFrom(resourcequotas, { spec: { hard: { cpu: '1500u', pods: '3' } } });
  assert.deepEqual(plain(quota['spec']), { hard: { cpu: '2m', pods: '3' } });
});

test('events are selected by what they are about and where they come from', () => {
  const involvedObject = { kind: 'Pod', namespace: 'ns', name: 'p', uid: 'u', apiVersion: 'v1', fieldPath: 'f' };
  const event = { involvedObject, reason: 'r', type: 'Warning', reportingComponent: 'c' };
  assert.deepEqual(selectable(events, event), {
    'involvedObject.kind': 'Pod',
    'involvedObject.namespace': 'ns',
    'involvedObject.name': 'p',
    'involvedObject.uid': 'u',
    'involvedObject.apiVersion': 'v1',
    'involvedObject.resourceVersion': '',
    'involvedObject.fieldPath': 'f',
    reason: 'r',
    reportingComponent: 'c',
    source: 'c',
    type: 'Warning',
  });
  assert.equal(selectable(events, { ...event, source: { component: 'k' } })['source'], 'k');
});
