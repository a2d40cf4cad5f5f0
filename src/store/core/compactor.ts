import { setImmediate as nextTurn } from 'node:timers/promises';
import { CompactedError, FutureRevisionError } from '../contract.ts';
import type { Revision } from '../contract.ts';
import type { Clock, Timer } from '../../machinery/clock.ts';
import { Commit } from './commit.ts';
import { findRevisionAt } from './history.ts';
import { trimPast } from './key-record.ts';
import type { RevisionLog } from './revision-log.ts';
import type { StoreState } from './store-state.ts';

export interface Retention {
  /** History is kept for so long ... */
  readonly historyMs: number;
  /** ... and at least for so many revisions. */
  readonly historyRevisions: number;
}

/** Records removed from the log at a time, so that writers wait a millisecond or two at most. */
const maxStepRecords = 500;
/** Changes looked at without letting others run. */
const maxStepChanges = 5000;
/** Automatic compaction looks this often within the time that history is kept, within bounds. */
const checksPerHistory = 10;
const minCheckMs = 1000;
const maxCheckMs = 30_000;

/** Forgets old history: first by a durable mark, from which on it cannot be read, then piece by piece in the log. */
export class Compactor {
  readonly #state: StoreState;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #sweep: Promise<void> | undefined;
  /** What compaction up to here drops is out of the index. */
  #swept: Revision = 0;
  #isClosed = false;
  /** Places that could not be removed from the log yet. */
  #places: number[] = [];

  constructor(state: StoreState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  async compact(revision: Revision): Promise<void> {
    if (revision <= this.#state.compactRevision) throw new CompactedError(this.#state.compactRevision);
    if (revision > this.#state.durableRevision) throw new FutureRevisionError();
    await new Promise<void>((resolve, reject) => {
      const commit = new Commit({
        revision: 0,
        timeMs: this.#state.nextTimeMs(),
        compactRevision: revision,
        apply: () => {
          this.#state.compactRevision = Math.max(this.#state.compactRevision, revision);
        },
      });
      commit.waiters.push({ resolve, reject });
      this.#state.submit(commit);
    });
    // It is compacted now. What cannot be removed from the log for want of a good disk is tried again the next time.
    await this.#sweepAll().catch(() => {});
  }

  /** Compacts by itself from now on. */
  start(retention: Retention): void {
    const periodMs = Math.min(maxCheckMs, Math.max(minCheckMs, retention.historyMs / checksPerHistory));
    this.#timer = this.#clock
      .setInterval(() => {
        // A full disk or the like: writers hear of it, and the next turn tries again.
        this.#keep(retention).catch(() => {});
      }, periodMs)
      .unref();
    // What an earlier process marked but did not remove.
    this.#sweepAll().catch(() => {});
  }

  async #keep({ historyMs, historyRevisions }: Retention): Promise<void> {
    // Before revision 1 there is nothing to forget.
    const compacted = Math.max(1, this.#state.compactRevision);
    const byCount = this.#state.durableRevision - historyRevisions;
    if (byCount <= compacted) return;
    const revision = Math.min(byCount, findRevisionAt(this.#state, this.#clock.now() - historyMs));
    if (revision > compacted) await this.compact(revision);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#state.log.cancelCompacted();
    await this.#sweep?.catch(() => {});
  }

  async #sweepAll(): Promise<void> {
    while (this.#sweep !== undefined) await this.#sweep;
    if (this.#isClosed || (this.#swept >= this.#state.compactRevision && this.#places.length === 0)) return;
    this.#sweep = this.#run(this.#state.compactRevision).finally(() => {
      this.#sweep = undefined;
    });
    await this.#sweep;
  }

  async #run(revision: Revision): Promise<void> {
    const { changes, index, log } = this.#state;
    let isLast = false;
    while (!isLast && !this.#isClosed) {
      for (let seen = 0; !isLast && seen < maxStepChanges && this.#places.length < maxStepRecords * 2; seen++) {
        const record = changes.takeBefore(revision);
        if (record !== undefined) {
          trimPast(record, revision, this.#places);
          index.forget(record);
        } else {
          // What was written in the revision itself stays until the next compaction, and replaced older states.
          changes.forEachAt(revision, (record) => trimPast(record, revision, this.#places));
          isLast = true;
        }
      }
      await this.#discard(log);
      await nextTurn();
    }
    this.#swept = revision;
    if (!this.#isClosed) await log.compacted();
  }

  async #discard(log: RevisionLog): Promise<void> {
    let done = 0;
    try {
      while (done < this.#places.length && !this.#isClosed) {
        const step = this.#places.slice(done, done + maxStepRecords * 2);
        await log.discard(step);
        done += step.length;
      }
    } finally {
      this.#places = this.#places.slice(done);
    }
  }
}
