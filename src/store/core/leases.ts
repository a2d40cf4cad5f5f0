import { LeaseExistsError, LeaseNotFoundError, StoreError } from '../contract.ts';
import type { LeaseId, LeaseStatus } from '../contract.ts';
import type { Clock, Timer } from '../../machinery/clock.ts';
import { Commit } from './commit.ts';
import type { LeaseChange, StoredLease } from './commit.ts';
import type { Lease, LeaseTable } from './lease-table.ts';
import type { StoreState } from './store-state.ts';
import { Transaction } from './transaction.ts';

/** etcd's bound on a lease's TTL. */
const maxTtlSeconds = 9_000_000_000;
/** Leases saved in one commit. */
const maxSavedLeases = 1000;
/** A lease's remaining time is saved again when it has become so much shorter. */
const minSavedDifferenceSeconds = 30;

/** Grants, renews and revokes leases, and revokes those whose time is over. */
export class Leases {
  readonly #state: StoreState;
  readonly #table: LeaseTable;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #lastId = 0;

  constructor(state: StoreState, table: LeaseTable, clock: Clock) {
    this.#state = state;
    this.#table = table;
    this.#clock = clock;
  }

  grant({ ttlSeconds, id = 0 }: { ttlSeconds: number; id?: LeaseId }): Promise<LeaseStatus> {
    if (ttlSeconds > maxTtlSeconds) return Promise.reject(new StoreError('etcdserver: too large lease TTL'));
    if (this.#table.get(id) !== undefined) return this.#settle(() => Promise.reject(new LeaseExistsError()));
    const grantedTtlSeconds = Math.max(1, Math.floor(ttlSeconds));
    const stored: StoredLease = {
      id: id === 0 ? this.#chooseId() : id,
      grantedTtlSeconds,
      remainingTtlSeconds: grantedTtlSeconds,
    };
    const lease = this.#table.add(stored, false);
    return this.#submit(
      new Commit({
        revision: 0,
        timeMs: this.#state.nextTimeMs(),
        leaseChanges: [{ type: 'save', lease: stored }],
        apply: () => {
          lease.isDurable = true;
        },
        undo: () => this.#table.remove(lease.id),
      }),
    ).then(() => this.#table.status(lease, []));
  }

  revoke(id: LeaseId): Promise<void> {
    const lease = this.#table.get(id);
    if (lease === undefined) return this.#settle(() => Promise.reject(new LeaseNotFoundError()));
    const base = this.#state.acceptedRevision;
    const transaction = new Transaction(this.#state, base);
    for (const key of [...lease.keys].sort()) {
      const record = this.#state.index.get(key);
      if (record?.accepted !== undefined) transaction.remove(record);
    }
    this.#table.remove(id);
    return this.#submit(
      new Commit({
        revision: transaction.writes.length === 0 ? 0 : base + 1,
        timeMs: this.#state.nextTimeMs(),
        writes: transaction.writes,
        leaseChanges: [{ type: 'remove', id }],
        undo: () => this.#table.restore(lease),
      }),
    );
  }

  /** Called by the table when a lease's time is over. */
  expire(lease: Lease): void {
    this.revoke(lease.id).catch(() => this.#table.retry(lease));
  }

  keepAlive(id: LeaseId): Promise<LeaseStatus> {
    const lease = this.#table.get(id);
    if (lease === undefined) return this.#settle(() => Promise.reject(new LeaseNotFoundError()));
    this.#table.renew(lease);
    const answer = (): LeaseStatus => this.#table.status(lease, this.#durableKeys(lease));
    if (lease.storedTtlSeconds >= lease.grantedTtlSeconds) return this.#settle(async () => answer());
    // The holder relies on the full time from now on, after a restart too.
    return this.#save([this.#remember(lease, lease.grantedTtlSeconds)]).then(answer);
  }

  status(id: LeaseId): LeaseStatus {
    const lease = this.#table.get(id);
    return lease === undefined || !lease.isDurable
      ? { id, ttlSeconds: -1, grantedTtlSeconds: 0, keys: [] }
      : this.#table.status(lease, this.#durableKeys(lease));
  }

  ids(): readonly LeaseId[] {
    const ids: LeaseId[] = [];
    for (const lease of this.#table.all()) if (lease.isDurable) ids.push(lease.id);
    return ids.sort((a, b) => a - b);
  }

  /** Saves now and then how long leases have left, so that restarts do not make them immortal. */
  checkpointEvery(periodMs: number): void {
    this.#timer = this.#clock
      .setInterval(() => {
        // What could not be saved is longer on disk than in truth, which is safe; the next turn tries again.
        this.checkpoint().catch(() => {});
      }, periodMs)
      .unref();
  }

  async checkpoint(): Promise<void> {
    const changes: LeaseChange[] = [];
    for (const lease of this.#table.all()) {
      const remainingSeconds = Math.ceil(this.#table.remainingSeconds(lease));
      if (lease.storedTtlSeconds - remainingSeconds < minSavedDifferenceSeconds) continue;
      changes.push(this.#remember(lease, remainingSeconds));
      if (changes.length === maxSavedLeases) break;
    }
    if (changes.length > 0) await this.#save(changes);
  }

  close(): void {
    this.#timer?.cancel();
    this.#table.close();
  }

  #remember(lease: Lease, remainingTtlSeconds: number): LeaseChange {
    lease.storedTtlSeconds = remainingTtlSeconds;
    return { type: 'save', lease: { id: lease.id, grantedTtlSeconds: lease.grantedTtlSeconds, remainingTtlSeconds } };
  }

  #save(leaseChanges: readonly LeaseChange[]): Promise<void> {
    return this.#submit(new Commit({ revision: 0, timeMs: this.#state.nextTimeMs(), leaseChanges }));
  }

  #submit(commit: Commit): Promise<void> {
    return new Promise((resolve, reject) => {
      commit.waiters.push({ resolve, reject });
      this.#state.submit(commit);
    });
  }

  /** Answers when what the answer rests on is durable. */
  #settle<T>(answer: () => Promise<T>): Promise<T> {
    return new Promise<void>((resolve, reject) => this.#state.afterAccepted({ resolve, reject })).then(answer);
  }

  #durableKeys(lease: Lease): string[] {
    return [...lease.keys].filter((key) => this.#state.index.get(key)?.durable?.lease === lease.id).sort();
  }

  /** Grows with time, so that an ID is not given again after a restart. */
  #chooseId(): LeaseId {
    do {
      this.#lastId = Math.max(this.#lastId + 1, this.#clock.now() * 1024);
    } while (this.#table.get(this.#lastId) !== undefined);
    return this.#lastId;
  }
}
