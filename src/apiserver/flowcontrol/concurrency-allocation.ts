/** One priority level, as seats are divided. */
export interface AllocationItem {
  /** At least `lowerBound`. */
  readonly target: number;
  readonly lowerBound: number;
  readonly upperBound: number;
}

/** Nobody's target counts as less, so that shares have a ratio. */
const minTarget = 0.001;

export interface Allocation {
  /** In the order of the items; they sum up to what there was, as far as bounds allow. */
  readonly seats: readonly number[];
  /** What each got of its target, where no bound kept it. */
  readonly fairFraction: number;
}

/**
 * Divides seats so that each item gets the same fraction of its target, but never less than its lower bound or more than
 * its upper one (KEP-1040, "Dispatching"). Where the bounds cannot add up to the sum, the nearest that they can is taken.
 */
export function allocateConcurrency(sum: number, items: readonly AllocationItem[]): Allocation {
  const targets = items.map(({ target }) => Math.max(target, minTarget));
  const seatsAt = (fraction: number): number[] =>
    items.map(({ lowerBound, upperBound }, i) =>
      Math.max(lowerBound, Math.min(upperBound, fraction * (targets[i] ?? minTarget))),
    );
  const total = (fraction: number): number => seatsAt(fraction).reduce((a, b) => a + b, 0);
  // Between the fractions at which a bound begins or ceases to hold, what is given out grows along a line.
  const bends = items
    .flatMap(({ lowerBound, upperBound }, i) => [lowerBound, upperBound].map((b) => b / (targets[i] ?? minTarget)))
    .sort((a, b) => a - b);
  let low = bends[0] ?? 0;
  if (total(low) >= sum) return { seats: seatsAt(low), fairFraction: low };
  for (const high of bends) {
    const given = total(high);
    if (given >= sum) {
      const before = total(low);
      const fraction = given === before ? low : low + ((high - low) * (sum - before)) / (given - before);
      return { seats: seatsAt(fraction), fairFraction: fraction };
    }
    low = high;
  }
  return { seats: seatsAt(low), fairFraction: low };
}
