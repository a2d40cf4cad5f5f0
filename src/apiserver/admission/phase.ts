import type { Clock } from '../../machinery/clock.ts';
import type { Attributes } from './contract.ts';
import type { DecisionSeries } from './metrics.ts';

/** One plugin's part in a phase. */
export interface Step {
  run(attributes: Attributes): void | Promise<void>;
  readonly series: DecisionSeries | undefined;
}

/** The plugins that concern one sort of request in one phase, in order. */
export class PhaseRun {
  readonly #steps: readonly Step[];
  readonly #series: DecisionSeries | undefined;
  readonly #clock: Clock;

  constructor(steps: readonly Step[], series: DecisionSeries | undefined, clock: Clock) {
    this.#steps = steps;
    this.#series = series;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** At once, without a promise, when every plugin decides at once. Throws or rejects with the first refusal. */
  run(attributes: Attributes): void | Promise<void> {
    if (this.#steps.length === 0) return undefined;
    return this.#from(0, attributes, this.#clock.monotonicMs());
  }

  #from(first: number, attributes: Attributes, startMs: number): void | Promise<void> {
    let stepStartMs = this.#clock.monotonicMs();
    for (let index = first; index < this.#steps.length; index++) {
      const step = this.#steps[index];
      if (step === undefined) break;
      try {
        const pending = step.run(attributes);
        if (pending instanceof Promise) return this.#wait(pending, step, index, attributes, startMs, stepStartMs);
      } catch (error) {
        this.#refused(step, startMs, stepStartMs);
        throw error;
      }
      const nowMs = this.#clock.monotonicMs();
      step.series?.accepted.observe((nowMs - stepStartMs) / 1000);
      stepStartMs = nowMs;
    }
    this.#series?.accepted.observe((stepStartMs - startMs) / 1000);
    return undefined;
  }

  async #wait(
    pending: Promise<void>,
    step: Step,
    index: number,
    attributes: Attributes,
    startMs: number,
    stepStartMs: number,
  ): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.#refused(step, startMs, stepStartMs);
      throw error;
    }
    step.series?.accepted.observe((this.#clock.monotonicMs() - stepStartMs) / 1000);
    await this.#from(index + 1, attributes, startMs);
  }

  #refused(step: Step, startMs: number, stepStartMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    step.series?.rejected.observe((nowMs - stepStartMs) / 1000);
    this.#series?.rejected.observe((nowMs - startMs) / 1000);
  }
}
