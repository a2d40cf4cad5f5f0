import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyStrategicMergePatch } from './strategic.ts';
import { podSchema } from './test-schema.ts';

interface Case {
  readonly what: string;
  readonly original: Readonly<Record<string, unknown>>;
  readonly patch: unknown;
  readonly result: Readonly<Record<string, unknown>>;
}

const containers = [
  { name: 'a', image: 'a:1' },
  { name: 'b', image: 'b:1' },
];

function named(...names: readonly string[]): { name: string }[] {
  return names.map((name) => ({ name }));
}

const cases: readonly Case[] = [
  {
    what: 'sets and deletes scalars',
    original: { nodeName: 'x', hostname: 'h' },
    patch: { nodeName: 'y', hostname: null, gone: null },
    result: { nodeName: 'y' },
  },
  {
    what: 'merges structs and maps',
    original: { metadata: { name: 'p', labels: { a: '1', b: '2' } } },
    patch: { metadata: { labels: { b: null, c: '3' } } },
    result: { metadata: { name: 'p', labels: { a: '1', c: '3' } } },
  },
  {
    what: 'replaces where kinds differ',
    original: { nodeSelector: { a: 'b' } },
    patch: { nodeSelector: 'x' },
    result: { nodeSelector: 'x' },
  },
  {
    what: 'adds a map without its nulls and directives',
    original: {},
    patch: { metadata: { name: 'p', labels: null, annotations: { a: '1', b: null }, $retainKeys: ['name'] } },
    result: { metadata: { name: 'p', annotations: { a: '1' } } },
  },
  {
    what: 'adds no map that is to be deleted',
    original: {},
    patch: { securityContext: { $patch: 'delete' }, nodeName: 'x' },
    result: { nodeName: 'x' },
  },
  {
    what: 'adds a map that is to be replaced',
    original: {},
    patch: { strategy: { $patch: 'replace', type: 'Recreate' } },
    result: { strategy: { type: 'Recreate' } },
  },
  {
    what: 'empties a map with $patch: delete',
    original: { securityContext: { runAsUser: 1 } },
    patch: { securityContext: { $patch: 'delete' } },
    result: { securityContext: {} },
  },
  {
    what: 'replaces a map with $patch: replace',
    original: { nodeSelector: { a: '1', b: '2' } },
    patch: { nodeSelector: { $patch: 'replace', c: '3' } },
    result: { nodeSelector: { c: '3' } },
  },
  {
    what: 'replaces a map whose strategy is replace',
    original: { affinity: { a: 1, b: 2 } },
    patch: { affinity: { b: 3 } },
    result: { affinity: { b: 3 } },
  },

  {
    what: 'replaces an atomic list',
    original: { tolerations: [{ key: 'a' }] },
    patch: { tolerations: [{ key: 'b' }] },
    result: { tolerations: [{ key: 'b' }] },
  },
  {
    what: 'merges a list by key',
    original: { containers },
    patch: { containers: [{ name: 'b', image: 'b:2' }] },
    result: {
      containers: [
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:2' },
      ],
    },
  },
  {
    what: 'adds to a list: before what it did not know',
    original: { containers: named('a', 'b') },
    patch: { containers: named('c') },
    result: { containers: named('c', 'a', 'b') },
  },
  {
    what: 'keeps the patch order among its own',
    original: { containers: named('a', 'b') },
    patch: { containers: named('b', 'a') },
    result: { containers: named('b', 'a') },
  },
  {
    what: 'adds a list',
    original: {},
    patch: { containers: [{ name: 'a', image: null }] },
    result: { containers: [{ name: 'a' }] },
  },
  {
    what: 'deletes from a list',
    original: { containers },
    patch: { containers: [{ name: 'a', $patch: 'delete' }] },
    result: { containers: [{ name: 'b', image: 'b:1' }] },
  },
  {
    what: 'deletes what is not there',
    original: { containers },
    patch: { containers: [{ name: 'z', $patch: 'delete' }] },
    result: { containers },
  },
  {
    what: 'deletes all of one key',
    original: { containers: named('a', 'b', 'a') },
    patch: { containers: [{ name: 'a', $patch: 'delete' }] },
    result: { containers: named('b') },
  },
  {
    what: 'replaces a merged list',
    original: { containers },
    patch: { containers: [{ $patch: 'replace' }, { name: 'c', image: null }] },
    result: { containers: named('c') },
  },
  {
    what: 'empties a merged list',
    original: { containers },
    patch: { containers: [{ $patch: 'replace' }] },
    result: { containers: [] },
  },
  {
    what: 'replaces one item',
    original: { containers },
    patch: { containers: [{ name: 'a', $patch: 'delete' }, { name: 'c' }] },
    result: { containers: [{ name: 'c' }, { name: 'b', image: 'b:1' }] },
  },
  {
    what: 'an empty patch list changes nothing',
    original: { containers },
    patch: { containers: [] },
    result: { containers },
  },
  { what: 'null deletes a list', original: { containers }, patch: { containers: null }, result: {} },
  {
    what: 'adds a list without its directives',
    original: {},
    patch: { containers: [{ $patch: 'replace' }, { name: 'x', $patch: 'delete' }, { name: 'a' }] },
    result: { containers: named('a') },
  },
  {
    what: 'merges lists in lists',
    original: { containers: [{ name: 'a', env: [{ name: 'X', value: '1' }] }] },
    patch: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: null },
          ],
        },
      ],
    },
    result: { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }, { name: 'X' }] }] },
  },
  {
    what: 'tells numbers from strings in merge keys',
    original: { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] },
    patch: { containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'UDP' }] }] },
    result: { containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'UDP' }] }] },
  },

  {
    what: 'joins lists of scalars',
    original: { metadata: { finalizers: ['a', 'b'] } },
    patch: { metadata: { finalizers: ['b', 'c', 'c'] } },
    result: { metadata: { finalizers: ['a', 'b', 'c'] } },
  },
  {
    what: 'deletes scalars',
    original: { metadata: { finalizers: ['a', 'b', 'c'] } },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['b', 'x'] } },
    result: { metadata: { finalizers: ['a', 'c'] } },
  },
  {
    what: 'deletes scalars of no list',
    original: { metadata: {} },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'] } },
    result: { metadata: {} },
  },
  {
    what: 'orders, adds and deletes scalars',
    original: { metadata: { finalizers: ['a', 'b', 'c'] } },
    patch: {
      metadata: {
        '$setElementOrder/finalizers': ['d', 'a', 'c'],
        finalizers: ['d'],
        '$deleteFromPrimitiveList/finalizers': ['b'],
      },
    },
    result: { metadata: { finalizers: ['d', 'a', 'c'] } },
  },

  {
    what: 'orders a list',
    original: { containers: named('a', 'b', 'c') },
    patch: { '$setElementOrder/containers': named('c', 'b', 'a') },
    result: { containers: named('c', 'b', 'a') },
  },
  {
    what: 'orders a list that it changes',
    original: { containers },
    patch: {
      '$setElementOrder/containers': named('b', 'c', 'a'),
      containers: [{ name: 'c' }, { name: 'a', image: 'a:2' }],
    },
    result: { containers: [{ name: 'b', image: 'b:1' }, { name: 'c' }, { name: 'a', image: 'a:2' }] },
  },
  {
    what: 'orders around what only the server has',
    original: { containers: named('a', 'x', 'b', 'y') },
    patch: { '$setElementOrder/containers': named('b', 'a') },
    result: { containers: named('x', 'b', 'a', 'y') },
  },
  {
    what: 'keeps server items in place',
    original: { containers: named('x', 'a', 'b') },
    patch: { '$setElementOrder/containers': named('a', 'b'), containers: [{ name: 'b', image: 'i' }] },
    result: { containers: [{ name: 'x' }, { name: 'a' }, { name: 'b', image: 'i' }] },
  },
  {
    what: 'orders a list that it adds',
    original: {},
    patch: { '$setElementOrder/containers': named('b', 'a'), containers: named('b', 'a') },
    result: { containers: named('b', 'a') },
  },
  {
    what: 'orders no list',
    original: { nodeName: 'x' },
    patch: { '$setElementOrder/containers': named('a') },
    result: { nodeName: 'x' },
  },
  {
    what: 'deletes within an ordered list',
    original: { containers: named('a', 'b') },
    patch: { '$setElementOrder/containers': named('b'), containers: [{ name: 'a', $patch: 'delete' }] },
    result: { containers: named('b') },
  },

  {
    what: 'retains keys',
    original: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    patch: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    result: { strategy: { type: 'Recreate' } },
  },
  {
    what: 'retains keys in an item',
    original: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
    patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'emptyDir'], emptyDir: {} }] },
    result: { volumes: [{ name: 'v', emptyDir: {} }] },
  },
  {
    what: 'retains keys beside nulls',
    original: { strategy: { type: 'A', rollingUpdate: {} } },
    patch: { strategy: { $retainKeys: ['type'], rollingUpdate: null } },
    result: { strategy: { type: 'A' } },
  },
  {
    what: 'leaves no directive in a new item',
    original: { volumes: [] },
    patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'emptyDir'], emptyDir: {} }] },
    result: { volumes: [{ name: 'v', emptyDir: {} }] },
  },

  { what: 'takes null for nothing', original: { nodeName: 'x' }, patch: null, result: { nodeName: 'x' } },
  { what: 'deletes everything', original: { nodeName: 'x' }, patch: { $patch: 'delete' }, result: {} },
  {
    what: 'merges free-form JSON',
    original: { raw: { a: { b: 1 }, l: [1] } },
    patch: { raw: { a: { c: 2 }, l: [2] } },
    result: { raw: { a: { b: 1, c: 2 }, l: [2] } },
  },
];

for (const { what, original, patch, result } of cases) {
  test(what, () => {
    const before = JSON.stringify([original, patch]);
    assert.deepEqual(applyStrategicMergePatch(original, patch, podSchema), result);
    assert.equal(JSON.stringify([original, patch]), before, 'an input was changed');
  });
}
