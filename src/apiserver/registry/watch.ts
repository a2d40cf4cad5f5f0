import { expired, StatusError } from '../../machinery/status.ts';
import type { KubernetesObject } from '../../api/contract.ts';
import { negotiate, protobufType, type Representation } from '../http/negotiation.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { JsonEventEncoder, type EventEncoder, type ObjectEncoder } from '../watch/encoder.ts';
import { FirstThenRest } from '../watch/first-then-rest.ts';
import { ProtobufEventEncoder } from '../watch/protobuf-encoder.ts';
import { Watcher } from '../watch/watcher.ts';
import { encoderFor, objectOf } from './convert.ts';
import { parseListOptions, parseResourceVersion } from './options.ts';
import { schemaOf, watchOfferOf } from './protobuf.ts';
import { apiVersionOf, type ResourceRequest } from './request.ts';
import { selectionOf } from './selection.ts';
import { parseIncludeObject, partialMetadata, tableOf } from './table.ts';
import { waitForRevision } from './time-travel.ts';

/** Watches that the server ends at shutdown, so that their clients come back elsewhere. */
export class OpenWatches {
  readonly #open = new Set<Watcher>();
  readonly #recorderOf: (group: string, version: string, resource: string) => (bytes: number) => void;
  #isClosed = false;

  /** @param recorderOf What is to be told of each event that a watch of a resource sends. */
  constructor(recorderOf: (group: string, version: string, resource: string) => (bytes: number) => void) {
    this.#recorderOf = recorderOf;
  }

  recorderOf(group: string, version: string, resource: string): (bytes: number) => void {
    return this.#recorderOf(group, version, resource);
  }

