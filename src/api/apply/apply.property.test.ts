// What holds of owned fields whatever is written: random objects of real types.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { compare } from './compare.ts';
import { emptySet, intersection, isEmpty, isSubset, pathsOf, union, type FieldSet } from './field-set.ts';
import { fieldsOf } from './fields-v1.ts';
import type { JsonMap } from './json.ts';
import { merge } from './merge.ts';
import { claimedFields, wholeFields } from './owned-fields.ts';
import { printPath } from './path-element.ts';
import { extractItems, removeItems } from './remove-items.ts';
import { applicable, TestObject } from './test-objects.ts';
import { typeNodeOf } from './type-node.ts';
import { ConflictsError } from './updater.ts';

const types = [
  ['io.k8s.api.core.v1.ConfigMap', 'v1'],
  ['io.k8s.api.core.v1.Service', 'v1'],
  ['io.k8s.api.apps.v1.Deployment', 'apps/v1'],
  ['io.k8s.api.networking.v1.Ingress', 'networking.k8s.io/v1'],
] as const;
const runs = { numRuns: 60 };

function fieldsOfManager(object: TestObject, name: string): FieldSet {
  const entry = object.entries?.find(({ manager }) => manager === name);
  return (entry?.fieldsV1 as FieldSet | undefined) ?? emptySet;
}

function allOf(object: TestObject): FieldSet {
  return wholeFields(object.scope.node, object.object);
}

for (const [schemaName, apiVersion] of types) {
  const arbitrary = applicable(schemaName, apiVersion);
  const make = (): TestObject => new TestObject(schemaName, apiVersion);

  describe(schemaName, () => {
    test('FieldsV1 that is written is canonical', () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (a, b) => {
          const object = make();
          object.write('one', a);
          object.apply('two', b, { force: true });
          object.write('three', a);
          for (const { fieldsV1 } of object.entries ?? []) assert.equal(fieldsOf(fieldsV1), fieldsV1);
        }),
        runs,
      );
    });

    test('no field that an updater owns is owned by another, or is not there', () => {
      fc.assert(
        fc.property(fc.array(arbitrary, { minLength: 1, maxLength: 4 }), (states) => {
          const object = make();
          for (const [i, state] of states.entries()) object.write(`m${i}`, state);
          let owned = emptySet;
          for (const { fieldsV1 } of object.entries ?? []) {
            const fields = fieldsV1 as FieldSet;
            assert.ok(isEmpty(intersection(owned, fields)));
            owned = union(owned, fields);
          }
          const absent = pathsOf(owned).filter((path) => !isSubset(pathSet(path), allOf(object)));
          assert.deepEqual(absent.map(printPath), []);
        }),
        runs,
      );
    });

    test('to write what is there changes nobody’s fields', () => {
      fc.assert(
        fc.property(arbitrary, (state) => {
          const object = make();
          object.write('one', state);
          const before = JSON.stringify(object.entries);
          object.write('two', object.object);
          assert.equal(JSON.stringify(object.entries), before);
        }),
        runs,
      );
    });

    test('to apply twice is to apply once', () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (live, applied) => {
          const object = make();
          object.write('one', live);
          object.apply('two', applied, { force: true });
          const before = JSON.stringify([object.object, object.entries]);
          assert.equal(object.apply('two', applied), false);
          assert.equal(JSON.stringify([object.object, object.entries]), before);
        }),
        runs,
      );
    });

    test('what is applied is there, and its manager’s', () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (live, applied) => {
          const object = make();
          object.write('one', live);
          object.apply('two', applied, { force: true });
          const claims = claimedFields(object.scope.node, applied);
          const { changed = emptySet } = compare(object.scope.node, object.object, applied) ?? {};
          assert.deepEqual(pathsOf(intersection(changed, claims)).map(printPath), []);
          assert.ok(isSubset(fieldsOfManager(object, 'two'), claims));
        }),
        runs,
      );
    });

    test('appliers of the same values own them together', () => {
      fc.assert(
        fc.property(arbitrary, (applied) => {
          const object = make();
          object.apply('one', applied);
          assert.equal(object.apply('two', applied), false);
          assert.deepEqual(fieldsOfManager(object, 'two'), fieldsOfManager(object, 'one'));
        }),
        runs,
      );
    });

    test('a conflict names the fields of others that differ, and changes nothing', () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (first, second) => {
          const object = make();
          object.apply('one', first);
          const before = JSON.stringify([object.object, object.entries]);
          const merged = merge(object.scope.node, object.object, second);
          const { changed = emptySet } = compare(object.scope.node, object.object, merged) ?? {};
          const expected = pathsOf(intersection(fieldsOfManager(object, 'one'), changed)).map(printPath);
          let conflicts: string[] = [];
          try {
            object.apply('two', second);
          } catch (error) {
            assert.ok(error instanceof ConflictsError);
            conflicts = error.conflicts.map(({ path }) => printPath(path));
            assert.equal(JSON.stringify([object.object, object.entries]), before);
          }
          assert.deepEqual(conflicts, expected);
        }),
        runs,
      );
    });

    test('what the only applier leaves out goes; what another applied stays', () => {
      const bare = { kind: schemaName.split('.').at(-1), apiVersion, metadata: { name: 'a', namespace: 'b' } };
      fc.assert(
        fc.property(arbitrary, (applied) => {
          const alone = make();
          alone.apply('one', applied);
          alone.apply('one', bare);
          const never = make();
          never.apply('one', bare);
          assert.deepEqual(
            claimedFields(alone.scope.node, alone.object),
            claimedFields(never.scope.node, never.object),
          );

          const shared = make();
          shared.apply('one', applied);
          shared.apply('two', applied);
          const before = JSON.stringify(shared.object);
          shared.apply('one', bare);
          assert.equal(JSON.stringify(shared.object), before);
          assert.ok(isEmpty(fieldsOfManager(shared, 'one')));
        }),
        runs,
      );
    });

    test('a comparison is symmetrical, and tells of every difference', () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (a, b) => {
          const node = typeNodeOf(make().schema);
          assert.equal(compare(node, a, structuredClone(a)), undefined);
          const there = compare(node, a, b);
          const back = compare(node, b, a);
          assert.equal(there === undefined, back === undefined);
          assert.ok(isSubset(there?.removed ?? emptySet, back?.changed ?? emptySet));
          assert.ok(isSubset(back?.removed ?? emptySet, there?.changed ?? emptySet));
        }),
        runs,
      );
    });

    test('to remove all that is claimed leaves nothing; to extract it leaves everything', () => {
      fc.assert(
        fc.property(arbitrary, (value) => {
          const { node } = make().scope;
          const claims = claimedFields(node, value);
          const kept: JsonMap = extractItems(node, value, claims);
          assert.deepEqual(claimedFields(node, kept), claims);
          assert.deepEqual(pathsOf(claimedFields(node, removeItems(node, value, allNamed(claims)))), []);
        }),
        runs,
      );
    });
  });
}

function pathSet(path: readonly string[]): FieldSet {
  return path.toReversed().reduce<FieldSet>((below, element) => ({ [element]: below }), {});
}

/** The first elements: whatever is below goes with them. */
function allNamed(set: FieldSet): FieldSet {
  return Object.fromEntries(Object.keys(set).map((element) => [element, {}]));
}
