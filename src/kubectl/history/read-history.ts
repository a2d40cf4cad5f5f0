import type { HistoryItem, ObjectHistory } from '../../api/history.ts';
import type { RestClient } from '../../client/rest.ts';
import { gitVersion } from '../../machinery/version.ts';

/** The server's own bound on a page. */
const maxPageSize = 500;

/**
 * The newest `limit` revisions of the object at `path` (0: all that are kept), read page by page. `metadata.continue`
 * stays when there are older ones.
 */
export async function readHistory(client: RestClient, path: string, limit: number): Promise<ObjectHistory> {
  const items: HistoryItem[] = [];
  let next: string | undefined;
  for (;;) {
    const pageSize = limit === 0 ? maxPageSize : Math.min(maxPageSize, limit - items.length);
    const page = await client.get<ObjectHistory>(path, { query: { history: true, limit: pageSize, continue: next } });
    // An API server that does not know the question answers with the object.
    if ((page.kind as string) !== 'ObjectHistory') throw noHistory();
    items.push(...page.items);
    next = page.metadata.continue;
    if (next === undefined || (limit > 0 && items.length >= limit)) return { ...page, items };
  }
}

/** Throws unless the server keeps history: another would answer `?at=` with the present, as if it were the past. */
export async function checkKeepsHistory(client: RestClient): Promise<void> {
  const version = await client.get<{ gitVersion?: string }>('/version');
  const [, build] = gitVersion.split('+');
  if (version.gitVersion?.endsWith(`+${build}`) !== true) throw noHistory();
}

function noHistory(): Error {
  return new Error('the server keeps no history: it is not the API server of kubets');
}
