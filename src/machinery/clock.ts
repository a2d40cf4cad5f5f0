/** A callback that waits for its time. */
export interface Timer {
  /** Takes the callback back; does nothing when it has run. */
  cancel(): void;
  /** Lets the process end while the timer is pending. Returns the timer. */
  unref(): Timer;
}

/** The only source of time for every component, so that a cluster can run on a virtual one. */
export interface Clock {
  /** Wall time: milliseconds since the epoch. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. For measuring how long something took. */
  monotonicMs(): number;
  /** Runs `fn` once after `delayMs` (below 0 counts as 0; no upper limit). Infinity never fires. */
  setTimeout(fn: () => void, delayMs: number): Timer;
  /** Runs `fn` every `periodMs`, first after one period, until cancelled. Throws a RangeError unless the period is > 0. */
  setInterval(fn: () => void, periodMs: number): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** `Clock.sleep` for any clock that has `setTimeout`. */
export function sleepOn(clock: Pick<Clock, 'setTimeout'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Refuses a period that would spin. */
export function checkPeriod(periodMs: number): void {
  if (!(periodMs > 0)) throw new RangeError(`an interval must be longer than 0 ms, not ${periodMs}`);
}

/** Node counts a longer delay as 1 ms (its timers hold 31 bits), so longer ones are waited for in pieces. */
const longestNodeDelayMs = 2 ** 31 - 1;

class RealTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;
  #isReferenced = true;

  start(fn: () => void, delayMs: number): void {
    // An interval that is behind is due by a negative delay, of which Node warns.
    const pieceMs = Math.min(Math.max(0, delayMs), longestNodeDelayMs);
    this.#handle = setTimeout(() => {
      this.#handle = undefined;
      if (pieceMs < delayMs) this.start(fn, delayMs - pieceMs);
      else fn();
    }, pieceMs);
    if (!this.#isReferenced) this.#handle.unref();
  }

  cancel(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  unref(): this {
    this.#isReferenced = false;
    this.#handle?.unref();
    return this;
  }
}

class RealIntervalTimer extends RealTimer {
  #isCancelled = false;

  repeat(fn: () => void, periodMs: number): void {
    let dueMs = performance.now() + periodMs;
    const run = (): void => {
      // The next run is planned before this one, so that one that throws does not end the interval.
      dueMs = Math.max(dueMs + periodMs, performance.now());
      this.start(run, dueMs - performance.now());
      fn();
    };
    if (!this.#isCancelled) this.start(run, periodMs);
  }

  override cancel(): void {
    this.#isCancelled = true;
    super.cancel();
  }
}

/** The machine's clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimeout(fn, delayMs) {
    const timer = new RealTimer();
    timer.start(fn, delayMs);
    return timer;
  },
  setInterval(fn, periodMs) {
    checkPeriod(periodMs);
    const timer = new RealIntervalTimer();
    timer.repeat(fn, periodMs);
    return timer;
  },
  sleep: (delayMs, signal) => sleepOn(realClock, delayMs, signal),
};
