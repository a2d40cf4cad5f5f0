// Fields that no update may change, of kinds whose own tests are about other rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinCatalog } from './catalog.ts';
import type { ResourceDefinition } from './contract.ts';
import { testUpdates, updateErrors, type Change } from './test-validation.ts';

const catalog = builtinCatalog();

function definitionOf(group: string, version: string, plural: string): ResourceDefinition {
  const definition = catalog.find(group, version, plural);
  if (definition === undefined) throw new Error(`no ${plural}.${version}.${group}`);
  return definition;
}

const namespaced = { name: 'n', namespace: 'default' };

const event = {
  metadata: namespaced,
  regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
  related: { kind: 'Node', name: 'n' },
  eventTime: '2026-01-02T15:04:05.000000Z',
  note: 'a note',
  reason: 'Test',
  action: 'Do',
  type: 'Normal',
  reportingController: 'example.com/controller',
  reportingInstance: 'i',
  series: { count: 2, lastObservedTime: '2026-01-02T15:04:06.000000Z' },
};

/** What an update of a field of an Event says; the path is that of the core group. */
function fixed(field: string, value: unknown, path: string, shown = JSON.stringify(value)): Change {
  return [field, value, `${path}: Invalid value: ${shown}: field is immutable`];
}

testUpdates(definitionOf('events.k8s.io', 'v1', 'events'), event, [
  fixed('note', 'another', 'message'),
  // Upstream looks at it twice.
  [
    'reason',
    'Other',
    'reason: Invalid value: "Other": field is immutable',
    'reason: Invalid value: "Other": field is immutable',
  ],
  fixed('action', 'Undo', 'action'),
  fixed('type', 'Warning', 'type'),
  fixed('reportingController', 'example.com/other', 'reportingController'),
  fixed('reportingInstance', 'j', 'reportingInstance'),
  ['series', undefined],
  ['series', { count: 3, lastObservedTime: '2026-01-02T15:04:07.000000Z' }],
  [
    'series',
    { count: 1, lastObservedTime: '2026-01-02T15:04:07.000000Z' },
    'series.count: Invalid value: "": should be at least 2',
  ],
  ['series', { count: 3, lastObservedTime: null }, 'series.lastObservedTime: Required value'],
]);

const request = (name: string): object => ({ devices: { requests: [{ name, exactly: { deviceClassName: 'gpu' } }] } });
test('the spec of a ResourceClaimTemplate stays as it is', () => {
  const definition = definitionOf('resource.k8s.io', 'v1', 'resourceclaimtemplates');
  const template = (name: string, labels = {}): { readonly metadata: object; readonly spec: object } => ({
    metadata: { ...namespaced, labels },
    spec: { spec: request(name) },
  });
  assert.deepEqual(updateErrors(definition, template('a', { new: 'label' }), template('a')), []);
  const errors = updateErrors(definition, template('b'), template('a'));
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? '', /^spec: Invalid value: .*: field is immutable$/);
});

const labels = { app: 'x' };
const controller = {
  metadata: namespaced,
  spec: {
    replicas: 1,
    selector: labels,
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
};
testUpdates(definitionOf('', 'v1', 'replicationcontrollers'), controller, [
  ['spec.replicas', 0],
  ['spec.replicas', -1, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  [
    'spec.selector',
    { app: 'y' },
    'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
  ],
  ['spec.template.metadata.labels', { app: 'x', more: 'labels' }],
  [
    'spec.template.spec.restartPolicy',
    'Never',
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
]);

test('a Namespace gives up its finalizers through finalize alone', () => {
  const definition = definitionOf('', 'v1', 'namespaces');
  const finalize = definition.subresources['finalize'];
  assert.equal(finalize?.shape, 'view');
  const namespace = (...finalizers: string[]): { readonly metadata: object; readonly spec: object } => ({
    metadata: { name: 'n' },
    spec: { finalizers },
  });
  assert.deepEqual(updateErrors(definition, namespace(), namespace('kubernetes')), []);
  const told = (...finalizers: string[]): string[] =>
    (finalize.validate?.(namespace(...finalizers), namespace('kubernetes')) ?? []).map(String);
  assert.deepEqual(told('kubernetes', 'example.com/mine'), []);
  assert.deepEqual(told('mine'), [
    'spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ]);
});
