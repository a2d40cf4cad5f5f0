/** Bounds on what an expression can make within one step, where its cost comes only after it. */
import { CostLimitExceeded } from './failure.ts';

/** Whatever reads a longer text passes the limit of the cost: ten characters cost one, and the limit is a million. */
export const maxTextLength = 10_000_000;

/** Refuses a text before it is made. */
export function checkTextLength(length: number): void {
  if (length > maxTextLength) throw new CostLimitExceeded();
}

/** As upstream, a loop asks so seldom whether it is to be interrupted. */
export const iterationsPerCheck = 100;
/** Copying so many items counts as one iteration. */
export const itemsPerIteration = 100;
