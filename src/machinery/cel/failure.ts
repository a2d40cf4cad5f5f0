/**
 * What goes wrong while an expression is evaluated. It is thrown, but is not an Error: `||`, `&&` and comprehensions
 * catch one for each element, and taking a stack trace would cost more than all the rest of an evaluation.
 */
export class CelFailure {
  /** cel-go's text. */
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** The limit of the cost was passed; nothing in an expression may catch this. */
export class CostLimitExceeded {
  readonly message = 'operation cancelled: actual cost limit exceeded';
}

/** Whoever asked for the evaluation does not wait for it any longer. */
export class Interrupted {
  readonly message = 'operation interrupted';
}

export function fail(message: string): never {
  throw new CelFailure(message);
}
