import { checkPeriod, sleepOn } from './clock.ts';
import type { Clock, Timer } from './clock.ts';
import { Heap } from './heap.ts';
import type { HeapEntry } from './heap.ts';

interface Due {
  readonly atMs: number;
  /** Breaks ties: timers of the same moment run in the order they were set. */
  readonly sequence: number;
  readonly fn: () => void;
}

/** Lets every promise job that is ready run, and those that they make ready, before the next timer. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export interface VirtualClockOptions {
  /** Wall time at the start, in ms since the epoch. Default 2026-01-01T00:00:00Z. */
  readonly startMs?: number;
  /** Awaited between timers. Default: until no promise job is left. */
  readonly settle?: () => Promise<void>;
}

/**
 * A clock that stands still until it is told to move. Timers run one by one in the order of their time, those of the
 * same moment in the order they were set, and promise jobs settle before and after each: a run is the same every time.
 */
export class VirtualClock implements Clock {
  readonly #timers = new Heap<Due>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence));
  readonly #startMs: number;
  readonly #settle: () => Promise<void>;
  #elapsedMs = 0;
  #wallOffsetMs = 0;
  #sequence = 0;

  constructor(options: VirtualClockOptions = {}) {
    this.#startMs = options.startMs ?? Date.UTC(2026, 0, 1);
    this.#settle = options.settle ?? settlePromises;
  }

  now(): number {
    return this.#startMs + this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Sets the wall clock without moving time, as a machine's clock jumps. Timers are not affected. */
  setWallTime(ms: number): void {
    this.#wallOffsetMs = ms - this.#startMs - this.#elapsedMs;
  }

  setTimeout(fn: () => void, delayMs: number): Timer {
    const entry = this.#add(fn, this.#elapsedMs + Math.max(0, delayMs));
    const timer: Timer = {
      cancel: () => {
        if (entry !== undefined) this.#timers.remove(entry);
      },
      unref: () => timer,
    };
    return timer;
  }

  setInterval(fn: () => void, periodMs: number): Timer {
    checkPeriod(periodMs);
    let atMs = this.#elapsedMs + periodMs;
    const run = (): void => {
      atMs += periodMs;
      entry = this.#add(run, atMs);
      fn();
    };
    let entry = this.#add(run, atMs);
    const timer: Timer = {
      cancel: () => {
        if (entry !== undefined) this.#timers.remove(entry);
      },
      unref: () => timer,
    };
    return timer;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer; undefined when there is none. */
  get nextInMs(): number | undefined {
    const next = this.#timers.peek();
    return next === undefined ? undefined : next.atMs - this.#elapsedMs;
  }

  /** Moves time on by `ms`, running every timer that falls due. An error that a timer throws is thrown from here. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`time cannot move by ${ms} ms`);
    const endMs = this.#elapsedMs + ms;
    await this.#settle();
    for (let next = this.#timers.peek(); next !== undefined && next.atMs <= endMs; next = this.#timers.peek()) {
      await this.#runFirst();
    }
    this.#elapsedMs = endMs;
  }

  /** Jumps to the next timer and runs it; false when there is none. */
  async runNext(): Promise<boolean> {
    await this.#settle();
    return this.#runFirst();
  }

  /** Runs timers until `isDone` holds; false when none is left or `limitMs` would be passed first. */
  async runUntil(isDone: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#elapsedMs + limitMs;
    await this.#settle();
    while (!isDone()) {
      const next = this.#timers.peek();
      if (next === undefined || next.atMs > endMs) return false;
      await this.#runFirst();
    }
    return true;
  }

  async #runFirst(): Promise<boolean> {
    const due = this.#timers.pop();
    if (due === undefined) return false;
    this.#elapsedMs = Math.max(this.#elapsedMs, due.atMs);
    due.fn();
    await this.#settle();
    return true;
  }

  #add(fn: () => void, atMs: number): HeapEntry<Due> | undefined {
    if (Number.isNaN(atMs)) throw new RangeError('a delay must be a number of milliseconds');
    if (atMs === Infinity) return undefined;
    return this.#timers.push({ atMs, sequence: this.#sequence++, fn });
  }
}
