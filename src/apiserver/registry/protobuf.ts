import { setImmediate } from 'node:timers/promises';
import type { ResourceDefinition } from '../../api/contract.ts';
import { knownSchema } from '../../api/known-schema.ts';
import { encodeProtobuf } from '../../api/schema/protobuf/encode.ts';
import { encodeEnveloped, envelopeList, type TypeMeta } from '../../api/schema/protobuf/envelope.ts';
import { hasProtobuf } from '../../api/schema/protobuf/fields.ts';
import { lookupType, type ObjectSchema } from '../../api/schema/schema.ts';
import type { Offer } from '../http/negotiation.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import { objectOf } from './convert.ts';
import { apiVersionOf } from './request.ts';

/** The type of a kind that this program sends. Throws when there is none, which is a mistake in it. */
export function schemaOf({ kind, apiVersion }: TypeMeta): ObjectSchema {
  const slash = apiVersion.indexOf('/');
  const schema = lookupType(apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1), kind);
  if (schema === undefined) throw new Error(`no schema for ${apiVersion} ${kind}`);
  return schema;
}

/** An object as the body of an answer. */
export function encodeTyped(object: TypeMeta): Buffer {
  return encodeEnveloped(schemaOf(object), object, object);
}

/** A stored object as the body of an answer, in the version of a definition. */
export function encodeStored(definition: ResourceDefinition, cache: ResourceCache, object: CachedObject): Buffer {
  const type = { kind: definition.kind, apiVersion: apiVersionOf(definition) };
  return encodeEnveloped(definition.schema, type, objectOf(definition, cache, object));
}

/** What can be asked for of a resource's objects. */
export function offerOf({ schema }: ResourceDefinition): Offer {
  return hasProtobuf(schema) ? offers.protobuf : offers.text;
}

/** What can be asked for of a stream of a resource's events. */
export function watchOfferOf({ schema }: ResourceDefinition): Offer {
  return hasProtobuf(schema) ? offers.protobufWatch : offers.textWatch;
}

const offers = {
  protobuf: { protobuf: true, watching: false },
  protobufWatch: { protobuf: true, watching: true },
  text: { protobuf: false, watching: false },
  textWatch: { protobuf: false, watching: true },
} as const;

const listMetaSchema = knownSchema('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta');

/** A list's items are encoded this many at a time, so that other requests get their turn. */
const itemsPerTurn = 200;

/** A list as the body of an answer: its items one by one, so that it never stands in memory as parsed objects. */
export async function encodeList(
  head: TypeMeta & { readonly metadata: object },
  itemSchema: ObjectSchema,
  objects: readonly CachedObject[],
  read: (object: CachedObject) => object,
): Promise<Buffer> {
  const items: Buffer[] = [];
  for (const object of objects) {
    items.push(encodeProtobuf(itemSchema, read(object)));
    if (items.length % itemsPerTurn === 0) await setImmediate();
  }
  return Buffer.concat(envelopeList(head, encodeProtobuf(listMetaSchema, head.metadata), items));
}
