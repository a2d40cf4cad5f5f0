import { CompactedError, maxBatchEvents } from '../contract.ts';
import type { Revision, Watch, WatchBatch, WatchEvent, WatchRequest } from '../contract.ts';
import type { WatchGroup } from './watch-group.ts';
import type { WatchHub } from './watch-hub.ts';

/** A piece of history, read from the log. */
export interface HistorySlice {
  readonly events: WatchEvent[];
  /** Everything the watch wants up to and including this revision is in `events`. */
  readonly through: Revision;
}

export interface HistoryReader {
  readonly compactRevision: Revision;
  /** Reads a bounded piece of history from a revision on. */
  slice(group: WatchGroup, from: Revision): HistorySlice;
}

interface Waiting {
  readonly resolve: (batch: WatchBatch | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** A cursor over history. It holds no events of its own. */
export class StoreWatch implements Watch {
  readonly #hub: WatchHub;
  readonly #history: HistoryReader;
  readonly #group: WatchGroup;
  /** The next revision to deliver. */
  #next: Revision;
  #waiting: Waiting | undefined;
  #listener: (() => void) | undefined;
  #isProgressWanted = false;
  #isClosed = false;
  /** Another piece of history will be read in the next turn of the event loop. */
  #isReading = false;
  #error: Error | undefined;

  constructor(hub: WatchHub, history: HistoryReader, request: WatchRequest) {
    const startRevision = request.startRevision ?? 0;
    this.#hub = hub;
    this.#history = history;
    this.#next = startRevision > 0 ? startRevision : hub.revision + 1;
    if (this.#next < history.compactRevision) this.#error = new CompactedError(history.compactRevision);
    this.#group = hub.join(this, request, this.#next);
  }

  poll(): WatchBatch | undefined {
    if (this.#isClosed || this.#error !== undefined || this.#next < this.#group.coveredFrom) return undefined;
    if (this.#next > this.#hub.revision) return undefined;
    const { entries, isLast } = this.#group.entriesFrom(this.#next, maxBatchEvents);
    const last = entries.at(-1);
    const revision = isLast || last === undefined ? this.#hub.revision : last.revision;
    this.#next = revision + 1;
    if (last === undefined) return undefined;
    if (isLast) this.#isProgressWanted = false;
    return { revision, events: entries.length === 1 ? last.events : entries.flatMap(({ events }) => events) };
  }

  next(): Promise<WatchBatch | undefined> {
    if (this.#waiting !== undefined) return Promise.reject(new Error('next() is called again before it settled'));
    const batch = this.poll() ?? this.#progress();
    if (batch !== undefined) return Promise.resolve(batch);
    if (this.#isClosed) return Promise.resolve(undefined);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#isBehind() && !this.#isReading) this.#readHistory();
    });
  }

  onAvailable(listener: () => void): void {
    this.#listener = listener;
  }

  requestProgress(): void {
    this.#isProgressWanted = true;
    const batch = this.#waiting === undefined ? undefined : this.#progress();
    if (batch !== undefined) this.#settle()?.resolve(batch);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hub.leave(this, this.#group);
    this.#settle()?.resolve(undefined);
  }

  /** Called when its group has new events. */
  wake(): void {
    try {
      this.#listener?.();
    } catch (error) {
      // The listener's error is nobody's here: a commit that is on disk must reach its writers and the other watches.
      queueMicrotask(() => {
        throw error;
      });
    }
    // After the listener: what a waiting reader is handed reaches it later, and what is polled would overtake it.
    if (this.#waiting !== undefined) {
      const batch = this.poll();
      if (batch !== undefined) this.#settle()?.resolve(batch);
      else if (this.#isBehind() && !this.#isReading) this.#readHistory();
    }
  }

  /** Ends it with an error. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#settle()?.reject(error);
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  /** Whether the next events have left memory. */
  #isBehind(): boolean {
    return this.#next < this.#group.coveredFrom && this.#next <= this.#hub.revision;
  }

  #progress(): WatchBatch | undefined {
    if (!this.#isProgressWanted || this.#isClosed || this.#error !== undefined || this.#isBehind()) return undefined;
    this.#isProgressWanted = false;
    this.#next = Math.max(this.#next, this.#hub.revision + 1);
    return { revision: this.#hub.revision, events: [] };
  }

  #readOn(): void {
    this.#isReading = true;
    setImmediate(() => {
      this.#isReading = false;
      this.#readHistory();
    });
  }

  /** Reads slices, one per turn of the event loop, until one has events or memory takes over. */
  #readHistory(): void {
    if (this.#waiting === undefined) return;
    if (!this.#isBehind()) {
      const batch = this.poll() ?? this.#progress();
      if (batch !== undefined) this.#settle()?.resolve(batch);
      return;
    }
    try {
      if (this.#next < this.#history.compactRevision) throw new CompactedError(this.#history.compactRevision);
      const { events, through } = this.#history.slice(this.#group, this.#next);
      this.#next = through + 1;
      if (events.length > 0) this.#settle()?.resolve({ revision: through, events });
      else this.#readOn();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
