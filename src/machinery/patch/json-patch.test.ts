import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { applyJsonPatch, decodeJsonPatch, jsonPatchStrictErrors } from './json-patch.ts';
import { PatchError } from './patch-error.ts';

function patched(document: unknown, patch: unknown): unknown {
  return applyJsonPatch(document, decodeJsonPatch(patch));
}

function refusal(document: unknown, patch: unknown): PatchError {
  try {
    patched(document, patch);
  } catch (error) {
    if (error instanceof PatchError) return error;
    throw error;
  }
  return assert.fail('the patch was applied');
}

interface Case {
  readonly what: string;
  readonly document: unknown;
  readonly patch: readonly unknown[];
  readonly result: unknown;
}

const applied: readonly Case[] = [
  { what: 'adds a member', document: { a: 1 }, patch: [{ op: 'add', path: '/b', value: 2 }], result: { a: 1, b: 2 } },
  { what: 'add overwrites', document: { a: 1 }, patch: [{ op: 'add', path: '/a', value: 2 }], result: { a: 2 } },
  {
    what: 'inserts',
    document: { l: [1, 3] },
    patch: [{ op: 'add', path: '/l/1', value: 2 }],
    result: { l: [1, 2, 3] },
  },
  {
    what: 'inserts at the end',
    document: { l: [1] },
    patch: [{ op: 'add', path: '/l/1', value: 2 }],
    result: { l: [1, 2] },
  },
  { what: 'appends', document: { l: [1] }, patch: [{ op: 'add', path: '/l/-', value: [2] }], result: { l: [1, [2]] } },
  {
    what: 'counts back',
    document: { l: [1, 2] },
    patch: [{ op: 'add', path: '/l/-1', value: 3 }],
    result: { l: [1, 2, 3] },
  },
  { what: 'add without a value adds null', document: {}, patch: [{ op: 'add', path: '/a' }], result: { a: null } },
  { what: 'removes a member', document: { a: 1, b: 2 }, patch: [{ op: 'remove', path: '/a' }], result: { b: 2 } },
  { what: 'removes an item', document: { l: [1, 2] }, patch: [{ op: 'remove', path: '/l/0' }], result: { l: [2] } },
  { what: 'removes the last', document: { l: [1, 2] }, patch: [{ op: 'remove', path: '/l/-1' }], result: { l: [1] } },
  {
    what: 'replaces',
    document: { a: { b: 1 } },
    patch: [{ op: 'replace', path: '/a/b', value: null }],
    result: { a: { b: null } },
  },
  {
    what: 'replaces what is not there, as upstream does',
    document: { a: 1 },
    patch: [{ op: 'replace', path: '/b', value: 2 }],
    result: { a: 1, b: 2 },
  },
  {
    what: 'copies null from what is not there, as upstream does',
    document: {},
    patch: [{ op: 'copy', from: '/b', path: '/c' }],
    result: { c: null },
  },
  { what: 'replaces all', document: { a: 1 }, patch: [{ op: 'replace', path: '', value: { b: 2 } }], result: { b: 2 } },
  {
    what: 'moves',
    document: { a: { b: 1 }, c: {} },
    patch: [{ op: 'move', from: '/a/b', path: '/c/d' }],
    result: { a: {}, c: { d: 1 } },
  },
  {
    what: 'moves an item',
    document: { l: ['a', 'b', 'c'] },
    patch: [{ op: 'move', from: '/l/0', path: '/l/2' }],
    result: { l: ['b', 'c', 'a'] },
  },
  {
    what: 'copies',
    document: { a: { b: [1] } },
    patch: [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'add', path: '/c/b/0', value: 0 },
    ],
    result: { a: { b: [1] }, c: { b: [0, 1] } },
  },
  {
    what: 'tests',
    document: { a: { b: [1, { c: null }] } },
    patch: [{ op: 'test', path: '/a', value: { b: [1, { c: null }] } }],
    result: { a: { b: [1, { c: null }] } },
  },
  { what: 'tests for absence', document: { a: 1 }, patch: [{ op: 'test', path: '/b', value: null }], result: { a: 1 } },
  {
    what: 'unescapes',
    document: { 'a/b': { 'c~d': 1 } },
    patch: [{ op: 'replace', path: '/a~1b/c~0d', value: 2 }],
    result: { 'a/b': { 'c~d': 2 } },
  },
  { what: 'unescapes once', document: { '~1': 1 }, patch: [{ op: 'remove', path: '/~01' }], result: {} },
  {
    what: 'knows the empty name',
    document: { '': 1 },
    patch: [{ op: 'replace', path: '/', value: 2 }],
    result: { '': 2 },
  },
];

for (const { what, document, patch, result } of applied) {
  test(`apply: ${what}`, () => {
    const before = JSON.stringify([document, patch]);
    assert.deepEqual(patched(document, patch), result);
    assert.equal(JSON.stringify([document, patch]), before, 'an input was changed');
  });
}

