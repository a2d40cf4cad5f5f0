import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutationTypes } from './mutation-types.ts';
import { schemaTypes } from './schema-types.ts';
import { outcome } from './test-evaluate.ts';
import { combinedTypes, fieldTypes } from './type-providers.ts';
import { boolType, dynType, listType, objectType, stringType } from './types.ts';

const { roots, provider } = schemaTypes({
  object: {
    schema: { type: 'object', properties: { spec: { type: 'object', properties: { ratio: { type: 'number' } } } } },
    typeName: 'Widget',
  },
});
const types = combinedTypes(
  fieldTypes({
    'kubernetes.AdmissionRequest': {
      operation: stringType,
      userInfo: objectType('kubernetes.UserInfo'),
      dryRun: boolType,
    },
    'kubernetes.UserInfo': { username: stringType, groups: listType(stringType) },
  }),
  mutationTypes(),
  provider,
);
const options = {
  variables: { request: objectType('kubernetes.AdmissionRequest'), object: roots.get('object')?.type ?? dynType },
  types,
};
const bindings = {
  request: { operation: 'CREATE', userInfo: { username: 'ann', groups: ['dev'] } },
  object: { spec: { ratio: 3 } },
};

const rows: readonly (readonly [expression: string, expected: unknown])[] = [
  ["request.operation == 'CREATE' && 'dev' in request.userInfo.groups", true],
  ['has(request.dryRun)', false],
  ['object.spec.ratio / 2.0', 1.5],
  ['Object{spec: Object.spec{ratio: object.spec.ratio * 2.0}}', { spec: { ratio: 6 } }],
];

for (const [expression, expected] of rows) {
  test(expression, () => {
    assert.deepEqual(outcome(expression, bindings, options), { value: expected });
  });
}

test('fields are checked against the type that has them', () => {
  assert.deepEqual(outcome('request.spec', bindings, options), {
    error: "ERROR: <input>:1:8: undefined field 'spec'\n | request.spec\n | .......^",
  });
});

test('a type that nobody can create is not created', () => {
  assert.deepEqual(outcome("kubernetes.UserInfo{username: 'a'}", bindings, options), {
    error: 'unknown type: kubernetes.UserInfo',
  });
});
