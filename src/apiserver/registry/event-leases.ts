import type { Clock } from '../../machinery/clock.ts';
import type { LeaseId, Store } from '../../store/contract.ts';

/** Objects that may share one lease, and for how long one is handed out: upstream's lease manager's numbers. */
const maxObjectsPerLease = 1000;
const reuseFraction = 0.05;

/** Leases for objects that go by themselves (Events): objects of about the same time share one. */
export class EventLeases {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ttlSeconds: number;
  #current: Promise<LeaseId> | undefined;
  #handedOut = 0;
  #reusableUntilMs = 0;

  constructor(store: Store, clock: Clock, ttlSeconds: number) {
    this.#store = store;
    this.#clock = clock;
    this.#ttlSeconds = ttlSeconds;
  }

  /** A lease that lives at least the time to live from now on. */
  lease(): Promise<LeaseId> {
    const nowMs = this.#clock.now();
    if (this.#current !== undefined && nowMs < this.#reusableUntilMs && this.#handedOut < maxObjectsPerLease) {
      this.#handedOut++;
      return this.#current;
    }
    const reuseSeconds = Math.max(1, this.#ttlSeconds * reuseFraction);
    this.#reusableUntilMs = nowMs + reuseSeconds * 1000;
    this.#handedOut = 1;
    const granted = this.#store
      .grantLease({ ttlSeconds: Math.ceil(this.#ttlSeconds + reuseSeconds) })
      .then((status) => status.id);
    this.#current = granted;
    // The next event asks for a lease of its own when this one could not be had.
    granted.catch(() => (this.#current = undefined));
    return granted;
  }
}
