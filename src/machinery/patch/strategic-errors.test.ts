import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatchError } from './patch-error.ts';
import { applyStrategicMergePatch } from './strategic.ts';
import { podSchema } from './test-schema.ts';

const containers = [
  { name: 'a', image: 'a:1' },
  { name: 'b', image: 'b:1' },
];

function named(...names: readonly string[]): { name: string }[] {
  return names.map((name) => ({ name }));
}

const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, unknown, string | RegExp])[] = [
  [
    'no merge key in the patch',
    { containers },
    { containers: [{ image: 'x', env: [{ name: 'A', value: 1.5 }] }] },
    'map: map[env:[map[name:A value:1.5]] image:x] does not contain declared merge key: name',
  ],
  [
    'no merge key in a deletion',
    { containers },
    { containers: [{ $patch: 'delete' }] },
    'map: map[$patch:delete] does not contain declared merge key: name',
  ],
  [
    'an unknown directive in a map',
    { nodeSelector: { a: 'b' } },
    { nodeSelector: { $patch: 'fold', x: null } },
    'unknown patch type: fold in map: map[$patch:fold x:<nil>]',
  ],
  [
    'an unknown directive in a new map',
    {},
    { nodeSelector: { $patch: 'x' } },
    'unknown patch type: x in map: map[$patch:x]',
  ],
  [
    'the merge directive in a list',
    { containers },
    { containers: [{ name: 'a', $patch: 'merge' }] },
    'merging lists cannot yet be specified in the patch',
  ],
  [
    'an unknown directive in a list',
    { containers },
    { containers: [{ name: 'a', $patch: 'x' }] },
    'unknown patch type: x in map: map[$patch:x name:a]',
  ],
  [
    '$retainKeys that is no list',
    { strategy: { type: 'A' } },
    { strategy: { $retainKeys: 'type' } },
    'invalid patch format of retainKeys',
  ],
  [
    'a member that is not retained',
    { strategy: { type: 'A' } },
    { strategy: { $retainKeys: ['type'], rollingUpdate: {} } },
    'invalid patch format of retainKeys',
  ],
  [
    'an order that names no list',
    { containers },
    { $setElementOrder: [] },
    'invalid patch format of setElementOrder list',
  ],
  [
    'an order that is no list',
    { containers },
    { '$setElementOrder/containers': 'a' },
    'expected a []interface {}, but received a string',
  ],
  [
    'an order of no list',
    { containers: {} },
    { '$setElementOrder/containers': [] },
    'expected a []interface {}, but received a map[string]interface {}',
  ],
  [
    'an order of an unknown field',
    {},
    { '$setElementOrder/foo': [] },
    'unable to find api field in struct PodSpec for the json field "foo"',
  ],
  [
    'a list that differs from its order',
    { containers },
    { '$setElementOrder/containers': named('a', 'b'), containers: named('b', 'a') },
    "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n",
  ],
  ['deletions that name no list', {}, { $deleteFromPrimitiveList: [] }, 'invalid patch format of primitive list'],
  [
    'unlike items',
    { metadata: { finalizers: ['a'] } },
    { metadata: { finalizers: [1] } },
    'list element types are not identical: [[a] [1]]',
  ],
  [
    'a null item',
    { metadata: { finalizers: ['a'] } },
    { metadata: { finalizers: [null] } },
    /^list element types are not identical/,
  ],
  ['a patch that is a list', {}, [], 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
];

for (const [what, original, patch, message] of refused) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => applyStrategicMergePatch(original, patch, podSchema),
      (error) => {
        assert.ok(error instanceof PatchError);
        assert.equal(error.code, 400);
        if (typeof message === 'string') assert.equal(error.message, message);
        else assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('refuses lists of lists with 422', () => {
  assert.throws(
    () => applyStrategicMergePatch({ containers }, { containers: [[]] }, podSchema),
    (error) => error instanceof PatchError && error.code === 422,
  );
});
