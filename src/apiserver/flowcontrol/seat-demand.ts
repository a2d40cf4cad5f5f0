/** How many seats are asked for, over a period of time. */
export interface DemandFigures {
  readonly average: number;
  readonly deviation: number;
  readonly highWatermark: number;
}

/** Integrates the number of seats that are taken or waited for, from one look at it to the next. */
export class SeatDemand {
  #value = 0;
  #sinceMs: number;
  #lastMs: number;
  #sum = 0;
  #squares = 0;
  #max = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
  }

  set(value: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#value = value;
    if (value > this.#max) this.#max = value;
  }

  /** The figures since the last time; a new period begins. Undefined when no time has passed. */
  takeFigures(nowMs: number): DemandFigures | undefined {
    this.#advance(nowMs);
    const durationMs = nowMs - this.#sinceMs;
    if (durationMs <= 0) return undefined;
    const average = this.#sum / durationMs;
    const deviation = Math.sqrt(Math.max(0, this.#squares / durationMs - average * average));
    const highWatermark = this.#max;
    this.#sinceMs = nowMs;
    this.#sum = 0;
    this.#squares = 0;
    this.#max = this.#value;
    return { average, deviation, highWatermark };
  }

  /** The most since the last figures. */
  get highWatermark(): number {
    return this.#max;
  }

  #advance(nowMs: number): void {
    const passedMs = nowMs - this.#lastMs;
    if (passedMs <= 0) return;
    this.#lastMs = nowMs;
    this.#sum += this.#value * passedMs;
    this.#squares += this.#value * this.#value * passedMs;
  }
}
