import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Pod } from '../api/types/core.v1.ts';
import { Indexer, namespaceIndex, orphanIndex, ownerIndex } from './indexer.ts';
import { keyOf } from './resource.ts';

function pod(namespace: string, name: string, node: string, owner?: string): Pod {
  const ownerReferences =
    owner === undefined
      ? []
      : [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }];
  return { metadata: { namespace, name, ownerReferences }, spec: { containers: [], nodeName: node } };
}

const letter = fc.constantFrom('a', 'b', 'c');
const step = fc.record({
  isSet: fc.boolean(),
  namespace: letter,
  name: letter,
  node: letter,
  owner: fc.option(letter),
});

test('an index answers as a search through all objects does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const indexer = new Indexer<Pod>({ node: ({ spec }) => [spec.nodeName ?? ''] });
      const model = new Map<string, Pod>();
      for (const { isSet, namespace, name, node, owner } of steps) {
        const object = pod(namespace, name, node, owner ?? undefined);
        const key = keyOf(object);
        assert.equal(isSet ? indexer.set(object) : indexer.delete(key), model.get(key));
        if (isSet) model.set(key, object);
        else model.delete(key);
      }
      const all = [...model.values()];
      assert.equal(indexer.size, model.size);
      for (const value of ['a', 'b', 'c']) {
        const found = (index: string): Set<Pod> => new Set(indexer.byIndex(index, value));
        assert.deepEqual(found(namespaceIndex), new Set(all.filter(({ metadata }) => metadata.namespace === value)));
        assert.deepEqual(found('node'), new Set(all.filter(({ spec }) => spec.nodeName === value)));
        assert.deepEqual(
          found(ownerIndex),
          new Set(all.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === value)),
        );
        assert.deepEqual(
          found(orphanIndex),
          new Set(
            all.filter(
              ({ metadata: { namespace, ownerReferences } }) => namespace === value && ownerReferences?.length === 0,
            ),
          ),
        );
      }
    }),
  );
});

test('an index that was never given is an error', () => {
  assert.throws(() => new Indexer<Pod>().byIndex('node', 'a'), /there is no index "node"/);
});

test('an index that comes late knows the objects that were there', () => {
  const indexer = new Indexer<Pod>();
  const object = pod('a', 'b', 'n');
  indexer.set(object);
  indexer.addIndex('node', ({ spec }) => [spec.nodeName ?? '']);
  assert.deepEqual(indexer.byIndex('node', 'n'), [object]);
});
