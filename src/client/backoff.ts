import type { Clock } from '../machinery/clock.ts';
import type { Random } from '../machinery/random.ts';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** After so long without a failure the next one is the first again. */
  readonly resetAfterMs: number;
}

/** Waits longer after every failure: twice as long, and up to twice that by chance, so that clients do not march in step. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #options: BackoffOptions;
  #nextMs: number;
  #lastFailureMs = -Infinity;

  constructor(clock: Clock, random: Random, options: BackoffOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
    this.#nextMs = options.baseMs;
  }

  /** Rejects with the signal's reason when that aborts first. */
  async wait(signal: AbortSignal): Promise<void> {
    const { baseMs, maxMs, resetAfterMs } = this.#options;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastFailureMs > resetAfterMs) this.#nextMs = baseMs;
    this.#lastFailureMs = nowMs;
    const delayMs = this.#nextMs * (1 + this.#random.float());
    this.#nextMs = Math.min(this.#nextMs * 2, maxMs);
    await this.#clock.sleep(delayMs, signal);
  }
}
