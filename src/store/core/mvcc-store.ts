import { CompactedError, FutureRevisionError, StoreClosedError } from '../contract.ts';
import type {
  HistoryEntry,
  Key,
  LeaseId,
  LeaseStatus,
  RangeRequest,
  RangeResponse,
  Revision,
  Store,
  StoreStatus,
  TxnRequest,
  TxnResponse,
  Watch,
  WatchRequest,
} from '../contract.ts';
import type { Clock } from '../../machinery/clock.ts';
import { Commit } from './commit.ts';
import type { StoredLease } from './commit.ts';
import { Compactor } from './compactor.ts';
import type { Retention } from './compactor.ts';
import { findRevisionAt, readHistory, readSlice } from './history.ts';
import { LeaseTable } from './lease-table.ts';
import { Leases } from './leases.ts';
import { rangeAt, rangeNewest } from './range.ts';
import type { CommitSink, RevisionLog } from './revision-log.ts';
import { StoreState } from './store-state.ts';
import type { InitialState } from './store-state.ts';
import { NotDurableError, Transaction } from './transaction.ts';
import { checkKey, checkTxnRequest } from './validate.ts';
import { StoreWatch } from './watch.ts';
import type { HistoryReader } from './watch.ts';
import type { RecentLimits } from './watch-hub.ts';

export interface MvccStoreOptions {
  readonly clock: Clock;
  readonly retention: Retention;
  /** Recent events kept in memory for watches. */
  readonly recent: RecentLimits;
  readonly initial: InitialState;
  readonly leases: readonly StoredLease[];
  /** How often leases' remaining time is saved; 0: never. */
  readonly leaseCheckpointMs: number;
  readonly createLog: (sink: CommitSink) => RevisionLog;
}

/** The store over any revision log. */
export class MvccStore implements Store {
  readonly #state: StoreState;
  readonly #leases: Leases;
  readonly #compactor: Compactor;
  readonly #history: HistoryReader;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: MvccStoreOptions) {
    const { clock, recent, initial, createLog } = options;
    const table = new LeaseTable(clock, (lease) => this.#leases.expire(lease));
    this.#state = new StoreState(initial, { clock, recent, leases: table, createLog });
    this.#leases = new Leases(this.#state, table, clock);
    for (const stored of options.leases) table.add(stored, true);
    initial.index.forEachLive({ key: '', rangeEnd: '\0' }, ({ key, durable }) => {
      table.move(key, 0, durable?.lease ?? 0);
      return true;
    });
    const state = this.#state;
    this.#history = {
      get compactRevision() {
        return state.compactRevision;
      },
      slice: (group, from) => readSlice(state, group, from),
    };
    this.#compactor = new Compactor(state, clock);
    this.#compactor.start(options.retention);
    if (options.leaseCheckpointMs > 0) this.#leases.checkpointEvery(options.leaseCheckpointMs);
  }

  get revision(): Revision {
    return this.#state.durableRevision;
  }

  // The body throws; `async` makes that a rejection.
  async range(request: RangeRequest): Promise<RangeResponse> {
    this.#checkOpen();
    checkKey(request);
    const { durableRevision, compactRevision, index } = this.#state;
    const revision = request.revision ?? 0;
    if (revision > durableRevision) throw new FutureRevisionError();
    if (revision > 0 && revision < compactRevision) throw new CompactedError(compactRevision);
    return revision <= 0 || revision === durableRevision
      ? rangeNewest(index, request, durableRevision)
      : rangeAt(this.#state, { ...request, revision });
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      checkTxnRequest(request);
      const state = this.#state;
      const transaction = new Transaction(state, state.acceptedRevision);
      let response: TxnResponse;
      try {
        response = transaction.run(request);
      } catch (error) {
        transaction.undo();
        state.afterAccepted({
          resolve: () => (error instanceof NotDurableError ? resolve(this.txn(request)) : reject(error)),
          reject,
        });
        return;
      }
      const waiter = { resolve: () => resolve(response), reject };
      if (transaction.writes.length === 0) {
        state.afterAccepted(waiter);
        return;
      }
      const commit = new Commit({
        revision: transaction.revision,
        timeMs: state.nextTimeMs(),
        note: request.note,
        writes: transaction.writes,
      });
      commit.waiters.push(waiter);
      state.submit(commit);
    });
  }

  watch(request: WatchRequest): Watch {
    this.#checkOpen();
    // As in etcd, a watch may leave the key out, and begins at the smallest one then.
    const key = request.key === '' ? '\0' : request.key;
    return new StoreWatch(this.#state.hub, this.#history, { ...request, key });
  }

  async compact(revision: Revision): Promise<void> {
    this.#checkOpen();
    await this.#compactor.compact(revision);
  }

  async history(request: { key: Key; limit?: number; before?: Revision }): Promise<readonly HistoryEntry[]> {
    this.#checkOpen();
    const { key, limit = 0, before = 0 } = request;
    return readHistory(this.#state, key, before > 0 ? before : Infinity, limit > 0 ? limit : Infinity);
  }

  async revisionAt(timeMs: number): Promise<Revision> {
    this.#checkOpen();
    return findRevisionAt(this.#state, timeMs);
  }

  async grantLease(request: { ttlSeconds: number; id?: LeaseId }): Promise<LeaseStatus> {
    this.#checkOpen();
    return this.#leases.grant(request);
  }

  async revokeLease(id: LeaseId): Promise<void> {
    this.#checkOpen();
    await this.#leases.revoke(id);
  }

  async keepAliveLease(id: LeaseId): Promise<LeaseStatus> {
    this.#checkOpen();
    return this.#leases.keepAlive(id);
  }

  async leaseStatus(id: LeaseId): Promise<LeaseStatus> {
    this.#checkOpen();
    return this.#leases.status(id);
  }

  async leases(): Promise<readonly LeaseId[]> {
    this.#checkOpen();
    return this.#leases.ids();
  }

  status(): StoreStatus {
    const { durableRevision, compactRevision, index, log } = this.#state;
    return { revision: durableRevision, compactRevision, keys: index.size, ...log.sizes() };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#leases.close();
    await this.#compactor.close();
    // A disk that fails now has told every writer.
    await this.#leases.checkpoint().catch(() => {});
    await new Promise<void>((resolve) => this.#state.afterAccepted({ resolve, reject: () => resolve() }));
    this.#state.hub.close(new StoreClosedError());
    await this.#state.log.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreClosedError();
  }
}
