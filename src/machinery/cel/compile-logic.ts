/** `&&`, `||` and `?:`, for which an error on one side does not matter when the other side decides. */
import { costs } from './call-cost.ts';
import type { Evaluator } from './evaluation.ts';
import { CelFailure, fail } from './failure.ts';

/** True or false, or the failure that there is instead. */
export function truth(evaluate: Evaluator, state: Parameters<Evaluator>[0]): boolean | CelFailure {
  try {
    const value = evaluate(state);
    return typeof value === 'boolean' ? value : new CelFailure('no such overload');
  } catch (error) {
    if (error instanceof CelFailure) return error;
    throw error;
  }
}

function shortCircuit(deciding: boolean): (left: Evaluator, right: Evaluator) => Evaluator {
  return (left, right) => (state) => {
    const first = truth(left, state);
    if (first === deciding) return deciding;
    const second = truth(right, state);
    if (second === deciding) return deciding;
    if (typeof first !== 'boolean') throw first;
    if (typeof second !== 'boolean') throw second;
    return !deciding;
  };
}

export const logicalAnd = shortCircuit(false);
export const logicalOr = shortCircuit(true);

export function conditional(condition: Evaluator, whenTrue: Evaluator, whenFalse: Evaluator): Evaluator {
  return (state) => {
    const value = condition(state);
    if (value === true) return whenTrue(state);
    return value === false ? whenFalse(state) : fail('no such overload');
  };
}

/** Whether a loop may go on: while it has not become false; errors may yet not matter. */
export function notStrictlyFalse(operand: Evaluator): Evaluator {
  return (state) => {
    const value = truth(operand, state);
    state.charge(costs.selectOrIdent);
    return value !== false;
  };
}
