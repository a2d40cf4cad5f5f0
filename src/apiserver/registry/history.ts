import type { HistoryItem, ObjectHistory } from '../../api/history.ts';
import { notFound, badRequest } from '../../machinery/status.ts';
import { formatMicroTime } from '../../machinery/time.ts';
import { differences } from './differences.ts';
import { objectOf } from './convert.ts';
import { provenanceOf } from './provenance.ts';
import { requestKey, resourceOf, type ResourceRequest } from './request.ts';
import { sendJson } from './respond.ts';

const defaultLimit = 50;
const maxLimit = 500;

/**
 * GET of an object with `?history`: its revisions, who made them and what each changed, as far back as history is
 * kept, whether the object still exists or not. `limit`, `continue` page through it.
 */
export async function history(request: ResourceRequest): Promise<void> {
  const { exchange, registry, definition, cache, info } = request;
  const { query } = exchange;
  const limit = Math.min(Number(query.get('limit') ?? defaultLimit), maxLimit);
  if (!Number.isInteger(limit) || limit < 1) throw badRequest(`limit must be a number from 1 to ${maxLimit}`);
  const before = query.get('continue');
  if (before !== null && !/^\d{1,15}$/.test(before)) throw badRequest('continue must be what the previous page said');
  const key = requestKey(request);
  const entries = await registry.store.history({
    key,
    // One more than shown: the oldest one's changes are told against the one before it.
    limit: limit + 1,
    ...(before === null ? {} : { before: Number(before) }),
  });
  if (entries.length === 0) throw notFound(resourceOf(request), info.name);
  const items: HistoryItem[] = [];
  for (const [i, entry] of entries.slice(0, limit).entries()) {
    const previous = entries[i + 1];
    const provenance = provenanceOf(entry.note);
    const now = entry.type === 'put' ? objectOf(definition, cache, cache.read(entry.kv)) : undefined;
    const then = previous?.type === 'put' ? objectOf(definition, cache, cache.read(previous.kv)) : undefined;
    const isNew = entry.type === 'put' && entry.kv.version === 1;
    items.push({
      revision: String(entry.revision),
      time: formatMicroTime(entry.timeMs),
      type: entry.type === 'delete' ? 'deleted' : isNew ? 'created' : 'changed',
      ...(provenance === undefined ? {} : { provenance }),
      // A revision whose predecessor is compacted cannot say what it changed.
      changes: now !== undefined && then !== undefined ? differences(then, now) : [],
    });
  }
  const last = items.at(-1);
  const answer: ObjectHistory = {
    kind: 'ObjectHistory',
    apiVersion: 'history.kubets.dev/v1',
    metadata: {
      name: info.name,
      ...(info.namespace === '' ? {} : { namespace: info.namespace }),
      ...(entries.length > limit && last !== undefined ? { continue: last.revision } : {}),
    },
    oldestRevision: String(registry.store.status().compactRevision),
    items,
  };
  await sendJson(exchange, 200, answer);
}
