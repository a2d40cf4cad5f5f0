import type { KubernetesObject } from '../../api/contract.ts';
import { knownSchema } from '../../api/known-schema.ts';
import { negotiate, protobufType, type Representation } from '../http/negotiation.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { objectOf } from './convert.ts';
import { encodeList, offerOf } from './protobuf.ts';
import { apiVersionOf, type ResourceRequest } from './request.ts';
import { sendBytes, sendTyped } from './respond.ts';
import { sendStoredList } from './stored-list.ts';
import { parseIncludeObject, partialMetadata, tableOf, type ListMetadata } from './table.ts';

/** One page of a list. */
export interface Page {
  readonly objects: readonly CachedObject[];
  readonly metadata: ListMetadata;
}

/** Sends a page in the representation that the client asks for. */
export async function sendPage(request: ResourceRequest, page: Page): Promise<void> {
  const { exchange, definition } = request;
  const representation = negotiate(exchange.header('accept'), offerOf(definition));
  if (representation.mediaType === protobufType) {
    await sendBytes(exchange, 200, protobufType, await protobufPage(request, page, representation));
  } else if (representation.as === 'object') await sendObjects(request, page, representation.mediaType);
  else await sendView(request, page, representation);
}

async function sendObjects(
  { exchange, definition, cache }: ResourceRequest,
  { objects, metadata }: Page,
  mediaType: Representation['mediaType'],
): Promise<void> {
  const head = { kind: definition.listKind, apiVersion: apiVersionOf(definition), metadata };
  if (definition.storage?.convert !== undefined || mediaType !== 'application/json' || isPretty(exchange)) {
    const items = objects.map((object) => withoutType(objectOf(definition, cache, object)));
    await sendTyped(exchange, 200, { ...head, items }, mediaType);
  } else await sendStoredList(exchange, { form: cache.form, head, objects });
}

async function sendView(request: ResourceRequest, page: Page, representation: Representation): Promise<void> {
  const { exchange, definition, cache, registry } = request;
  const apiVersion = `meta.k8s.io/${representation.asVersion}`;
  const objects = page.objects.map((object) => objectOf(definition, cache, object));
  const answer =
    representation.as === 'Table'
      ? tableOf(definition, objects, page.metadata, {
          apiVersion,
          nowMs: registry.clock.now(),
          includeObject: parseIncludeObject(exchange.query),
        })
      : {
          kind: 'PartialObjectMetadataList',
          apiVersion,
          metadata: page.metadata,
          items: objects.map((object) => partialMetadata(object, apiVersion)),
        };
  await sendTyped(exchange, 200, answer, representation.mediaType);
}

const partialSchema = knownSchema('io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata');

function protobufPage(
  { definition, cache }: ResourceRequest,
  { objects, metadata }: Page,
  { as, asVersion }: Representation,
): Promise<Buffer> {
  const read = (object: CachedObject): KubernetesObject => objectOf(definition, cache, object);
  if (as === 'object') {
    const head = { kind: definition.listKind, apiVersion: apiVersionOf(definition), metadata };
    return encodeList(head, definition.schema, objects, read);
  }
  const head = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${asVersion}`, metadata };
  return encodeList(head, partialSchema, objects, read);
}

function isPretty(exchange: ResourceRequest['exchange']): boolean {
  return exchange.query.has('pretty') || /^(?:curl|Wget|Mozilla\/5\.0)/.test(exchange.header('user-agent') ?? '');
}

function withoutType<T extends object>(object: T): Omit<T, 'kind' | 'apiVersion'> {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object as T & { kind?: string; apiVersion?: string };
  return rest as Omit<T, 'kind' | 'apiVersion'>;
}
