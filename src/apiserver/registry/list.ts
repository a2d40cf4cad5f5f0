import { badRequest, expired, gone } from '../../machinery/status.ts';
import { CompactedError, keyOf, textOf } from '../../store/contract.ts';
import { negotiate } from '../http/negotiation.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { objectOf } from './convert.ts';
import { parseListOptions, parseResourceVersion, type ListOptions } from './options.ts';
import { apiVersionOf, type ResourceRequest } from './request.ts';
import { sendJsonBytes } from './respond.ts';
import { selectionOf, type Selection } from './selection.ts';
import { sendStoredList } from './stored-list.ts';
import { partialMetadata, tableOf, type ListMetadata } from './table.ts';
import { revisionAt, revisionError, waitForRevision } from './time-travel.ts';

/** One page of a list. */
export interface Page {
  readonly objects: readonly CachedObject[];
  readonly metadata: ListMetadata;
}

/** GET of a collection. */
export async function list(request: ResourceRequest): Promise<void> {
  const { exchange, definition, info } = request;
  const options = parseListOptions(exchange.query, false);
  const selection = selectionOf(definition, options.labelSelector, options.fieldSelector, info.name);
  const page = await readPage(request, options, selection);
  await sendPage(request, page);
}

/** Where a paginated list goes on: upstream's token, readable by nobody but the server. */
interface ContinueToken {
  readonly v: 'meta.k8s.io/v1';
  /** The revision of the first page; -1: the newest, because the first page's is no longer there. */
  readonly rv: number;
  /** The key after which to go on, without the resource's prefix. */
  readonly start: string;
}

