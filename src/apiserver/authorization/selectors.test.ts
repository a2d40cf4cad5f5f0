import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRequestInfo } from '../http/request-info.ts';
import { attributesOf } from './selectors.ts';

const jane = { username: 'jane', groups: [] };
const asked = (target: string, method = 'GET'): ReturnType<typeof attributesOf> => {
  const { pathname, searchParams } = new URL(target, 'https://localhost');
  return attributesOf(jane, parseRequestInfo(method, pathname, searchParams), searchParams);
};

describe('a list or watch of one object', () => {
  const pods = '/api/v1/namespaces/ns/pods';
  const table: readonly [target: string, name: string][] = [
    [`${pods}?fieldSelector=metadata.name%3Da`, 'a'],
    [`${pods}?fieldSelector=metadata.name%3D%3Da&watch=true`, 'a'],
    [`${pods}?fieldSelector=status.phase%3DRunning,metadata.name%3Da`, 'a'],
    [`${pods}?fieldSelector=metadata.name!%3Da`, ''],
    [`${pods}?fieldSelector=metadata.name%3D`, ''],
    [`${pods}?fieldSelector=metadata.name%3D..`, ''],
    [`${pods}?fieldSelector=metadata.name%3Da%2Fb`, ''],
    [`${pods}?fieldSelector=metadata.name%3Da%25b`, ''],
    [`${pods}?fieldSelector=what`, ''],
    [`${pods}?labelSelector=metadata.name%3Da`, ''],
    [`${pods}/b?fieldSelector=metadata.name%3Da&watch=1`, 'b'],
    // Only the first of a parameter counts, here and where the list is made.
    [`${pods}?fieldSelector=status.phase%3DRunning&fieldSelector=metadata.name%3Da`, ''],
  ];
  for (const [target, name] of table) {
    test(`${target}: ${name === '' ? 'is none' : name}`, () => assert.equal(asked(target).request.name, name));
  }

  test('is none for a deletion of many, and for what is no resource', () => {
    assert.equal(asked(`${pods}?fieldSelector=metadata.name%3Da`, 'DELETE').request.name, '');
    assert.equal(asked('/metrics?fieldSelector=metadata.name%3Da').selectors, undefined);
  });
});

test('selectors are read when they are asked for, and what is wrong with them is kept', () => {
  const { selectors } = asked('/api/v1/pods?fieldSelector=a%3Db&labelSelector=%3D%3D');
  assert.deepEqual(selectors?.fields, [{ field: 'a', operator: '=', value: 'b' }]);
  assert.deepEqual(selectors?.labels, []);
  assert.equal(selectors?.errors.length, 1);
  assert.equal(asked('/api/v1/namespaces/ns/pods/p?fieldSelector=a%3Db').selectors, undefined);
});
