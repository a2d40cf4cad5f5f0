// Single cases of owned fields: examples of upstream's behaviour that are worth a name.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare } from './compare.ts';
import { hasPath, setOfPaths, type FieldSet } from './field-set.ts';
import type { JsonMap } from './json.ts';
import { decodeManagers, encodeManagers, managerId, type Manager } from './managers.ts';
import { merge } from './merge.ts';
import { claimedFields, wholeFields } from './owned-fields.ts';
import { canonicalElement, fieldElement, FieldsError, printPath } from './path-element.ts';
import { extractItems, removeItems } from './remove-items.ts';
import { resetFieldsOf } from './reset-fields.ts';
import { reconciled } from './schema-sets.ts';
import { managersAfterScale, managersOfScale } from './scale-fields.ts';
import { newConfigMap, newDeployment, TestObject } from './test-objects.ts';
import { deduced, StructType, typeNodeOf, type TypeNode } from './type-node.ts';
import { ConflictsError } from './updater.ts';
import { validateTyped } from './validate.ts';

const identity = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'b' } };

function deployment(containers: readonly object[], spec: object = {}): JsonMap {
  return { ...identity, spec: { template: { spec: { containers } }, ...spec } };
}

const text = { kind: 'scalar', atomic: true, type: 'string' } as const;
const containers = '.spec.template.spec.containers';

function containersOf({ object }: TestObject): readonly JsonMap[] {
  const { template } = object['spec'] as { template: { spec: { containers: JsonMap[] } } };
  return template.spec.containers;
}

function namesOf(object: TestObject): unknown[] {
  return containersOf(object).map(({ name }) => name);
}