  add(watcher: Watcher): void {
    this.#open.add(watcher);
    if (this.#isClosed) watcher.end();
  }

  remove(watcher: Watcher): void {
    this.#open.delete(watcher);
  }

  get count(): number {
    return this.#open.size;
  }

  endAll(): void {
    this.#isClosed = true;
    for (const watcher of this.#open) watcher.end();
  }
}

/** A watch of a collection or of one object. */
export async function watch(request: ResourceRequest, open: OpenWatches): Promise<void> {
  const { exchange, registry, cache, definition, info } = request;
  const options = parseListOptions(exchange.query, true);
  const representation = negotiate(exchange.header('accept'), watchOfferOf(definition));
  const selection = selectionOf(definition, options.labelSelector, options.fieldSelector, info.name);
  const wanted = parseResourceVersion(options.resourceVersion) ?? 0;
  const sendsInitial = options.sendInitialEvents ?? wanted === 0;
  const failure = await unavailable(request, wanted, sendsInitial);
  if (!registry.feed.isCurrent) await registry.feed.catchUp();
  const initial: CachedObject[] = [];
  if (sendsInitial) {
    const { from, to } = cache.rangeOf(info.namespace);
    cache.scan(from, to, (object) => {
      if (selection.matches(object)) initial.push(object);
      return true;
    });
  }
  const encoder = encoderOf(request, representation);
  const stream = exchange.respondStream(200, {
    'cache-control': 'no-cache, private',
    'content-type': encoder.contentType,
  });
  if (failure !== undefined) {
    stream.write(encoder.error(failure.toStatus()));
    stream.end();
    return;
  }
  const watcher: Watcher = new Watcher({
    cache,
    store: registry.store,
    clock: registry.clock,
    stream,
    encoder,
    namespace: info.namespace,
    matches: selection.matches,
    initial,
    revision: sendsInitial ? registry.feed.revision : wanted === 0 ? registry.feed.revision : wanted,
    // Who takes no bookmarks is not told by one, as upstream.
    marksInitialEnd: options.sendInitialEvents === true && options.allowWatchBookmarks,
    bookmarks: options.allowWatchBookmarks,
    timeoutMs: timeoutOf(request, options.timeoutSeconds),
    currentRevision: () => registry.feed.revision,
    onSent: open.recorderOf(definition.group, definition.version, definition.plural),
    onEnd: () => open.remove(watcher),
  });
  open.add(watcher);
  exchange.onClose(() => watcher.abandon());
  watcher.start();
}

/**
 * Why a watch cannot begin where it should: what is before that is no longer known, or initial events are to be newer
 * than anything there is. Upstream says so in the watch itself. A watch alone waits for what is to come.
 */
async function unavailable(
  { registry }: ResourceRequest,
  wanted: number,
  sendsInitial: boolean,
): Promise<StatusError | undefined> {
  if (!sendsInitial) {
    const { compactRevision } = registry.store.status();
    if (wanted === 0 || wanted >= compactRevision) return undefined;
    return expired(`too old resource version: ${wanted} (${compactRevision})`);
  }
  try {
    await waitForRevision(registry, wanted);
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** The client's own timeout, or one drawn so that the clients of a restarted server do not all come back at once. */
function timeoutOf({ registry }: ResourceRequest, timeoutSeconds: number | undefined): number {
  if (timeoutSeconds !== undefined && timeoutSeconds > 0) return timeoutSeconds * 1000;
  return registry.minRequestTimeoutMs * (1 + registry.random.float());
}

/** Encodes objects as tables of one row, or as metadata alone. */
class ViewEncoder implements ObjectEncoder {
  readonly key: string;
  readonly #view: (object: KubernetesObject, revision: number) => unknown;
  readonly #read: (object: CachedObject) => KubernetesObject;

  constructor(
    key: string,
    read: (object: CachedObject) => KubernetesObject,
    view: (object: KubernetesObject, revision: number) => unknown,
  ) {
    this.key = key;
    this.#read = read;
    this.#view = view;
  }

  encode(object: CachedObject): Buffer {
    return Buffer.from(JSON.stringify(this.#view(this.#read(object), object.revision)), 'utf8');
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): unknown {
    const metadata = { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) };
    return this.#view({ metadata }, revision);
  }
}

function encoderOf(request: ResourceRequest, representation: Representation): EventEncoder {
  if (representation.mediaType === protobufType) return protobufEncoderOf(request, representation);
  if (representation.as === 'Table') return tableEncoderOf(request, representation);
  return new JsonEventEncoder(jsonEncoderOf(request, representation));
}

function protobufEncoderOf(
  { definition, cache }: ResourceRequest,
  { as, asVersion }: Representation,
): ProtobufEventEncoder {
  const { schema, kind } = definition;
  const read = (object: CachedObject): object => objectOf(definition, cache, object);
  if (as === 'object') return new ProtobufEventEncoder({ schema, kind, apiVersion: apiVersionOf(definition), read });
  const partial = { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${asVersion}` };
  return new ProtobufEventEncoder({ ...partial, schema: schemaOf(partial), read });
}

function jsonEncoderOf({ definition, cache }: ResourceRequest, { as, asVersion }: Representation): ObjectEncoder {
  if (as === 'object') return encoderFor(definition, cache);
  const apiVersion = `meta.k8s.io/${asVersion}`;
  const read = (object: CachedObject): KubernetesObject => objectOf(definition, cache, object);
  return new ViewEncoder(`${as}/${asVersion}`, read, (object) => partialMetadata(object, apiVersion));
}

function tableEncoderOf(
  { definition, cache, exchange, registry }: ResourceRequest,
  { asVersion }: Representation,
): EventEncoder {
  const apiVersion = `meta.k8s.io/${asVersion}`;
  const includeObject = parseIncludeObject(exchange.query);
  const read = (object: CachedObject): KubernetesObject => objectOf(definition, cache, object);
  const encoder = (noHeaders: boolean): EventEncoder => {
    const key = `Table/${asVersion}/${includeObject}/${definition.version}/${noHeaders ? 'rows' : 'all'}`;
    const view = (object: KubernetesObject, revision: number): unknown => {
      const options = { apiVersion, nowMs: registry.clock.now(), includeObject, noHeaders };
      return tableOf(definition, [object], { resourceVersion: String(revision) }, options);
    };
    return new JsonEventEncoder(new ViewEncoder(key, read, view));
  };
  return new FirstThenRest(encoder(false), encoder(true));
}
