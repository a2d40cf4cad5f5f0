import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { arbitraryObject } from '../arbitrary.ts';
import { DecodeError } from '../decode.ts';
import { allSchemas } from '../schema.ts';
import type { ObjectSchema, TypeSchema } from '../schema.ts';
import { decodeProtobuf } from './decode.ts';
import { encodeProtobuf } from './encode.ts';
import { openEnvelope, readWatchEvent } from './envelope.ts';
import { hasProtobuf } from './fields.ts';
import { ProtobufError } from './protobuf-error.ts';

const schemas = allSchemas().filter((schema) => schema.fields.length > 0 && everyField(schema));

/** Kinds say what they are in their envelope, not in their message. */
function everyField(schema: ObjectSchema): boolean {
  return hasProtobuf(schema) && schema.fields.every((field) => field.protobuf !== undefined || isTypeMeta(field.name));
}

function isTypeMeta(name: string): boolean {
  return name === 'kind' || name === 'apiVersion';
}

/** What is left of an object in protobuf, which does not tell an empty list or map from none. */
function withoutEmpty(schema: ObjectSchema, object: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = object[field.name];
    if (field.protobuf === undefined || value === undefined) continue;
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    const { type } = field;
    if (isEmpty && (type.kind === 'map' || (type.kind === 'list' && !type.protobufMessage))) {
      out[field.name] = field.name === 'items' ? [] : null;
      continue;
    }
    const kept = ofType(type, value);
    // A pointer to nothing is no pointer.
    if (kept !== null || !field.pointer || !field.omitEmpty) out[field.name] = kept;
  }
  return out;
}

function ofType(type: TypeSchema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  switch (type.kind) {
    case 'object':
      return withoutEmpty(type.schema, value as Record<string, unknown>);
    case 'list':
      return (value as unknown[]).map((item) => ofType(type.of, item));
    case 'map':
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ofType(type.of, item)]));
    case 'schemaOrArray':
      if (Array.isArray(value)) {
        return value.length === 0 ? null : value.map((item) => withoutEmpty(type.schema, item));
      }
      return withoutEmpty(type.schema, value as Record<string, unknown>);
    case 'schemaOrBool':
      return withoutEmpty(type.schema, value as Record<string, unknown>);
    case 'schemaOrStringArray':
      return Array.isArray(value) ? value : withoutEmpty(type.schema, value as Record<string, unknown>);
    default:
      return value;
  }
}

for (const [name, options, numRuns] of [
  ['full', { density: 100, depth: 3 }, 1],
  ['sparse', {}, 2],
] as const) {
  test(`a ${name} object of any type comes back from protobuf as it was`, () => {
    for (const schema of schemas) {
      fc.assert(
        fc.property(arbitraryObject(schema, options), (object) => {
          const back = decodeProtobuf(schema, encodeProtobuf(schema, object));
          assert.equal(JSON.stringify(back), JSON.stringify(withoutEmpty(schema, object)), schema.name);
        }),
        { numRuns },
      );
    }
  });
}

/** Reads, or refuses with an error that says why; never anything else. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof ProtobufError || error instanceof DecodeError, String(error));
  }
}

test('any bytes are an object or a clear error', () => {
  fc.assert(
    fc.property(fc.constantFrom(...schemas), fc.uint8Array({ maxLength: 64 }), (schema, bytes) => {
      survives(() => decodeProtobuf(schema, bytes));
      survives(() => openEnvelope(Buffer.from(bytes)));
      survives(() => openEnvelope(Buffer.concat([Buffer.from('k8s\0'), bytes])));
      survives(() => readWatchEvent(Buffer.from(bytes)));
    }),
    { numRuns: 3000 },
  );
});

test('an object whose bytes were damaged is an object or a clear error', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  const damaged = fc
    .constantFrom(...schemas)
    .chain((schema) => fc.tuple(fc.constant(schema), arbitraryObject(schema, { depth: 3 }), damage, fc.nat()));
  fc.assert(
    fc.property(damaged, ([schema, object, changes, cut]) => {
      const bytes = encodeProtobuf(schema, object);
      if (bytes.length === 0) return;
      survives(() => decodeProtobuf(schema, bytes.subarray(0, cut % bytes.length)));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      survives(() => decodeProtobuf(schema, bytes));
    }),
    { numRuns: 2000 },
  );
});
