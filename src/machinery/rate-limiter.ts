import type { Clock } from './clock.ts';

/** Decides how long an item waits before it is tried again (client-go's `workqueue.RateLimiter`). */
export interface RateLimiter<T> {
  /** How long this try waits, in ms. Each call counts as a failure. */
  delayMs(item: T): number;
  /** The item succeeded, or is given up: its failures no longer count. */
  forget(item: T): void;
  /** How many failures of the item count now. */
  failures(item: T): number;
}

/** Waits `baseMs` after the first failure of an item and twice as long after each further one, up to `maxMs`. */
export class ExponentialRateLimiter<T> implements RateLimiter<T> {
  readonly #baseMs: number;
  readonly #maxMs: number;
  /** Holds only items that failed and were not forgotten: no more than there are objects to work on. */
  readonly #failures = new Map<T, number>();

  constructor(baseMs: number, maxMs: number) {
    this.#baseMs = baseMs;
    this.#maxMs = maxMs;
  }

  delayMs(item: T): number {
    const failures = this.failures(item);
    this.#failures.set(item, failures + 1);
    return Math.min(this.#baseMs * 2 ** failures, this.#maxMs);
  }

  forget(item: T): void {
    this.#failures.delete(item);
  }

  failures(item: T): number {
    return this.#failures.get(item) ?? 0;
  }
}

/** Lets `burst` items through at once and then `perSecond` on average, whichever items they are. */
export class TokenBucketRateLimiter<T> implements RateLimiter<T> {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #tokens: number;
  #countedAtMs: number;

  constructor(perSecond: number, burst: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#countedAtMs = clock.monotonicMs();
  }

  /** Takes a token if there is one now; whoever gets none does not wait. */
  tryTake(): boolean {
    this.#earn();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #earn(): void {
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#countedAtMs) / 1000) * this.#perSecond;
    this.#countedAtMs = nowMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
  }

  delayMs(_item: T): number {
    this.#earn();
    // Below zero: taken in advance by items that wait.
    this.#tokens--;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  forget(_item: T): void {}

  failures(_item: T): number {
    return 0;
  }
}

/** Waits as long as the slowest of several limiters says. */
export class MaxRateLimiter<T> implements RateLimiter<T> {
  readonly #limiters: readonly RateLimiter<T>[];

  constructor(limiters: readonly RateLimiter<T>[]) {
    this.#limiters = limiters;
  }

  delayMs(item: T): number {
    // Every limiter is asked, because each counts the failure.
    return Math.max(...this.#limiters.map((limiter) => limiter.delayMs(item)));
  }

  forget(item: T): void {
    for (const limiter of this.#limiters) limiter.forget(item);
  }

  failures(item: T): number {
    return Math.max(...this.#limiters.map((limiter) => limiter.failures(item)));
  }
}

/** Upstream's default for controllers: 5 ms to 1000 s for each item, and 10 a second with bursts of 100 for all. */
export function controllerRateLimiter<T>(clock: Pick<Clock, 'monotonicMs'>): RateLimiter<T> {
  return new MaxRateLimiter<T>([new ExponentialRateLimiter(5, 1_000_000), new TokenBucketRateLimiter(10, 100, clock)]);
}
