import type { RequestInfo } from '../contract.ts';

/** How many watches would be told of a write: what it costs beyond its own answer. */
export class WatchTracker {
  /** By `group/resource`, then by `namespace/name`, either of which may be missing. */
  readonly #counts = new Map<string, Map<string, number>>();

  /** Counts a watch until what this returns is called. */
  add({ apiGroup, resource, namespace, name }: RequestInfo): () => void {
    const kind = `${apiGroup}/${resource}`;
    const place = `${namespace}/${name}`;
    const counts = this.#counts.get(kind) ?? new Map<string, number>();
    this.#counts.set(kind, counts);
    counts.set(place, (counts.get(place) ?? 0) + 1);
    return () => {
      const left = (counts.get(place) ?? 0) - 1;
      if (left > 0) counts.set(place, left);
      else counts.delete(place);
      if (counts.size === 0 && this.#counts.get(kind) === counts) this.#counts.delete(kind);
    };
  }

  /** The watches of an object, of its namespace's collection, and of all. */
  interestedIn({ apiGroup, resource, namespace, name }: RequestInfo): number {
    const counts = this.#counts.get(`${apiGroup}/${resource}`);
    if (counts === undefined) return 0;
    let count = counts.get('/') ?? 0;
    if (name !== '') count += counts.get(`/${name}`) ?? 0;
    if (namespace === '') return count;
    count += counts.get(`${namespace}/`) ?? 0;
    return name === '' ? count : count + (counts.get(`${namespace}/${name}`) ?? 0);
  }
}
