import type { Client } from '../../client/client.ts';
import { discover, type ServedResource } from '../../client/discovery.ts';

/** The resources whose objects a namespace holds: of each kind one version, as the server prefers it. */
export async function deletableResources({ rest }: Client): Promise<readonly ServedResource[]> {
  const chosen = new Map<string, ServedResource>();
  for (const resource of await discover(rest)) {
    if (!resource.namespaced || !resource.verbs.includes('delete')) continue;
    const key = `${resource.group}/${resource.plural}`;
    if (!chosen.has(key)) chosen.set(key, resource);
  }
  return [...chosen.values()];
}
