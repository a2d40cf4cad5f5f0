// The laws of sets, against a naive model: sets of printed paths.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  below,
  difference,
  equalSets,
  hasPath,
  intersection,
  isEmpty,
  isSubset,
  leaves,
  pathsOf,
  recursiveDifference,
  setOfPaths,
  union,
  type FieldSet,
} from './field-set.ts';
import { fieldsOf } from './fields-v1.ts';
import { compareElements, type PathElement } from './path-element.ts';

const elements: readonly PathElement[] = [
  'f:a',
  'f:b',
  'f:b-c',
  'k:{"name":"a"}',
  'k:{"name":"a-b"}',
  'k:{"port":80,"protocol":"TCP"}',
  'k:{"port":443,"protocol":"TCP"}',
  'v:"x"',
  'v:10',
  'v:9',
  'i:2',
  'i:10',
];
const path = fc.array(fc.constantFrom(...elements), { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 12 });

function model(given: ReadonlyArray<readonly PathElement[]>): Set<string> {
  return new Set(given.map((one) => JSON.stringify(one)));
}

function modelOf(set: FieldSet): Set<string> {
  return model(pathsOf(set));
}

/** Whether the set is as it would be made of its members: in order, and without anything that holds none. */
function assertCanonical(set: FieldSet): void {
  assert.equal(JSON.stringify(set), JSON.stringify(setOfPaths(pathsOf(set))));
  assert.equal(fieldsOf(set), set);
  (function check(node: FieldSet): void {
    const keys = Object.keys(node);
    assert.deepEqual(keys, keys.toSorted(compareElements));
    for (const key of keys) if (key !== '.') check(node[key] ?? {});
  })(set);
}

test('a set has the paths that it was made of', () => {
  fc.assert(
    fc.property(paths, path, (given, other) => {
      const set = setOfPaths(given);
      assertCanonical(set);
      assert.deepEqual(modelOf(set), model(given));
      assert.equal(hasPath(set, other), model(given).has(JSON.stringify(other)));
      assert.equal(isEmpty(set), given.length === 0);
    }),
  );
});

test('union, intersection, difference and subset are those of the members', () => {
  fc.assert(
    fc.property(paths, paths, (one, other) => {
      const [a, b] = [setOfPaths(one), setOfPaths(other)];
      const [x, y] = [model(one), model(other)];
      for (const [set, expected] of [
        [union(a, b), x.union(y)],
        [intersection(a, b), x.intersection(y)],
        [difference(a, b), x.difference(y)],
      ] as const) {
        assertCanonical(set);
        assert.deepEqual([...modelOf(set)].sort(), [...expected].sort());
      }
      assert.equal(isSubset(a, b), x.isSubsetOf(y));
      assert.equal(equalSets(a, b), x.symmetricDifference(y).size === 0);
    }),
  );
});

test('a recursive difference takes what is below a member, too', () => {
  fc.assert(
    fc.property(paths, paths, (one, other) => {
      const set = recursiveDifference(setOfPaths(one), setOfPaths(other));
      const covered = (given: readonly PathElement[]): boolean =>
        given.some((_, i) => model(other).has(JSON.stringify(given.slice(0, i + 1))));
      assertCanonical(set);
      assert.deepEqual([...modelOf(set)].sort(), [...model(one.filter((given) => !covered(given)))].sort());
    }),
  );
});

test('leaves have no members below them', () => {
  fc.assert(
    fc.property(paths, (given) => {
      const isAbove = (one: readonly PathElement[], other: readonly PathElement[]): boolean =>
        other.length > one.length && one.every((element, i) => element === other[i]);
      const expected = given.filter((one) => !given.some((other) => isAbove(one, other)));
      assert.deepEqual([...modelOf(leaves(setOfPaths(given)))].sort(), [...model(expected)].sort());
    }),
  );
});

test('what is below an element is what its paths go on with', () => {
  fc.assert(
    fc.property(paths, fc.constantFrom(...elements), (given, element) => {
      const expected = given.filter(([first, ...rest]) => first === element && rest.length > 0);
      const rest = below(setOfPaths(given), element);
      assert.deepEqual([...modelOf(rest ?? {})].sort(), [...model(expected.map((one) => one.slice(1)))].sort());
    }),
  );
});

test('operations that change nothing return what they were given', () => {
  fc.assert(
    fc.property(paths, paths, (one, other) => {
      const a = setOfPaths(one);
      const subset = setOfPaths(one.slice(1));
      assert.equal(union(a, subset), a);
      assert.equal(intersection(subset, a), subset);
      const apart = setOfPaths(other.map((given) => ['f:elsewhere', ...given]));
      assert.equal(difference(a, apart), a);
    }),
  );
});

test('FieldsV1 of any order is read to the same set', () => {
  const shuffle = (set: FieldSet, order: (keys: string[]) => string[]): FieldSet =>
    Object.fromEntries(order(Object.keys(set)).map((key) => [key, shuffle(set[key] ?? {}, order)]));
  fc.assert(
    fc.property(paths, (given) => {
      const set = setOfPaths(given);
      assert.equal(JSON.stringify(fieldsOf(shuffle(set, (keys) => keys.toReversed()))), JSON.stringify(set));
    }),
  );
});
