// Objects of every kind that is stored, all their fields set, on the way that the server sends them: JSON, store,
// protobuf, and each version that is served of what is stored.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { builtinCatalog } from '../../api/catalog.ts';
import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import { arbitraryObject } from '../../api/schema/arbitrary.ts';
import { decode } from '../../api/schema/decode.ts';
import { parseExactJson } from '../../api/schema/exact-json.ts';
import { decodeProtobuf } from '../../api/schema/protobuf/decode.ts';
import { encodeEnveloped, openEnvelope } from '../../api/schema/protobuf/envelope.ts';
import { hasProtobuf } from '../../api/schema/protobuf/fields.ts';
import { ObjectForm } from './object-bytes.ts';
import { apiVersionOf } from './request.ts';

const runs = 5;
const revision = 42;
/** Deep enough for a probe of a container of a Pod of a Deployment. */
const depth = 8;

const stored = builtinCatalog().definitions.filter(({ storage }) => storage !== undefined);

/** With every field set, unless something within says otherwise. */
function objectsOf(definition: ResourceDefinition, density = 100): fc.Arbitrary<KubernetesObject> {
  return arbitraryObject(definition.schema, { density, depth }).map((object) => {
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
    return {
      kind: definition.kind,
      apiVersion: apiVersionOf(definition),
      metadata: { ...(metadata as object), resourceVersion: String(revision) },
      ...rest,
    };
  });
}

function nameOf(definition: ResourceDefinition): string {
  return `${definition.kind} of ${apiVersionOf(definition)}`;
}

function formOf({ kind, storage }: ResourceDefinition): ObjectForm {
  assert.ok(storage);
  return new ObjectForm({ kind }, storage.group, storage.version);
}

/** Writes an object as a request does, and returns what is stored. */
function store(definition: ResourceDefinition, object: KubernetesObject): Buffer {
  const submitted = decode(definition.schema, parseExactJson(Buffer.from(JSON.stringify(object)))) as KubernetesObject;
  return formOf(definition).encode(definition.storage?.convert?.to(submitted) ?? submitted);
}

/** Reads stored bytes in the version of a definition. */
function load(definition: ResourceDefinition, bytes: Buffer): KubernetesObject {
  const object = formOf(definition).decode(bytes, revision);
  return definition.storage?.convert?.from(object) ?? object;
}

/**
 * JSON as two readers would compare it: protobuf does not tell empty lists, maps and pointers to nothing from none, and
 * its messages do not say their kind.
 */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => comparable(item) ?? null);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const isKind = 'metadata' in value;
  const members = Object.entries(value)
    .filter(([key]) => !isKind || (key !== 'kind' && key !== 'apiVersion'))
    .map(([key, member]) => [key, comparable(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

for (const definition of stored) {
  test(`${nameOf(definition)}: JSON, store, protobuf and back`, () => {
    fc.assert(
      fc.property(objectsOf(definition), (object) => {
        const bytes = store(definition, object);
        const read = load(definition, bytes);
        if (definition.storage?.convert === undefined) assert.deepEqual(read, object);
        if (!hasProtobuf(definition.schema)) return;
        const { kind, apiVersion } = object;
        assert.ok(kind && apiVersion);
        const envelope = openEnvelope(encodeEnveloped(definition.schema, { kind, apiVersion }, read));
        assert.deepEqual([envelope.kind, envelope.apiVersion], [kind, apiVersion]);
        const back = { kind, apiVersion, ...decodeProtobuf(definition.schema, envelope.raw) };
        assert.deepEqual(comparable(back), comparable(read));
        // What came in protobuf is stored as what came in JSON.
        assert.deepEqual(comparable(parseExactJson(store(definition, back))), comparable(parseExactJson(bytes)));
      }),
      { numRuns: runs },
    );
  });
}

/** Pairs of versions of the same stored objects. */
const pairs = stored.flatMap((written) =>
  stored
    .filter((other) => other !== written && other.storage?.prefix === written.storage?.prefix)
    .map((other) => [written, other] as const),
);

test('some kinds are served in several versions', () => {
  assert.deepEqual(
    pairs.map(([written, other]) => `${apiVersionOf(written)} ${apiVersionOf(other)}`),
    ['v1 events.k8s.io/v1', 'events.k8s.io/v1 v1', 'autoscaling/v2 autoscaling/v1', 'autoscaling/v1 autoscaling/v2'],
  );
});

// Conversion of metrics to autoscaling/v1 keeps what validation allows: convert.property.test.ts has those.
for (const [written, other] of pairs.filter(([{ group, version }]) => group !== 'autoscaling' || version !== 'v2')) {
  test(`${nameOf(written)}, read and written again in ${apiVersionOf(other)}, is as it was`, () => {
    fc.assert(
      fc.property(objectsOf(written, 60), (object) => {
        const first = load(written, store(written, object));
        const seen = load(other, store(written, object));
        assert.equal(seen.apiVersion, apiVersionOf(other));
        const again = load(written, store(other, seen));
        assert.deepEqual(comparable(again), comparable(first));
      }),
      { numRuns: 50 },
    );
  });
}
