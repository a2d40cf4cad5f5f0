import type { KeyRange, Revision, WatchEvent, WatchRequest } from '../contract.ts';
import type { StoreWatch } from './watch.ts';

/** The events of one revision that a group's watches want. */
export interface GroupEntry {
  readonly revision: Revision;
  readonly events: readonly WatchEvent[];
}

/**
 * Watches that ask for the same thing share what is kept for them: a hundred watches on one prefix cost one filter and
 * one list of events.
 */
export class WatchGroup {
  /** The same for every request that asks for the same. */
  readonly id: string;
  readonly range: KeyRange;
  readonly watches = new Set<StoreWatch>();
  /** Every event that the group wants from this revision on is in memory. */
  coveredFrom: Revision;
  /** Marks that the group is already in the list of those to wake. */
  isTouched = false;
  readonly #withPrevious: boolean;
  readonly #withPuts: boolean;
  readonly #withDeletes: boolean;
  #entries: GroupEntry[] = [];
  /** Where the oldest entry stands in `#entries`: those before it were dropped. */
  #head = 0;

  constructor(id: string, request: WatchRequest, coveredFrom: Revision) {
    this.id = id;
    this.range =
      request.rangeEnd === undefined ? { key: request.key } : { key: request.key, rangeEnd: request.rangeEnd };
    this.coveredFrom = coveredFrom;
    this.#withPrevious = request.prevKv === true;
    this.#withPuts = request.filters?.includes('noput') !== true;
    this.#withDeletes = request.filters?.includes('nodelete') !== true;
  }

  /** The event in the form the group wants it; undefined when it does not. The key is known to be in the range. */
  shape(event: WatchEvent): WatchEvent | undefined {
    if (event.type === 'put' ? !this.#withPuts : !this.#withDeletes) return undefined;
    return this.#withPrevious || event.prevKv === undefined ? event : { type: event.type, kv: event.kv };
  }

  get wantsPrevious(): boolean {
    return this.#withPrevious;
  }

  append(entry: GroupEntry): void {
    this.#entries.push(entry);
  }

  /** Puts entries that are older than all others in front. */
  prepend(entries: readonly GroupEntry[], coveredFrom: Revision): void {
    this.#entries = [...entries, ...this.#entries.slice(this.#head)];
    this.#head = 0;
    this.coveredFrom = coveredFrom;
  }

  /** Drops entries up to and including `revision`. */
  dropThrough(revision: Revision): void {
    for (let entry = this.#entries[this.#head]; entry !== undefined; entry = this.#entries[this.#head]) {
      if (entry.revision > revision) break;
      this.coveredFrom = entry.revision + 1;
      this.#head++;
    }
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The entries from a revision on, oldest first, until about `maxEvents` events. */
  entriesFrom(revision: Revision, maxEvents: number): { entries: readonly GroupEntry[]; isLast: boolean } {
    const all = this.#entries;
    // Watches are mostly at the end: look there first.
    let start = all.length;
    if ((all[start - 1]?.revision ?? 0) >= revision) {
      let low = this.#head;
      while (low < start) {
        const middle = (low + start) >> 1;
        if ((all[middle]?.revision ?? 0) < revision) low = middle + 1;
        else start = middle;
      }
    }
    let end = start;
    for (let events = 0; end < all.length && events < maxEvents; end++) events += all[end]?.events.length ?? 0;
    return { entries: all.slice(Math.max(start, this.#head), end), isLast: end === all.length };
  }
}
