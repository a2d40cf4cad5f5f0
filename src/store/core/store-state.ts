import type { KeyValue, LeaseId, RangeRequest, RangeResponse, Revision, WatchEvent } from '../contract.ts';
import type { Clock } from '../../machinery/clock.ts';
import { Changes } from './changes.ts';
import type { Commit, Waiter, Write } from './commit.ts';
import { KeyIndex } from './key-index.ts';
import type { KeyRecord } from './key-record.ts';
import type { LeaseTable } from './lease-table.ts';
import { rangeAt } from './range.ts';
import type { CommitSink, RevisionLog } from './revision-log.ts';
import type { TransactionState } from './transaction.ts';
import { WatchHub } from './watch-hub.ts';
import type { RecentLimits } from './watch-hub.ts';

/** What is known when a store opens. */
export interface InitialState {
  readonly index: KeyIndex;
  readonly changes: Changes;
  readonly revision: Revision;
  readonly compactRevision: Revision;
  /** When `revision` was made. */
  readonly timeMs: number;
}

export function emptyState(): InitialState {
  return { index: new KeyIndex(), changes: new Changes(), revision: 1, compactRevision: 0, timeMs: 0 };
}

/**
 * The state of a store, twice: as accepted, which transactions build on, and as durable, which readers see. Commits
 * carry it from the one to the other in order.
 */
export class StoreState implements TransactionState, CommitSink {
  readonly index: KeyIndex;
  readonly changes: Changes;
  readonly hub: WatchHub;
  acceptedRevision: Revision;
  durableRevision: Revision;
  compactRevision: Revision;
  readonly #clock: Clock;
  readonly #log: RevisionLog;
  readonly #leases: LeaseTable;
  #lastTimeMs: number;
  /** The newest commit that is accepted and not durable. */
  #last: Commit | undefined;

  constructor(
    initial: InitialState,
    parts: { clock: Clock; leases: LeaseTable; recent: RecentLimits; createLog: (sink: CommitSink) => RevisionLog },
  ) {
    this.index = initial.index;
    this.changes = initial.changes;
    this.acceptedRevision = initial.revision;
    this.durableRevision = initial.revision;
    this.compactRevision = initial.compactRevision;
    this.#lastTimeMs = initial.timeMs;
    this.hub = new WatchHub(initial.revision, parts.recent);
    this.#clock = parts.clock;
    this.#leases = parts.leases;
    this.#log = parts.createLog(this);
  }

  get log(): RevisionLog {
    return this.#log;
  }

  /** The time for a commit made now: the clock's, but never before the last one's, so that time orders revisions. */
  nextTimeMs(): number {
    this.#lastTimeMs = Math.max(this.#lastTimeMs, this.#clock.now());
    return this.#lastTimeMs;
  }

  hasLease(id: LeaseId): boolean {
    return this.#leases.get(id) !== undefined;
  }

  accept(record: KeyRecord, kv: KeyValue | undefined): void {
    this.#setAccepted(record, kv);
    record.pending++;
  }

  undo({ record, previous }: Write): void {
    this.#setAccepted(record, previous);
    record.pending--;
    this.index.forget(record);
  }

  #setAccepted(record: KeyRecord, kv: KeyValue | undefined): void {
    this.#leases.move(record.key, record.accepted?.lease ?? 0, kv?.lease ?? 0);
    record.accepted = kv;
  }

  rangePast(request: RangeRequest & { readonly revision: Revision }): RangeResponse {
    return rangeAt(this, request);
  }

  /** Hands over a commit whose effects are accepted. */
  submit(commit: Commit): void {
    if (commit.revision > 0) this.acceptedRevision = commit.revision;
    this.#last = commit;
    this.#log.append(commit);
  }

  /** Tells the waiter when everything accepted so far is durable; at once when it is already. */
  afterAccepted(waiter: Waiter): void {
    if (this.#last === undefined) waiter.resolve();
    else this.#last.waiters.push(waiter);
  }

  durable(commits: readonly Commit[]): void {
    for (const commit of commits) {
      if (commit.revision > 0) this.#publish(commit);
      commit.apply?.();
      if (commit === this.#last) this.#last = undefined;
    }
    this.hub.wake();
    for (const { waiters } of commits) for (const waiter of waiters) waiter.resolve();
  }

  #publish({ revision, writes }: Commit): void {
    const events: WatchEvent[] = [];
    for (let sub = 0; sub < writes.length; sub++) {
      const write = writes[sub];
      if (write === undefined) continue;
      const { type, kv, previous, record } = write;
      this.index.apply(write, revision, sub);
      this.changes.add(revision, record);
      events.push(previous === undefined ? { type, kv } : { type, kv, prevKv: previous });
    }
    this.durableRevision = revision;
    this.hub.append(revision, events);
  }

  failed(commits: readonly Commit[], error: Error): void {
    for (const commit of commits.toReversed()) {
      commit.undo?.();
      for (const write of commit.writes.toReversed()) this.undo(write);
    }
    this.acceptedRevision = this.durableRevision;
    this.#last = undefined;
    for (const { waiters } of commits) for (const waiter of waiters) waiter.reject(error);
  }
}
