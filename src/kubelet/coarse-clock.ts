import { sleepOn, type Clock, type Timer } from '../machinery/clock.ts';

/**
 * A clock whose timers go off at the marks of a grid, all of one mark together: thousands of heartbeats cost as many
 * wake-ups as there are marks. What it is used for must not mind to come late by up to one step.
 */
export class CoarseClock implements Clock {
  readonly #clock: Clock;
  readonly #stepMs: number;
  readonly #marks = new Map<number, { readonly callbacks: Set<() => void>; readonly timer: Timer }>();

  constructor(clock: Clock, stepMs: number) {
    this.#clock = clock;
    this.#stepMs = stepMs;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimeout(fn: () => void, delayMs: number): Timer {
    if (delayMs === Infinity) return { cancel: () => {}, unref: () => this.setTimeout(fn, delayMs) };
    const nowMs = this.#clock.monotonicMs();
    const mark = Math.ceil((nowMs + Math.max(0, delayMs)) / this.#stepMs);
    let due = this.#marks.get(mark);
    if (due === undefined) {
      const timer = this.#clock.setTimeout(() => this.#run(mark), mark * this.#stepMs - nowMs);
      due = { callbacks: new Set(), timer };
      this.#marks.set(mark, due);
    }
    const call = (): void => fn();
    const { callbacks } = due;
    callbacks.add(call);
    const timer: Timer = {
      cancel: () => {
        if (!callbacks.delete(call) || callbacks.size > 0) return;
        this.#marks.get(mark)?.timer.cancel();
        this.#marks.delete(mark);
      },
      unref: () => timer,
    };
    return timer;
  }

  setInterval(fn: () => void, periodMs: number): Timer {
    let current: Timer;
    const again = (): void => {
      current = this.setTimeout(() => {
        again();
        fn();
      }, periodMs);
    };
    again();
    const timer: Timer = { cancel: () => current.cancel(), unref: () => timer };
    return timer;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  #run(mark: number): void {
    const due = this.#marks.get(mark);
    this.#marks.delete(mark);
    for (const call of due?.callbacks ?? []) call();
  }
}
