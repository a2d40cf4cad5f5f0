import type { Revision, WatchEvent, WatchRequest } from '../contract.ts';
import { contains } from './key-index.ts';
import { RangeSet } from './range-set.ts';
import type { StoreWatch } from './watch.ts';
import { WatchGroup } from './watch-group.ts';

/** A revision's events, and the groups that hold some of them. */
interface RecentRevision {
  readonly revision: Revision;
  readonly events: readonly WatchEvent[];
  readonly bytes: number;
  groups: Set<WatchGroup>;
}

/** Most revisions interest nobody. Never changed. */
const noGroups = new Set<WatchGroup>();

export interface RecentLimits {
  /** Events kept in memory for watches that are a little behind. */
  readonly maxEvents: number;
  /** Of keys and values, previous ones included. */
  readonly maxBytes: number;
}

/** What a kept event costs besides its bytes: the objects it consists of. */
const eventOverheadBytes = 300;

/** The newest events, and who wants which of them. */
export class WatchHub {
  /** The newest revision that watches may see. */
  revision: Revision;
  readonly #limits: RecentLimits;
  readonly #groups = new Map<string, WatchGroup>();
  readonly #ranges = new RangeSet<WatchGroup>();
  #recent: RecentRevision[] = [];
  #head = 0;
  #events = 0;
  #bytes = 0;
  /** Every event from this revision on is in `#recent`. */
  #recentFrom: Revision;
  #touched: WatchGroup[] = [];

  constructor(revision: Revision, limits: RecentLimits) {
    this.revision = revision;
    this.#recentFrom = revision + 1;
    this.#limits = limits;
  }

  /** Finds or makes the group of a request, and fills it from `startRevision` on as far as memory reaches. */
  join(watch: StoreWatch, request: WatchRequest, startRevision: Revision): WatchGroup {
    const id = JSON.stringify([request.key, request.rangeEnd, request.prevKv === true, request.filters]);
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new WatchGroup(id, request, this.revision + 1);
      this.#groups.set(id, group);
      this.#ranges.add(group);
    }
    if (startRevision < group.coveredFrom) this.#fill(group);
    group.watches.add(watch);
    return group;
  }

  leave(watch: StoreWatch, group: WatchGroup): void {
    group.watches.delete(watch);
    if (group.watches.size > 0) return;
    this.#groups.delete(group.id);
    this.#ranges.delete(group);
  }

  #fill(group: WatchGroup): void {
    if (this.#recentFrom >= group.coveredFrom) return;
    const entries = [];
    for (let i = this.#head; i < this.#recent.length; i++) {
      const recent = this.#recent[i];
      if (recent === undefined || recent.revision >= group.coveredFrom) break;
      const events: WatchEvent[] = [];
      for (const event of recent.events) {
        const shaped = contains(group.range, event.kv.key) ? group.shape(event) : undefined;
        if (shaped !== undefined) events.push(shaped);
      }
      if (events.length === 0) continue;
      entries.push({ revision: recent.revision, events });
      if (recent.groups === noGroups) recent.groups = new Set();
      recent.groups.add(group);
    }
    group.prepend(entries, this.#recentFrom);
  }

  /** Takes the events of the next revision. Watches hear of them at `wake`. */
  append(revision: Revision, events: readonly WatchEvent[]): void {
    let bytes = 0;
    let groups = noGroups;
    for (const event of events) {
      bytes += eventOverheadBytes + event.kv.value.length + (event.prevKv?.value.length ?? 0);
      this.#ranges.forEachContaining(event.kv.key, (group) => {
        if (groups === noGroups) groups = new Set();
        groups.add(group);
      });
    }
    for (const group of groups) this.#appendTo(group, revision, events);
    this.revision = revision;
    this.#recent.push({ revision, events, bytes, groups });
    this.#events += events.length;
    this.#bytes += bytes;
  }

  #appendTo(group: WatchGroup, revision: Revision, events: readonly WatchEvent[]): void {
    const shaped: WatchEvent[] = [];
    for (const event of events) {
      const own = events.length === 1 || contains(group.range, event.kv.key) ? group.shape(event) : undefined;
      if (own !== undefined) shaped.push(own);
    }
    if (shaped.length === 0) return;
    group.append({ revision, events: shaped });
    if (group.isTouched) return;
    group.isTouched = true;
    this.#touched.push(group);
  }

  #trim(): void {
    while (this.#events > this.#limits.maxEvents || this.#bytes > this.#limits.maxBytes) {
      const oldest = this.#recent[this.#head];
      if (oldest === undefined) break;
      this.#head++;
      this.#events -= oldest.events.length;
      this.#bytes -= oldest.bytes;
      this.#recentFrom = oldest.revision + 1;
      for (const group of oldest.groups) group.dropThrough(oldest.revision);
    }
    if (this.#head > 64 && this.#head * 2 > this.#recent.length) {
      this.#recent = this.#recent.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Tells the watches of everything appended since the last call. */
  wake(): void {
    const touched = this.#touched;
    this.#touched = [];
    for (const group of touched) {
      group.isTouched = false;
      for (const watch of group.watches) watch.wake();
    }
    // Only now, so that a watch that keeps up finds everything in memory, however much came at once.
    this.#trim();
  }

  /** Ends every watch. */
  close(error: Error): void {
    for (const group of this.#groups.values()) for (const watch of group.watches) watch.fail(error);
    this.#groups.clear();
  }
}
