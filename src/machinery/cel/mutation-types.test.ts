import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import { jsonPatchType, MutationObject, mutationObjectType, mutationTypes } from './mutation-types.ts';
import { toJSON } from './to-json.ts';
import type { CelType } from './types.ts';
import { dynType, listType } from './types.ts';
import type { CelValue } from './values.ts';

const types = mutationTypes();

function evaluate(expression: string, resultType: CelType): CelValue {
  const compiled = compile(expression, { variables: { object: dynType }, types, resultTypes: [resultType] });
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.error.message);
  const result = compiled.program.evaluate({ object: { metadata: { name: 'web' }, spec: { replicas: 2 } } });
  assert.ok(result.ok, result.ok ? '' : result.message);
  return result.value;
}

test('an object is made of the fields that are named', () => {
  const value = evaluate(
    `Object{
      metadata: Object.metadata{labels: {"app": object.metadata.name}},
      spec: Object.spec{replicas: object.spec.replicas + 1, ?paused: optional.none(), ports: [Object.spec.ports{port: 80}]}
    }`,
    mutationObjectType,
  );
  assert.ok(value instanceof MutationObject);
  assert.deepEqual(toJSON(value), {
    metadata: { labels: { app: 'web' } },
    spec: { replicas: 3, ports: [{ port: 80 }] },
  });
  assert.deepEqual(value.typeProblems(), []);
});

test('the name of a type must be where it stands', () => {
  const value = evaluate('Object{spec: Object.status{replicas: 1}}', mutationObjectType);
  assert.ok(value instanceof MutationObject);
  assert.deepEqual(value.typeProblems(), [
    'unexpected type name "Object.status", expected "Object.spec", which matches field name path from root Object type',
  ]);
});

test('a patch is a list of operations', () => {
  const value = evaluate(
    `[
      JSONPatch{op: "test", path: "/spec/replicas", value: object.spec.replicas},
      JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/a"), value: "b"},
      JSONPatch{op: "copy", from: "/a", path: "/b"}
    ]`,
    listType(jsonPatchType),
  );
  assert.deepEqual(toJSON(value), [
    { op: 'test', path: '/spec/replicas', value: 2 },
    { op: 'add', path: '/metadata/labels/example.com~1a', value: 'b' },
    { op: 'copy', from: '/a', path: '/b' },
  ]);
});

test('objects compare by their type and fields', () => {
  assert.equal(evaluate('Object{a: 1} == Object{a: 1}', { kind: 'bool' }), true);
  assert.equal(evaluate('Object{a: 1} == Object{a: 2}', { kind: 'bool' }), false);
  assert.equal(evaluate('Object.b{a: 1} == Object.b{a: 1, c: 2}', { kind: 'bool' }), false);
  assert.equal(evaluate('Object{a: 1}.a', dynType), 1);
  assert.equal(evaluate('has(Object{a: 1}.b)', { kind: 'bool' }), false);
});

const wrong: readonly (readonly [expression: string, error: RegExp])[] = [
  ['JSONPatch{op: 1}', /expected type of field 'op' is 'string' but provided type is 'int'/],
  ['JSONPatch{other: 1}', /undefined field 'other'/],
  ['Unknown{a: 1}', /undeclared reference to 'Unknown' \(in container ''\)/],
];

for (const [expression, error] of wrong) {
  test(`${expression} is refused`, () => {
    const compiled = compile(expression, { variables: {}, types });
    assert.ok(!compiled.ok);
    assert.match(compiled.error.message, error);
  });
}

test('a result of another type is refused', () => {
  const compiled = compile('1', { variables: {}, types, resultTypes: [mutationObjectType] });
  assert.ok(!compiled.ok);
  assert.deepEqual(compiled.error, { kind: 'result', message: 'must evaluate to Object' });
});
