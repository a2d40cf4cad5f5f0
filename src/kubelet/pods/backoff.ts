import type { Clock } from '../../machinery/clock.ts';

interface Entry {
  delayMs: number;
  updatedMs: number;
}

/** Client-go's `flowcontrol.Backoff` by key: twice as long each time, forgotten after twice the longest delay. */
export class Backoff {
  readonly #clock: Clock;
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, baseMs: number, maxMs: number) {
    this.#clock = clock;
    this.#baseMs = baseMs;
    this.#maxMs = maxMs;
  }

  /** The delay now in force for the key, counted from `sinceMs` (wall time); 0 when there is none or it is over. */
  remainingMs(key: string, sinceMs: number): number {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#isForgotten(entry, sinceMs)) return 0;
    return Math.max(0, entry.delayMs - (this.#clock.now() - sinceMs));
  }

  /** Until when (wall time) the last failure's delay lasts; 0 when there was none. */
  untilMs(key: string): number {
    const entry = this.#entries.get(key);
    return entry === undefined ? 0 : entry.updatedMs + entry.delayMs;
  }

  /** Drops the keys that are no longer needed. */
  forget(isGone: (key: string) => boolean): void {
    for (const key of this.#entries.keys()) if (isGone(key)) this.#entries.delete(key);
  }

  /** The length of the delay in force. */
  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** The delay of the next failure becomes longer, unless the last one is long ago. */
  next(key: string, eventMs: number): void {
    const entry = this.#entries.get(key);
    const updatedMs = this.#clock.now();
    if (entry === undefined || this.#isForgotten(entry, eventMs)) {
      this.#entries.set(key, { delayMs: this.#baseMs, updatedMs });
      return;
    }
    entry.delayMs = Math.min(entry.delayMs * 2, this.#maxMs);
    entry.updatedMs = updatedMs;
  }

  #isForgotten({ updatedMs }: Entry, eventMs: number): boolean {
    return eventMs - updatedMs > 2 * this.#maxMs;
  }
}
