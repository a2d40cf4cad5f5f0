import type { Clock } from '../../machinery/clock.ts';

/** Upstream's numbers. */
const baseMs = 1000;
const maxMs = 15 * 60_000;
const sweepPeriodMs = 60_000;

interface Entry {
  delayMs: number;
  sinceMs: number;
}

/**
 * How long a failed Pod stays before it is replaced: twice as long after each failure. A kubelet that refuses a Pod
 * would otherwise be asked again as fast as it can refuse.
 */
export class FailedPodBackoff {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #sweptAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptAtMs = clock.monotonicMs();
  }

  /** How long to wait; 0: the Pod may be replaced now, after which the next one waits longer. */
  take(key: string): number {
    const nowMs = this.#clock.monotonicMs();
    this.#sweep(nowMs);
    const entry = this.#entries.get(key);
    if (entry === undefined || isForgotten(entry, nowMs)) {
      this.#entries.set(key, { delayMs: baseMs, sinceMs: nowMs });
      return 0;
    }
    if (nowMs - entry.sinceMs < entry.delayMs) return entry.delayMs - (nowMs - entry.sinceMs);
    entry.delayMs = Math.min(2 * entry.delayMs, maxMs);
    entry.sinceMs = nowMs;
    return 0;
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < sweepPeriodMs) return;
    this.#sweptAtMs = nowMs;
    for (const [key, entry] of this.#entries) if (isForgotten(entry, nowMs)) this.#entries.delete(key);
  }
}

function isForgotten({ sinceMs }: Entry, nowMs: number): boolean {
  return nowMs - sinceMs > 2 * maxMs;
}
