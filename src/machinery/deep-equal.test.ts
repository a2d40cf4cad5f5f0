import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { ExactInteger } from './exact-integer.ts';
import { deepEqual, semanticDeepEqual } from './deep-equal.ts';

/** JSON.parse makes objects with a plain prototype and own `__proto__` keys, which is what comes from requests. */
const json = fc.json().map((text) => JSON.parse(text) as unknown);

test('agrees with a strict comparison of JSON values', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const sameText = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(deepEqual(a, b), sameText || isDeepStrictEqual(a, b));
      assert.equal(deepEqual(a, structuredClone(a)), true);
      assert.equal(semanticDeepEqual(a, structuredClone(a)), true);
    }),
  );
});

test('the order of keys does not matter, the order of items does', () => {
  assert.equal(deepEqual({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }), true);
  assert.equal(deepEqual([1, 2], [2, 1]), false);
});

test('absent, undefined, null and empty lists are alike only semantically', () => {
  const forms = [{}, { a: undefined }, { a: null }, { a: [] }];
  for (const x of forms) for (const y of forms) assert.equal(semanticDeepEqual(x, y), true);
  assert.equal(deepEqual({}, { a: undefined }), true);
  assert.equal(deepEqual({}, { a: null }), false);
  assert.equal(deepEqual({ a: [] }, {}), false);
});

test('an empty object, an empty string, 0 and false say something', () => {
  for (const value of [{}, '', 0, false]) {
    assert.equal(semanticDeepEqual({ a: value }, {}), false);
    assert.equal(semanticDeepEqual({}, { a: value }), false);
  }
  assert.equal(semanticDeepEqual([], {}), false);
  assert.equal(semanticDeepEqual([null], []), false);
});

test('keys that objects inherit are compared as data', () => {
  assert.equal(deepEqual(JSON.parse('{"__proto__":1}'), {}), false);
  assert.equal(deepEqual({}, JSON.parse('{"toString":"x"}')), false);
  assert.equal(deepEqual(JSON.parse('{"constructor":{"a":1}}'), JSON.parse('{"constructor":{"a":1}}')), true);
});

test('integers with more digits than a number holds differ in any of them', () => {
  const [one, same, other] = ['9007199254740993', '9007199254740993', '9007199254740992'].map(
    (text) => new ExactInteger(text),
  );
  assert.ok(deepEqual({ a: one }, { a: same }));
  assert.ok(!deepEqual({ a: one }, { a: other }));
});
