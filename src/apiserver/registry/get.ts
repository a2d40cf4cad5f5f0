import { badRequest, notFound } from '../../machinery/status.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { parseResourceVersion } from './options.ts';
import { requestKey, resourceOf, type ResourceRequest } from './request.ts';
import { sendObject } from './respond.ts';
import { revisionAt, revisionError, waitForRevision } from './time-travel.ts';

/** GET of an object: the newest state, or with `?at=` a past one. */
export async function get(request: ResourceRequest): Promise<void> {
  await sendObject(request, await readObject(request), 200);
}

/** The object that the path names, as the query asks for it. Throws 404. */
export async function readObject(request: ResourceRequest): Promise<CachedObject> {
  const { exchange, registry, info, cache } = request;
  const at = exchange.query.get('at');
  if (at !== null) return readPast(request, at);
  const wanted = parseResourceVersion(exchange.query.get('resourceVersion') ?? '');
  if (wanted !== undefined && wanted > registry.feed.revision) await waitForRevision(registry, wanted);
  if (!registry.feed.isCurrent) await registry.feed.catchUp();
  const object = cache.get(requestKey(request));
  if (object === undefined) throw notFound(resourceOf(request), info.name);
  return object;
}

async function readPast(request: ResourceRequest, at: string): Promise<CachedObject> {
  const { registry, info, cache } = request;
  if (at === '') throw badRequest('at needs a revision, a time or an age');
  const revision = await revisionAt(registry, at);
  const past = await registry.store
    .range({ key: requestKey(request), revision })
    .catch((error: unknown) => Promise.reject(revisionError(error, revision, registry.store.revision)));
  const [kv] = past.kvs;
  if (kv === undefined) throw notFound(resourceOf(request), info.name);
  return cache.read(kv);
}