describe('lists', () => {
  test('items are known by their keys, with the defaults of absent ones', () => {
    const object = newDeployment();
    object.apply('one', deployment([{ name: 'c', ports: [{ containerPort: 80 }] }]));
    assert.ok(object.owners['one']?.includes(`${containers}[name="c"].ports[containerPort=80,protocol="TCP"]`));
    object.apply('two', deployment([{ name: 'c', ports: [{ containerPort: 80, protocol: 'UDP', name: 'u' }] }]));
    const [container = {}] = containersOf(object);
    assert.deepEqual(
      (container['ports'] as JsonMap[]).map(({ protocol }) => protocol),
      [undefined, 'UDP'],
    );
  });

  test('the applied order counts, between what only the live list has', () => {
    const object = newDeployment();
    const named = (...names: string[]): JsonMap => deployment(names.map((name) => ({ name })));
    object.write('one', named('a', 'b', 'c', 'd'));
    object.apply('two', named('d', 'x', 'b'), { force: true });
    assert.deepEqual(namesOf(object), ['a', 'c', 'd', 'x', 'b']);
  });

  test('a set owns its items one by one', () => {
    const object = newConfigMap();
    const finalized = (...finalizers: string[]): JsonMap => ({ metadata: { finalizers } });
    object.apply('one', { ...finalized('x/a', 'x/b') });
    object.apply('two', { ...finalized('x/b', 'x/c') });
    object.apply('one', {});
    assert.deepEqual((object.object['metadata'] as JsonMap)['finalizers'], ['x/b', 'x/c']);
    assert.deepEqual(object.owners, { two: ['.metadata.finalizers[="x/b"]', '.metadata.finalizers[="x/c"]'] });
  });

  test('of items of one name that an update writes, only the name is owned', () => {
    const object = newDeployment();
    const twice = deployment([
      {
        name: 'c',
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ]);
    object.write('one', twice);
    const inEnv = object.owners['one']?.filter((path) => path.includes('env['));
    assert.deepEqual(inEnv, [`${containers}[name="c"].env[name="A"]`]);
    object.write('two', deployment([{ name: 'c', env: [{ name: 'A', value: '2' }] }]));
    assert.ok(object.owners['two']?.includes(`${containers}[name="c"].env[name="A"].value`));
  });

  test('an atomic list is owned and replaced as a whole', () => {
    const object = newDeployment();
    object.apply('one', deployment([{ name: 'c', command: ['a', 'b'] }]));
    assert.throws(
      () => object.apply('two', deployment([{ name: 'c', command: ['a'] }])),
      (error) => {
        assert.ok(error instanceof ConflictsError);
        assert.deepEqual(
          error.conflicts.map(({ path }) => printPath(path)),
          [`${containers}[name="c"].command`],
        );
        return true;
      },
    );
  });
});

describe('what goes', () => {
  test('an item goes with what updaters own in it', () => {
    const object = newDeployment();
    object.apply('one', deployment([{ name: 'a' }, { name: 'b' }]));
    object.write('updater', deployment([{ name: 'a' }, { name: 'b', image: 'i' }]));
    object.apply('one', deployment([{ name: 'a' }]));
    assert.deepEqual(namesOf(object), ['a']);
    assert.deepEqual(Object.keys(object.owners), ['one']);
  });

  test('an item that another applies stays, without what only the first applied', () => {
    const object = newDeployment();
    object.apply('one', deployment([{ name: 'a' }, { name: 'b', image: 'i', tty: true }]));
    object.apply('two', deployment([{ name: 'b', image: 'i' }]));
    object.apply('one', deployment([{ name: 'a' }]));
    assert.deepEqual(containersOf(object), [
      { name: 'a', resources: {} },
      { name: 'b', image: 'i', resources: {} },
    ]);
  });

  test('a field that an updater owns as well stays', () => {
    const object = newConfigMap();
    object.write('updater', { data: { a: '1' } });
    object.apply('one', { data: { a: '1', b: '1' } });
    object.apply('one', { data: { b: '1' } });
    assert.deepEqual(object.object['data'], { a: '1', b: '1' });
    assert.deepEqual(object.owners, { one: ['.data.b'], updater: ['.data', '.data.a'] });
  });

  test('what a manager force-took comes back to nobody', () => {
    const object = newConfigMap();
    object.apply('one', { data: { a: '1' } });
    object.apply('two', { data: { a: '2' } }, { force: true });
    assert.deepEqual(object.owners, { two: ['.data.a'] });
    object.apply('two', {});
    assert.equal(object.object['data'], undefined);
  });

  test('to leave out what an updater took over leaves it', () => {
    const object = newConfigMap();
    object.apply('one', { data: { a: '1', b: '1' } });
    object.write('updater', { ...object.object, data: { a: '2', b: '1' } });
    object.apply('one', { data: { b: '1' } });
    assert.deepEqual(object.object['data'], { a: '2', b: '1' });
  });
});

describe('times', () => {
  test('change with what is changed, by whoever changes it', () => {
    const object = newConfigMap();
    object.apply('one', { data: { a: '1' } });
    const first = object.timeOf('one');
    object.apply('one', { data: { a: '1' } });
    assert.equal(object.timeOf('one'), first);
    object.write('two', { ...object.object, data: { a: '1', b: '1' } });
    assert.equal(object.timeOf('one'), first);
    object.apply('one', { data: { a: '2' } });
    assert.notEqual(object.timeOf('one'), first);
  });
});

describe('entries', () => {
  const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' } as const;

  test('stand in upstream’s order, and are the same after a round trip', () => {
    const times = ['2026-01-01T00:00:02Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:01Z'];
    const entries = times.map((time, i) => ({ ...entry, manager: `m${3 - i}`, time, fieldsV1: {} }));
    const applied = { ...entry, operation: 'Apply' as const, time: '2027-01-01T00:00:00Z', fieldsV1: {} };
    const sorted = encodeManagers(decodeManagers([...entries, applied])) ?? [];
    assert.deepEqual(
      sorted.map(({ manager, operation }) => [operation, manager]),
      [
        ['Apply', 'm'],
        ['Update', 'm1'],
        ['Update', 'm2'],
        ['Update', 'm3'],
      ],
    );
    assert.deepEqual(encodeManagers(decodeManagers(sorted)), sorted);
  });

  test('that cannot be read', () => {
    const cases: ReadonlyArray<readonly [object, string]> = [
      [{ operation: 'Patch' }, 'operation must be `Apply` or `Update`'],
      [{ apiVersion: '' }, 'apiVersion must not be empty'],
      [{ fieldsType: '' }, 'missing fieldsType in managed fields entry 0'],
      [{ fieldsType: 'FieldsV9' }, 'invalid fieldsType "FieldsV9" in managed fields entry 0'],
      [{ fieldsV1: { x: {} } }, 'key must be 2 characters long:'],
      [{ fieldsV1: { nothing: {} } }, 'missing colon: nothing'],
      [{ fieldsV1: { 'k:{': {} } }, 'invalid path element: {'],
    ];
    for (const [fields, message] of cases) {
      assert.throws(
        () => decodeManagers([{ ...entry, ...fields } as never]),
        (error) => error instanceof FieldsError && error.message === message,
        message,
      );
    }
  });

  test('of more than ten updaters: the oldest become one', () => {
    const object = newConfigMap();
    let data = {};
    for (let i = 0; i < 13; i++) object.write(`m${i}`, { data: (data = { ...data, [`k${i}`]: '1' }) });
    const names = (object.entries ?? []).map(({ manager }) => manager);
    assert.equal(names.length, 10);
    assert.deepEqual(names.slice(0, 2), ['ancient-changes', 'm4']);
    assert.deepEqual(object.owners['ancient-changes'], ['.data', '.data.k0', '.data.k1', '.data.k2', '.data.k3']);
    assert.equal(object.timeOf('ancient-changes'), '2026-01-01T00:04:00Z');
  });

  test('in versions that are not served are forgotten', () => {
    const object = newConfigMap();
    object.write('one', { data: { a: '1' } }, { sent: [{ ...entry, apiVersion: 'v0', fieldsV1: { 'f:data': {} } }] });
    assert.deepEqual(Object.keys(object.owners), ['one']);
  });
});

test('elements have one form', () => {
  assert.equal(canonicalElement('k:{"protocol":"TCP", "port":80}'), 'k:{"port":80,"protocol":"TCP"}');
  assert.equal(canonicalElement('v:"<a>"'), 'v:"\\u003ca\\u003e"');
  assert.equal(canonicalElement('i:007'), 'i:7');
  assert.equal(canonicalElement('x:?'), undefined);
  assert.equal(
    printPath(['f:spec', 'k:{"name":"a\\"b","port":80}', 'v:true', 'i:3']),
    '.spec[name="a\\"b",port=80][=true][3]',
  );
});

describe('types', () => {
  test('a part of what is owned as a whole now is the whole', () => {
    const whole: TypeNode = { kind: 'map', atomic: false, of: { kind: 'list', atomic: true, keys: [], of: text } };
    const parts: FieldSet = { 'f:a': { 'i:0': {} }, 'f:b': {} };
    assert.deepEqual(reconciled(whole, parts), { 'f:a': {}, 'f:b': {} });
    const settled: FieldSet = { 'f:a': {} };
    assert.equal(reconciled(whole, settled), settled);
  });

  test('embedded objects are owned as a whole', () => {
    const revision = new TestObject('io.k8s.api.apps.v1.ControllerRevision', 'apps/v1');
    revision.write('one', { data: { spec: { a: 1 } }, revision: 1 });
    assert.deepEqual(revision.owners['one'], ['.data', '.revision']);
  });

  test('what a field says of its type goes before what the type says', () => {
    const volume = new TestObject('io.k8s.api.core.v1.PersistentVolume', 'v1');
    volume.apply('one', { spec: { claimRef: { name: 'a', namespace: 'b' }, storageClassName: 'c' } });
    assert.deepEqual(volume.owners['one'], [
      '.spec.storageClassName',
      '.spec.claimRef.name',
      '.spec.claimRef.namespace',
    ]);
    assert.equal(typeNodeOf(volume.schema).field('spec')?.node.atomic, false);
  });
});

describe('values without a schema', () => {
  const node = new StructType(false, () => [['known', text]], deduced);
  const value = { known: 'a', unknown: { list: [1, 2], map: { a: 1, b: null }, empty: {} } };

  test('maps are owned by field, lists as a whole', () => {
    assert.deepEqual(claimedFields(node, value), {
      'f:known': {},
      'f:unknown': {
        '.': {},
        'f:empty': {},
        'f:list': {},
        'f:map': { '.': {}, 'f:a': {}, 'f:b': {} },
      },
    });
    assert.deepEqual(wholeFields(node, value), { '.': {}, ...claimedFields(node, value) });
  });

  test('are compared and merged alike', () => {
    const other = { known: 'a', unknown: { list: [1], map: { b: null, c: 1 } } };
    assert.deepEqual(compare(node, value, other), {
      changed: { 'f:unknown': { 'f:list': {}, 'f:map': { 'f:c': {} } } },
      removed: { 'f:unknown': { 'f:empty': {}, 'f:map': { 'f:a': {} } } },
    });
    assert.deepEqual(merge(node, value, other), {
      known: 'a',
      unknown: { list: [1], map: { a: 1, b: null, c: 1 }, empty: {} },
    });
    assert.deepEqual(compare(node, { x: { a: 1 } }, { x: [1] }), { changed: { 'f:x': {} }, removed: undefined });
    validateTyped(node, value);
  });

  test('what is removed takes what is below it along', () => {
    const set = { 'f:unknown': { 'f:map': {}, 'f:list': {} } };
    assert.deepEqual(removeItems(node, value, set), { known: 'a', unknown: { empty: {} } });
    assert.deepEqual(extractItems(node, value, set), { unknown: { list: [1, 2], map: { a: 1, b: null } } });
  });
});

describe('what writes reset', () => {
  const pods = {
    group: '',
    plural: 'pods',
    subresources: { status: { shape: 'view', merge: (pod: object) => pod } },
  } as const;
  const some = setOfPaths(
    ['spec.ephemeralContainers', 'spec.nodeName', 'status.phase', 'metadata.ownerReferences', 'metadata.labels'].map(
      (path) => path.split('.').map(fieldElement),
    ),
  );
  const left = (subresource: string): string[] =>
    ['spec.ephemeralContainers', 'spec.nodeName', 'status.phase', 'metadata.ownerReferences', 'metadata.labels'].filter(
      (path) => hasPath(resetFieldsOf(pods, subresource)?.(some) ?? some, path.split('.').map(fieldElement)),
    );

  test('the status, everything but the status, or everything but what the subresource is for', () => {
    assert.deepEqual(left(''), [
      'spec.ephemeralContainers',
      'spec.nodeName',
      'metadata.ownerReferences',
      'metadata.labels',
    ]);
    assert.deepEqual(left('status'), ['status.phase', 'metadata.labels']);
    assert.deepEqual(left('ephemeralcontainers'), ['spec.ephemeralContainers']);
    assert.deepEqual(left('resize'), []);
  });

  test('resources of any container', () => {
    const path = ['f:spec', 'f:containers', 'k:{"name":"c"}'];
    const set = setOfPaths([[...path, 'f:resources', 'f:limits'], [...path, 'f:image'], path]);
    assert.deepEqual(resetFieldsOf(pods, 'resize')?.(set), {
      'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:resources': { 'f:limits': {} } } } },
    });
  });
});

