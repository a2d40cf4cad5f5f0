import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { PatchError } from './patch-error.ts';
import { applyStrategicMergePatch } from './strategic.ts';
import { podSchema } from './test-schema.ts';

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const words = fc.constantFrom('', 'x', 'y');
const container = fc.record({ name: names, image: words }, { requiredKeys: ['name'], noNullPrototype: true });
const distinct = fc.uniqueArray(container, { selector: ({ name }) => name, maxLength: 5 });
const spec = fc.record(
  {
    nodeName: words,
    nodeSelector: fc.dictionary(names, words, { maxKeys: 3, noNullPrototype: true }),
    containers: distinct,
    metadata: fc.record({ finalizers: fc.uniqueArray(names) }, { noNullPrototype: true }),
  },
  { requiredKeys: ['containers', 'metadata'], noNullPrototype: true },
);
type Spec = typeof spec extends fc.Arbitrary<infer T> ? T : never;

/** The patch that a client makes of what it has and what it wants, for objects of this shape. */
function twoWayPatch(from: Spec, to: Spec): Record<string, unknown> {
  const before = new Map(from.containers.map((item) => [item.name, item]));
  const after = new Set(to.containers.map(({ name }) => name));
  const { finalizers } = to.metadata;
  const selector: Record<string, string | null> = { ...to.nodeSelector };
  for (const key of Object.keys(from.nodeSelector ?? {})) selector[key] ??= null;
  return {
    nodeName: to.nodeName ?? null,
    nodeSelector: to.nodeSelector === undefined ? null : selector,
    '$setElementOrder/containers': to.containers.map(({ name }) => ({ name })),
    containers: [
      ...to.containers.map((item) =>
        before.has(item.name) && item.image === undefined ? { ...item, image: null } : item,
      ),
      ...from.containers.filter(({ name }) => !after.has(name)).map(({ name }) => ({ name, $patch: 'delete' })),
    ],
    metadata: {
      '$setElementOrder/finalizers': finalizers,
      finalizers,
      '$deleteFromPrimitiveList/finalizers': from.metadata.finalizers.filter((item) => !finalizers.includes(item)),
    },
  };
}

test('the difference of two objects, applied to the one, gives the other', () => {
  fc.assert(
    fc.property(spec, spec, (from, to) => {
      assert.deepEqual(applyStrategicMergePatch(from, twoWayPatch(from, to), podSchema), to);
    }),
  );
});

test('a patch without effect gives the original itself', () => {
  fc.assert(
    fc.property(spec, (object) => {
      assert.equal(applyStrategicMergePatch(object, twoWayPatch(object, object), podSchema), object);
    }),
  );
});

test('random patches apply or fail with a PatchError, and change no input', () => {
  const key = fc.constantFrom(
    'containers',
    'metadata',
    'finalizers',
    'name',
    'env',
    'nodeSelector',
    'raw',
    '$patch',
    '$retainKeys',
    '$setElementOrder/containers',
    '$setElementOrder/finalizers',
    '$deleteFromPrimitiveList/finalizers',
    '__proto__',
    'constructor',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(null, 'a', 'b', 'delete', 'replace', 'merge', 1, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value), fc.dictionary(key, value), (original, patch) => {
      const before = JSON.stringify([original, patch]);
      try {
        JSON.stringify(applyStrategicMergePatch(original, patch, podSchema));
      } catch (error) {
        assert.ok(error instanceof PatchError, String(error));
      }
      assert.equal(JSON.stringify([original, patch]), before);
    }),
    { numRuns: 3000 },
  );
});

test('nesting beyond the bound is refused, not a stack overflow', () => {
  const nest = (levels: number): unknown => JSON.parse(`${'{"raw":'.repeat(levels)}1${'}'.repeat(levels)}`);
  const deep = nest(100_000);
  assert.throws(() => applyStrategicMergePatch({}, deep, podSchema), PatchError);
  assert.throws(() => applyStrategicMergePatch({ raw: deep }, { raw: deep }, podSchema), PatchError);
  assert.deepEqual(applyStrategicMergePatch({}, nest(900), podSchema), nest(900));
});

test('lists of tens of thousands of items are merged in proportion to their length', () => {
  const many = (prefix: string): { name: string }[] =>
    Array.from({ length: 20_000 }, (_, i) => ({ name: `${prefix}${i}` }));
  const original = { containers: many('a') };
  const patch = { '$setElementOrder/containers': [...many('b'), ...many('a')], containers: many('b') };
  const result = applyStrategicMergePatch(original, patch, podSchema) as typeof original;
  assert.equal(result.containers.length, 40_000);
  assert.equal(result.containers[0]?.name, 'b0');
});

test('a member named __proto__ is a member like any other', () => {
  const patch: unknown = JSON.parse('{"nodeSelector":{"__proto__":{"polluted":"x"}}}');
  const result = applyStrategicMergePatch({ nodeSelector: { a: 'b' } }, patch, podSchema);
  assert.deepEqual(Object.keys(result['nodeSelector'] as object), ['a', '__proto__']);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});
