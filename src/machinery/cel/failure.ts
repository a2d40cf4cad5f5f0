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

export function fail(message: string): never {
  throw new CelFailure(message);
}
