import type { Key, LeaseId, LeaseStatus } from '../contract.ts';
import type { Clock, Timer } from '../../machinery/clock.ts';
import { Heap } from '../../machinery/heap.ts';
import type { HeapEntry } from '../../machinery/heap.ts';
import type { StoredLease } from './commit.ts';

/** A lease that was granted, by its newest accepted state. */
export interface Lease {
  readonly id: LeaseId;
  readonly grantedTtlSeconds: number;
  /** By the clock's monotonic time. */
  deadlineMs: number;
  /** What a restart would give it now. */
  storedTtlSeconds: number;
  isDurable: boolean;
  /** Keys whose newest accepted state has this lease. */
  readonly keys: Set<Key>;
}

/** Leases whose expiry failed (a full disk) are tried again after this. */
const retryMs = 1000;

/** Which leases there are, which keys hang on them, and when they end. */
export class LeaseTable {
  readonly #clock: Clock;
  readonly #expire: (lease: Lease) => void;
  readonly #leases = new Map<LeaseId, Lease>();
  readonly #deadlines = new Heap<Lease>(
    (a, b) => a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.id < b.id),
  );
  readonly #entries = new Map<LeaseId, HeapEntry<Lease>>();
  #timer: Timer | undefined;
  #timerAtMs = Infinity;
  #isClosed = false;

  /** `expire` is called once when a lease's time is over; it is forgotten only by `remove`. */
  constructor(clock: Clock, expire: (lease: Lease) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  get(id: LeaseId): Lease | undefined {
    return this.#leases.get(id);
  }

  all(): Iterable<Lease> {
    return this.#leases.values();
  }

  /** Adds a lease that is stored as given; it ends `remainingTtlSeconds` from now. */
  add(stored: StoredLease, isDurable: boolean): Lease {
    const lease: Lease = {
      id: stored.id,
      grantedTtlSeconds: stored.grantedTtlSeconds,
      deadlineMs: this.#clock.monotonicMs() + stored.remainingTtlSeconds * 1000,
      storedTtlSeconds: stored.remainingTtlSeconds,
      isDurable,
      keys: new Set(),
    };
    this.restore(lease);
    return lease;
  }

  /** Puts a removed lease back. */
  restore(lease: Lease): void {
    this.#leases.set(lease.id, lease);
    this.#schedule(lease);
  }

  remove(id: LeaseId): void {
    this.#leases.delete(id);
    this.#unschedule(id);
  }

  renew(lease: Lease): void {
    lease.deadlineMs = this.#clock.monotonicMs() + lease.grantedTtlSeconds * 1000;
    this.#schedule(lease);
  }

  /** Calls `expire` for it again after a while. */
  retry(lease: Lease): void {
    if (this.#leases.get(lease.id) !== lease) return;
    lease.deadlineMs = this.#clock.monotonicMs() + retryMs;
    this.#schedule(lease);
  }

  remainingSeconds(lease: Lease): number {
    return Math.max(0, (lease.deadlineMs - this.#clock.monotonicMs()) / 1000);
  }

  status(lease: Lease, keys: readonly Key[]): LeaseStatus {
    return {
      id: lease.id,
      ttlSeconds: Math.floor(this.remainingSeconds(lease)),
      grantedTtlSeconds: lease.grantedTtlSeconds,
      keys,
    };
  }

  /** A key's newest accepted state moves from one lease to another (0: none). */
  move(key: Key, from: LeaseId, to: LeaseId): void {
    if (from === to) return;
    if (from !== 0) this.#leases.get(from)?.keys.delete(key);
    if (to !== 0) this.#leases.get(to)?.keys.add(key);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #unschedule(id: LeaseId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#deadlines.remove(entry);
    this.#entries.delete(id);
  }

  #schedule(lease: Lease): void {
    this.#unschedule(lease.id);
    this.#entries.set(lease.id, this.#deadlines.push(lease));
    this.#arm();
  }

  #arm(): void {
    const next = this.#deadlines.peek();
    if (this.#isClosed || next === undefined || next.deadlineMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = next.deadlineMs;
    this.#timer = this.#clock.setTimeout(() => this.#expireDue(), next.deadlineMs - this.#clock.monotonicMs()).unref();
  }

  #expireDue(): void {
    this.#timerAtMs = Infinity;
    const nowMs = this.#clock.monotonicMs();
    for (let lease = this.#deadlines.peek(); lease !== undefined; lease = this.#deadlines.peek()) {
      // A timer may fire a fraction of a millisecond early.
      if (lease.deadlineMs > nowMs + 1) break;
      this.#unschedule(lease.id);
      this.#expire(lease);
    }
    this.#arm();
  }
}
