import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { arbitraryObject } from './arbitrary.ts';
import { decode, DecodeError } from './decode.ts';
import { applyDeclaredDefaults } from './defaults.ts';
import { parseJson } from './json.ts';
import { allSchemas } from './schema.ts';

const schemas = allSchemas({ config: true });
const limits = { depth: 1000 };

/** Members in another order all the way down, as a client that sorts or a map without order would send them. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, child]) => [key, reversed(child)] as const)
      .reverse(),
  );
}

// Every struct has its turn as the root, so that a full object need not be deep.
for (const [name, options, numRuns] of [
  ['full', { density: 100, depth: 3 }, 1],
  ['sparse', {}, 2],
] as const) {
  test(`a ${name} object of any type comes out of decoding as it went in, and always in Go's order`, () => {
    for (const schema of schemas) {
      const unknown = (path: string): void => assert.fail(`${schema.name} does not know ${path}`);
      const objects = arbitraryObject(schema, options);
      fc.assert(
        fc.property(objects, (object) => {
          const text = JSON.stringify(object);
          const parsed = parseJson(Buffer.from(text), limits);
          assert.deepEqual(parsed.duplicates(), []);
          assert.equal(JSON.stringify(decode(schema, parsed.value, { unknownFields: unknown })), text, schema.name);
          const shuffled = JSON.parse(JSON.stringify(reversed(object)));
          assert.equal(JSON.stringify(decode(schema, shuffled)), text, schema.name);
        }),
        { numRuns },
      );
    }
  });
}

test('decoding takes any JSON whatever: an object that decodes to itself, or a DecodeError', () => {
  for (const schema of schemas.filter(({ isKind }) => isKind)) {
    fc.assert(
      fc.property(fc.jsonValue(), arbitraryObject(schema), fc.nat(), (junk, object, at) => {
        const keys = Object.keys(object);
        const key = keys[at % Math.max(keys.length, 1)] ?? 'kind';
        for (const raw of [junk, { ...object, [key]: junk }]) {
          let decoded: Record<string, unknown>;
          try {
            decoded = decode(schema, JSON.parse(JSON.stringify(raw)));
          } catch (error) {
            assert.ok(error instanceof DecodeError, String(error));
            continue;
          }
          const text = JSON.stringify(decoded);
          assert.equal(JSON.stringify(decode(schema, JSON.parse(text))), text);
        }
      }),
      { numRuns: 5 },
    );
  }
});

test('setting declared defaults twice sets them once, and leaves an object that decodes to itself', () => {
  for (const schema of schemas.filter(({ isKind }) => isKind)) {
    fc.assert(
      fc.property(arbitraryObject(schema), (object) => {
        applyDeclaredDefaults(schema, object);
        const once = decode(schema, object);
        assert.deepEqual(once, JSON.parse(JSON.stringify(object)));
        applyDeclaredDefaults(schema, once);
        assert.deepEqual(once, JSON.parse(JSON.stringify(object)));
      }),
      { numRuns: 2 },
    );
  }
});