describe('scale', () => {
  const path = ['f:spec', 'f:replicas'];
  const pathIn = (apiVersion: string): string[] | undefined => (apiVersion === 'apps/v1' ? path : undefined);
  const creator: Manager = {
    manager: 'one',
    operation: 'Update',
    apiVersion: 'apps/v1',
    subresource: '',
    time: '2026-01-01T00:00:00Z',
    fields: setOfPaths([path, ['f:spec', 'f:selector']]),
  };
  const managers = new Map([[managerId(creator), creator]]);

  test('who owns the replicas owns them in the Scale', () => {
    const scale = managersOfScale(managers, pathIn);
    assert.deepEqual([...scale.values()], [{ ...creator, apiVersion: 'autoscaling/v1', fields: setOfPaths([path]) }]);
    assert.deepEqual([...managersAfterScale(managers, scale, pathIn, 'apps/v1').values()], [creator]);
  });

  test('who takes them there takes them here', () => {
    const taker: Manager = {
      ...creator,
      manager: 'two',
      apiVersion: 'autoscaling/v1',
      subresource: 'scale',
      fields: setOfPaths([path]),
    };
    const after = managersAfterScale(managers, new Map([[managerId(taker), taker]]), pathIn, 'apps/v1');
    assert.deepEqual(
      [...after.values()],
      [
        { ...creator, fields: setOfPaths([['f:spec', 'f:selector']]) },
        { ...taker, apiVersion: 'apps/v1', time: undefined },
      ],
    );
  });
});