const unprocessable: readonly (readonly [string, unknown, unknown])[] = [
  ['test fails', { a: 1 }, { op: 'test', path: '/a', value: 2 }],
  ['test of a type', { a: 1 }, { op: 'test', path: '/a', value: '1' }],
  ['test with fewer members', { a: { b: 1, c: 2 } }, { op: 'test', path: '/a', value: { b: 1 } }],
  ['parent missing', {}, { op: 'add', path: '/a/b', value: 1 }],
  ['parent is a scalar', { a: 1 }, { op: 'add', path: '/a/b', value: 1 }],
  ['parent is null', { a: null }, { op: 'add', path: '/a/b', value: 1 }],
  ['remove of nothing', { a: 1 }, { op: 'remove', path: '/b' }],
  ['remove of all', { a: 1 }, { op: 'remove', path: '' }],
  ['add of all', { a: 1 }, { op: 'add', path: '', value: {} }],
  ['replace all by a scalar', { a: 1 }, { op: 'replace', path: '', value: 1 }],
  ['move of nothing', { a: 1 }, { op: 'move', from: '/b', path: '/c' }],
  ['move into itself', { a: { b: {} } }, { op: 'move', from: '/a', path: '/a/b/c' }],
  ['copy from below nothing', { a: 1 }, { op: 'copy', from: '/b/c', path: '/c' }],
  ['replace below nothing', { a: 1 }, { op: 'replace', path: '/b/c', value: 1 }],
  ['index out of bounds', { l: [1] }, { op: 'add', path: '/l/2', value: 1 }],
  ['index far below', { l: [1] }, { op: 'remove', path: '/l/-2' }],
  ['index is a word', { l: [1] }, { op: 'replace', path: '/l/x', value: 1 }],
  ['replace past the end', { l: [1] }, { op: 'replace', path: '/l/-', value: 1 }],
  ['inherited member', {}, { op: 'remove', path: '/toString' }],
  ['below an inherited member', {}, { op: 'add', path: '/__proto__/x', value: 1 }],
  ['unknown operation', {}, { op: 'merge', path: '/a', value: 1 }],
  ['no operation', {}, {}],
  ['null operation', {}, null],
  ['no path', {}, { op: 'add', value: 1 }],
  ['no from', {}, { op: 'move', path: '/a' }],
  ['path without a slash', { a: 1 }, { op: 'remove', path: 'a' }],
];

for (const [what, document, operation] of unprocessable) {
  test(`refuse: ${what}`, () => {
    const error = refusal(document, [operation]);
    assert.equal(error.code, 422);
    assert.equal(error.reason, 'Invalid');
    assert.equal(error.message, 'the server rejected our request due to an error in our request');
    assert.notEqual(error.detail, '');
  });
}

test('refuse: what is not a patch is 400', () => {
  for (const patch of [
    {},
    'x',
    1,
    true,
    ['x'],
    [[]],
    [{ op: 1 }],
    [{ op: 'add', path: {} }],
    [{ op: 'copy', from: 2 }],
  ]) {
    assert.equal(refusal({}, patch).code, 400, JSON.stringify(patch));
  }
  assert.equal(
    refusal({}, {}).message,
    'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
  );
});

test('refuse: more than 10,000 operations is 413', () => {
  const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 }));
  const error = refusal({ a: 1 }, patch);
  assert.equal(error.code, 413);
  assert.match(error.message, /The allowed maximum operations in a JSON patch is 10000, got 10001/);
  assert.deepEqual(patched({ a: 1 }, patch.slice(1)), { a: 1 });
});

test('refuse: copies that double and double', () => {
  const patch = Array.from({ length: 64 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/${i}` }));
  assert.match(refusal({ a: { text: 'x'.repeat(100) } }, patch).detail, /accumulated size increase of copy/);
});

test('many operations on one large list copy it once', () => {
  const list = Array.from({ length: 100_000 }, (_, i) => i);
  const patch = Array.from({ length: 10_000 }, (_, i) => ({ op: 'replace', path: `/l/${i}`, value: -1 }));
  const result = patched({ l: list }, patch) as { l: number[] };
  assert.equal(result.l.indexOf(10_000), 10_000);
  assert.equal(list[0], 0);
});

test('shares what is not touched', () => {
  const document = { spec: { a: [1] }, status: {} };
  const result = patched(document, [{ op: 'add', path: '/status/x', value: 1 }]) as typeof document;
  assert.equal(result.spec, document.spec);
});

test('strict validation names unknown members of operations', () => {
  assert.deepEqual(jsonPatchStrictErrors([{ op: 'add', path: '/a', value: 1, foo: 1 }, { opp: 'x' }]), [
    'json patch unknown field "[0].foo"',
    'json patch unknown field "[1].opp"',
  ]);
  assert.deepEqual(jsonPatchStrictErrors([{ op: 'move', from: '/a', path: '/b' }]), []);
});

test('a member named __proto__ is a member like any other', () => {
  const result = patched({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]) as object;
  assert.deepEqual(Object.keys(result), ['__proto__']);
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
});

test('random patches apply or fail with a PatchError, and never change the document', () => {
  const token = fc.constantFrom('a', 'b', '0', '1', '-', '-1', '', '__proto__');
  const pointer = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((part) => `/${part}`).join(''));
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: pointer,
      from: pointer,
      value: fc.jsonValue({ maxDepth: 3 }),
    },
    { requiredKeys: ['op'] },
  );
  const leaf = { a: [{ b: 1 }, [2]], b: { a: { '': null }, '0': [] } };
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 12 }), (patch) => {
      const document = structuredClone(leaf);
      try {
        JSON.stringify(patched(document, patch));
      } catch (error) {
        assert.ok(error instanceof PatchError, String(error));
      }
      assert.deepEqual(document, leaf);
    }),
    { numRuns: 1000 },
  );
});
