import type { ResourceCatalog, ResourceDefinition } from '../api/contract.ts';
import { keyOf, prefixEnd, type Store } from '../store/contract.ts';
import type { Registry } from './registry/registry.ts';

export interface ResourceCount {
  readonly group: string;
  readonly resource: string;
  /** -1: it could not be counted. */
  readonly count: number;
}

/** How many objects of each resource are stored. Those that nobody has asked for yet are counted, but not read. */
export async function countStored(
  store: Store,
  catalog: ResourceCatalog,
  registry: Registry,
): Promise<readonly ResourceCount[]> {
  const known = new Map<string, number>();
  for (const { prefix, size, isLoaded } of registry.caches()) if (isLoaded) known.set(prefix, size);
  const stored = catalog.definitions.filter(({ storage }) => storage !== undefined && storage.convert === undefined);
  return Promise.all(
    stored.map(async ({ group, plural, storage }: ResourceDefinition) => {
      const prefix = keyOf(`/registry/${storage?.prefix ?? plural}/`);
      const count = known.get(prefix) ?? (await countKeys(store, prefix));
      return { group, resource: plural, count };
    }),
  );
}

async function countKeys(store: Store, prefix: string): Promise<number> {
  try {
    return (await store.range({ key: prefix, rangeEnd: prefixEnd(prefix), countOnly: true })).count;
  } catch {
    // What upstream shows when it cannot count; the scrape goes on without.
    return -1;
  }
}
