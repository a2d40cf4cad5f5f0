import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isObject, type JsonObject } from './json.ts';
import { applyMergePatch } from './merge-patch.ts';
import { PatchError } from './patch-error.ts';

function parse(text: string): unknown {
  return JSON.parse(text);
}

/** RFC 7386 section 2, word by word. */
function reference(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = reference(result[name], value);
  }
  return result;
}

/** A merge patch that leads from one object to the other; neither may hold nulls. */
function diff(from: JsonObject, to: JsonObject): JsonObject {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    patch[key] = isObject(before) && isObject(value) ? diff(before, value) : value;
  }
  return patch;
}

const keys = fc.constantFrom('a', 'b', 'c', 'toString');
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const objects = fc.dictionary(keys, json, { maxKeys: 4, noNullPrototype: true });
const patches = fc.dictionary(keys, fc.oneof(json, fc.constant(null)), { maxKeys: 4, noNullPrototype: true });

test('the examples of RFC 7386 appendix A that start from an object', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ];
  for (const [target, patch, expected] of cases) {
    const result = applyMergePatch(parse(target) as JsonObject, parse(patch));
    assert.deepEqual(result, parse(expected), `${target} + ${patch}`);
  }
});

test('a patch that is not an object is refused with 400', () => {
  for (const patch of [null, [], ['c'], 'bar', 1, true]) {
    assert.throws(
      () => applyMergePatch({ a: 'foo' }, patch),
      (error) => error instanceof PatchError && error.code === 400,
    );
  }
});

test('agrees with the algorithm of the RFC and changes no input', () => {
  fc.assert(
    fc.property(objects, patches, (original, patch) => {
      const before = JSON.stringify([original, patch]);
      assert.deepEqual(applyMergePatch(original, patch), reference(original, patch));
      assert.equal(JSON.stringify([original, patch]), before);
    }),
  );
});

test('applying the difference of two objects leads from one to the other', () => {
  fc.assert(
    fc.property(objects, objects, (from, to) => {
      assert.deepEqual(applyMergePatch(from, diff(from, to)), to);
    }),
  );
});

test('shares what is not touched, and gives the original for a patch without effect', () => {
  const original = { metadata: { labels: { a: '1' } }, spec: { replicas: 2 } };
  assert.equal(applyMergePatch(original, { spec: { replicas: 2 }, gone: null }), original);
  const result = applyMergePatch(original, { spec: { replicas: 3 } });
  assert.equal(result['metadata'], original.metadata);
});

test('a member named __proto__ is a member like any other', () => {
  const result = applyMergePatch({}, parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"x":1}}}'));
  assert.deepEqual(Object.keys(result), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('nesting beyond the bound is refused, not a stack overflow', () => {
  const deep = parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
  assert.throws(() => applyMergePatch({}, deep), PatchError);
});
