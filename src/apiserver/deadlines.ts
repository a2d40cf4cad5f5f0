import type { Clock } from '../machinery/clock.ts';

interface Deadline<T> {
  readonly subject: T;
  readonly dueMs: number;
}

/**
 * Tells of everything that takes longer than one fixed time. What is waited for is kept in the order in which it is due,
 * so that one timer does for all: a timer for each request costs more than many a request's own work.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #durationMs: number;
  readonly #onExpired: (subject: T) => void;
  readonly #waiting = new Set<Deadline<T>>();
  #isArmed = false;

  constructor(clock: Clock, durationMs: number, onExpired: (subject: T) => void) {
    this.#clock = clock;
    this.#durationMs = durationMs;
    this.#onExpired = onExpired;
  }

  /** Begins to wait. Returns what ends the waiting, for `end`. */
  begin(subject: T): Deadline<T> {
    const deadline = { subject, dueMs: this.#clock.monotonicMs() + this.#durationMs };
    this.#waiting.add(deadline);
    if (!this.#isArmed) this.#arm(this.#durationMs);
    return deadline;
  }

  end(deadline: Deadline<T>): void {
    // The timer stays: it finds who is due by then, if anybody.
    this.#waiting.delete(deadline);
  }

  #arm(delayMs: number): void {
    this.#isArmed = true;
    this.#clock.setTimeout(() => this.#expire(), delayMs).unref();
  }

  #expire(): void {
    this.#isArmed = false;
    const nowMs = this.#clock.monotonicMs();
    for (const deadline of this.#waiting) {
      if (deadline.dueMs > nowMs) {
        this.#arm(deadline.dueMs - nowMs);
        return;
      }
      this.#waiting.delete(deadline);
      this.#onExpired(deadline.subject);
    }
  }
}
