// Every default that a type declares is set, wherever an object of any kind has that type, and changes nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { builtinCatalog } from '../catalog.ts';
import { arbitraryObject } from './arbitrary.ts';
import { applyDeclaredDefaults } from './defaults.ts';
import type { FieldSchema, ObjectSchema, TypeSchema } from './schema.ts';

/** A zero value that is the default anyway changes nothing of a field that is no pointer. */
function changesNothing({ pointer, default: value }: FieldSchema): boolean {
  return value === undefined || (!pointer && (value === '' || value === 0 || value === false));
}

/** Go's zero value, where a field cannot tell it from none. */
function isUnset({ pointer }: FieldSchema, value: unknown): boolean {
  return value === undefined || value === null || (!pointer && (value === '' || value === 0 || value === false));
}

function assertObject(schema: ObjectSchema, before: unknown, after: unknown): void {
  const [old, now] = [before, after] as [Record<string, unknown>, Record<string, unknown>];
  for (const field of schema.fields) {
    const [was, is] = [old[field.name], now[field.name]];
    if (!changesNothing(field) && isUnset(field, was)) {
      assert.deepEqual(is, field.default, `${schema.name}.${field.name}`);
    } else assertValue(field.type, was, is, `${schema.name}.${field.name}`);
  }
  const known = (object: object): string[] => Object.keys(object).filter((key) => schema.field(key) === undefined);
  assert.deepEqual(known(now), known(old));
}

function assertValue(type: TypeSchema, before: unknown, after: unknown, name: string): void {
  if (type.kind === 'object' && before !== undefined && before !== null)
    return assertObject(type.schema, before, after);
  if ((type.kind === 'list' || type.kind === 'map') && before !== undefined && before !== null) {
    const [old, now] = [Object.entries(before), Object.entries(after ?? {})];
    assert.equal(now.length, old.length, name);
    for (const [i, [key, item]] of old.entries()) {
      assert.equal(now[i]?.[0], key, name);
      assertValue(type.of, item, now[i]?.[1], name);
    }
    return undefined;
  }
  return assert.deepEqual(after, before, name);
}

for (const { schema, kind, group, version } of builtinCatalog().definitions) {
  test(`declared defaults of ${kind} of ${group === '' ? version : `${group}/${version}`}`, () => {
    // Enough of each object that the structs with defaults are there, and not so much that nothing is left to set.
    for (const density of [85, 50]) {
      fc.assert(
        fc.property(arbitraryObject(schema, { density, depth: 9 }), (object) => {
          const before = structuredClone(object);
          applyDeclaredDefaults(schema, object);
          assertObject(schema, before, object);
        }),
        { numRuns: 3 },
      );
    }
  });
}

/** The types that a type is made of, itself included. */
function reachable(schema: ObjectSchema, into: Set<ObjectSchema>): Set<ObjectSchema> {
  if (into.has(schema)) return into;
  into.add(schema);
  for (const { type } of schema.fields) {
    let inner = type;
    while (inner.kind === 'list' || inner.kind === 'map') inner = inner.of;
    if (inner.kind === 'object') reachable(inner.schema, into);
  }
  return into;
}

test('every type with a default gets it, alone', () => {
  const types = new Set<ObjectSchema>();
  for (const { schema } of builtinCatalog().definitions) reachable(schema, types);
  let declared = 0;
  for (const schema of types) {
    const fields = schema.fields.filter((field) => !changesNothing(field));
    if (fields.length === 0) continue;
    const object: Record<string, unknown> = {};
    applyDeclaredDefaults(schema, object);
    assert.deepEqual(object, Object.fromEntries(fields.map((field) => [field.name, field.default])), schema.name);
    declared += fields.length;
  }
  assert.ok(declared > 20, `only ${declared} defaults were found`);
});
