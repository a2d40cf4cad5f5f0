import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ObjectForm } from './object-bytes.ts';

const form = new ObjectForm({ kind: 'Pod' }, '', 'v1');
const grouped = new ObjectForm({ kind: 'Deployment' }, 'apps', 'v1');

const anyObject = fc.record({
  metadata: fc.record({ name: fc.string(), uid: fc.uuid(), annotations: fc.dictionary(fc.string(), fc.string()) }),
  spec: fc.jsonValue(),
});

test('stored bytes with their version are the object', () => {
  fc.assert(
    fc.property(anyObject, fc.nat(), (object, revision) => {
      const value = form.encode(object);
      assert.ok(form.isOf(value));
      const expected = JSON.parse(
        JSON.stringify({
          kind: 'Pod',
          apiVersion: 'v1',
          ...object,
          // What is not stored has no version.
          metadata: { ...object.metadata, ...(revision === 0 ? {} : { resourceVersion: String(revision) }) },
        }),
      );
      assert.deepEqual(JSON.parse(form.withVersion(value, revision).toString()), expected);
      assert.deepEqual(JSON.parse(JSON.stringify(form.decode(value, revision))), expected);
    }),
  );
});

test('an item of a list has no kind and fits its bound', () => {
  fc.assert(
    fc.property(anyObject, fc.maxSafeNat(), (object, revision) => {
      const value = grouped.encode(object);
      const target = Buffer.alloc(grouped.itemBound(value));
      const end = grouped.writeItem(target, 0, value, revision);
      const item = JSON.parse(target.subarray(0, end).toString());
      assert.deepEqual(
        item,
        JSON.parse(JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } })),
      );
    }),
  );
});

test('an old version in the object is not stored, and the object is left as it was', () => {
  const object = { kind: 'X', apiVersion: 'y', metadata: { name: 'a', resourceVersion: '5' }, spec: undefined };
  const value = form.encode(object);
  assert.equal(value.toString(), '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}');
  assert.deepEqual(object, {
    kind: 'X',
    apiVersion: 'y',
    metadata: { name: 'a', resourceVersion: '5' },
    spec: undefined,
  });
});

test('bytes of other programs are told apart', () => {
  assert.equal(form.isOf(Buffer.from('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}')), false);
  assert.equal(form.isOf(Buffer.from('')), false);
});