function encodeToken(revision: number, key: string): string {
  const token: ContinueToken = { v: 'meta.k8s.io/v1', rv: revision, start: textOf(key) };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function decodeToken(text: string): ContinueToken {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Partial<ContinueToken>;
    if (token.v !== 'meta.k8s.io/v1') throw new Error(`its version is ${String(token.v)}`);
    const { rv, start } = token;
    if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv < -1 || rv === 0)
      throw new Error('its revision is not valid');
    if (typeof start !== 'string' || start === '' || start.includes('../')) throw new Error('its key is not valid');
    return { v: token.v, rv, start };
  } catch (error) {
    throw badRequest(`continue key is not valid: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** Reads the page that the options ask for. Throws 400, 410, 504. */
export async function readPage(request: ResourceRequest, options: ListOptions, selection: Selection): Promise<Page> {
  const { registry, cache, info, exchange } = request;
  const { feed } = registry;
  const at = exchange.query.get('at');
  const { from: rangeStart, to } = cache.rangeOf(info.namespace);
  let from = rangeStart;
  /** The revision to read at; undefined: the newest. */
  let exact: number | undefined;
  const wanted = parseResourceVersion(options.resourceVersion);
  if (options.continueToken !== '') {
    if (wanted !== undefined && wanted !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const token = decodeToken(options.continueToken);
    from = `${cache.prefix}${keyOf(token.start)}\0`;
    if (from < rangeStart || from > to) throw badRequest('continue key is not valid: it is of another list');
    exact = token.rv === -1 ? undefined : token.rv;
  } else if (at !== null) {
    exact = await revisionAt(registry, at);
  } else if (wanted !== undefined && wanted > 0) {
    if (wanted > feed.revision) await waitForRevision(registry, wanted);
    // A limit without a match means exactly this version, as it did before there were matches.
    if (options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && options.limit > 0))
      exact = wanted;
  }
  if (!feed.isCurrent) await feed.catchUp();
  if (exact === undefined || exact >= cache.changedRevision) {
    const revision = exact ?? feed.revision;
    return pageOfCache(request, from, to, options, selection, revision);
  }
  return pageOfHistory(request, from, to, options, selection, exact);
}

function pageOfCache(
  { cache }: ResourceRequest,
  from: string,
  to: string,
  { limit }: ListOptions,
  selection: Selection,
  revision: number,
): Page {
  const objects: CachedObject[] = [];
  let left = 0;
  let hasMore = false;
  cache.scan(from, to, (object) => {
    if (!selection.matches(object)) return true;
    if (limit === 0 || objects.length < limit) {
      objects.push(object);
      return true;
    }
    hasMore = true;
    left++;
    // The rest is counted only where the count is told: a selector's clients are not.
    return selection.isEverything;
  });
  return {
    objects,
    metadata: metadataOf(revision, objects, cache.prefix, hasMore, selection.isEverything ? left : undefined),
  };
}

function metadataOf(
  revision: number,
  objects: readonly CachedObject[],
  prefix: string,
  hasMore: boolean,
  remaining: number | undefined,
): ListMetadata {
  const last = objects.at(-1);
  if (!hasMore || last === undefined) return { resourceVersion: String(revision) };
  return {
    resourceVersion: String(revision),
    continue: encodeToken(revision, last.key.slice(prefix.length)),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
}

/** Keys read from history at a time when a selector leaves most of them out. */
const historyPageSize = 1000;

async function pageOfHistory(
  { registry, cache }: ResourceRequest,
  from: string,
  to: string,
  { limit, continueToken }: ListOptions,
  selection: Selection,
  revision: number,
): Promise<Page> {
  const objects: CachedObject[] = [];
  let key = from;
  for (;;) {
    const page = await registry.store
      .range({ key, rangeEnd: to, revision, limit: historyPageSize })
      .catch((error: unknown) => {
        if (error instanceof CompactedError && continueToken !== '') {
          throw expiredToken(decodeToken(continueToken).start);
        }
        throw revisionError(error, revision, registry.store.revision);
      });
    for (const [i, kv] of page.kvs.entries()) {
      const object = cache.read(kv);
      if (!selection.matches(object)) continue;
      if (limit > 0 && objects.length === limit) {
        const left = selection.isEverything ? page.count - i : undefined;
        return { objects, metadata: metadataOf(revision, objects, cache.prefix, true, left) };
      }
      objects.push(object);
    }
    const last = page.kvs.at(-1);
    if (!page.more || last === undefined)
      return { objects, metadata: metadataOf(revision, objects, cache.prefix, false, undefined) };
    key = `${last.key}\0`;
  }
}

function expiredToken(start: string): Error {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
    'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
    'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
    'deleted between the time the first chunk was returned and now may show up in the list.';
  const token: ContinueToken = { v: 'meta.k8s.io/v1', rv: -1, start };
  return expired(message, Buffer.from(JSON.stringify(token)).toString('base64url'));
}

/** Sends a page in the representation that the client asks for. */
async function sendPage(request: ResourceRequest, page: Page): Promise<void> {
  const { exchange, definition, cache, registry } = request;
  const representation = negotiate(exchange.header('accept'));
  if (representation.as === 'object') {
    if (
      definition.storage?.convert !== undefined ||
      representation.mediaType !== 'application/json' ||
      isPretty(exchange)
    ) {
      const items = page.objects.map((object) => withoutType(objectOf(definition, cache, object)));
      const whole = { kind: definition.listKind, apiVersion: apiVersionOf(definition), metadata: page.metadata, items };
      await sendJsonBytes(exchange, 200, Buffer.from(JSON.stringify(whole), 'utf8'), representation.mediaType);
      return;
    }
    await sendStoredList(exchange, {
      form: cache.form,
      head: { kind: definition.listKind, apiVersion: apiVersionOf(definition), metadata: page.metadata },
      objects: page.objects,
    });
    return;
  }
  const apiVersion = `meta.k8s.io/${representation.asVersion}`;
  const objects = page.objects.map((object) => objectOf(definition, cache, object));
  const answer =
    representation.as === 'Table'
      ? tableOf(definition, objects, page.metadata, {
          apiVersion,
          nowMs: registry.clock.now(),
          includeObject: exchange.query.get('includeObject') ?? 'Metadata',
        })
      : {
          kind: 'PartialObjectMetadataList',
          apiVersion,
          metadata: page.metadata,
          items: objects.map((object) => partialMetadata(object, apiVersion)),
        };
  await sendJsonBytes(exchange, 200, Buffer.from(JSON.stringify(answer), 'utf8'), representation.mediaType);
}

function isPretty(exchange: ResourceRequest['exchange']): boolean {
  return exchange.query.has('pretty') || /^(?:curl|Wget|Mozilla\/5\.0)/.test(exchange.header('user-agent') ?? '');
}

function withoutType<T extends object>(object: T): Omit<T, 'kind' | 'apiVersion'> {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object as T & { kind?: string; apiVersion?: string };
  return rest as Omit<T, 'kind' | 'apiVersion'>;
}

/** Refuses what only deletion of a whole collection may not combine. */
export function refuseContinue(options: ListOptions): void {
  if (options.continueToken !== '') throw gone('a collection is deleted as a whole: continue has no meaning here');
}
