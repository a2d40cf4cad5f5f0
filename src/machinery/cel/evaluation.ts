/** One evaluation of a program: the variables' values, and what it has cost. */
import type { CelFailure } from './failure.ts';
import { CostLimitExceeded } from './failure.ts';
import type { CelValue } from './values.ts';

/** An accumulator may hold a failure: `||` and `&&` decide later whether it matters. */
export type SlotValue = CelValue | CelFailure | undefined;

export class Evaluation {
  readonly slots: SlotValue[];
  readonly #limit: number;
  cost = 0;

  constructor(slots: SlotValue[], limit: number) {
    this.slots = slots;
    this.#limit = limit;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw new CostLimitExceeded();
  }
}

export type Evaluator = (state: Evaluation) => CelValue;
