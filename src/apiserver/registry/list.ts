import { badRequest, gone } from '../../machinery/status.ts';
import { CompactedError, keyOf } from '../../store/contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { decodeToken, encodeToken, expiredToken } from './continue-token.ts';
import { sendPage, type Page } from './list-response.ts';
import { parseListOptions, parseResourceVersion, type ListOptions } from './options.ts';
import type { ResourceRequest } from './request.ts';
import { selectionOf, type Selection } from './selection.ts';
import type { ListMetadata } from './table.ts';
import { revisionAt, revisionError, waitForRevision } from './time-travel.ts';

/** GET of a collection. */
export async function list(request: ResourceRequest): Promise<void> {
  const { exchange, definition, info } = request;
  const options = parseListOptions(exchange.query, false);
  const selection = selectionOf(definition, options.labelSelector, options.fieldSelector, info.name);
  const page = await readPage(request, options, selection);
  await sendPage(request, page);
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

/** Refuses what only deletion of a whole collection may not combine. */
export function refuseContinue(options: ListOptions): void {
  if (options.continueToken !== '') throw gone('a collection is deleted as a whole: continue has no meaning here');
}
