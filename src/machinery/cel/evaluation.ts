/** One evaluation of a program: the variables' values, and what it has cost. */
import type { Adapter } from './adapt.ts';
import { itemsPerIteration, iterationsPerCheck } from './bounds.ts';
import type { CelFailure } from './failure.ts';
import { CostLimitExceeded, Interrupted } from './failure.ts';
import type { CelValue } from './values.ts';

/** An accumulator may hold a failure: `||` and `&&` decide later whether it matters. */
export type SlotValue = CelValue | CelFailure | undefined;

export class Evaluation {
  readonly slots: SlotValue[];
  readonly #limit: number;
  readonly #isInterrupted: (() => boolean) | undefined;
  #iterations = 0;
  #adapted: Map<Adapter, Map<object, CelValue>> | undefined;
  cost = 0;

  constructor(slots: SlotValue[], limit: number, isInterrupted: (() => boolean) | undefined) {
    this.slots = slots;
    this.#limit = limit;
    this.#isInterrupted = isInterrupted;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw new CostLimitExceeded();
  }

  /** Makes of JSON what CEL has for it; of a list or map only once, since loops may read it again and again. */
  adapt(adapter: Adapter, value: CelValue): CelValue {
    if (typeof value !== 'object' || value === null) return adapter(value);
    let known = this.#adapted?.get(adapter);
    if (known === undefined) {
      known = new Map();
      this.#adapted ??= new Map();
      this.#adapted.set(adapter, known);
    }
    const before = known.get(value);
    if (before !== undefined) return before;
    const adapted = adapter(value);
    known.set(value, adapted);
    return adapted;
  }

  /** Once for each element of a loop. */
  iterate(): void {
    if (this.#isInterrupted === undefined || ++this.#iterations < iterationsPerCheck) return;
    this.#iterations = 0;
    if (this.#isInterrupted()) throw new Interrupted();
  }

  /** For steps that take longer than they cost, such as copying a list, which upstream does not do. */
  copied(items: number): void {
    if (this.#isInterrupted === undefined || items < itemsPerIteration) return;
    this.#iterations += Math.ceil(items / itemsPerIteration);
    this.iterate();
  }
}

export type Evaluator = (state: Evaluation) => CelValue;
