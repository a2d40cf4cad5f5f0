import { StatusError } from '../../machinery/status.ts';

/**
 * Credentials that are refused. The client is told `Unauthorized` and no more; why is told to the log, and to who asks by
 * TokenReview. Reasons never hold a credential.
 */
export class AuthenticationError extends StatusError {
  readonly reasons: readonly string[];

  constructor(...reasons: readonly string[]) {
    super(401, 'Unauthorized', 'Unauthorized');
    this.reasons = reasons;
  }

  /** All reasons of several refusals, as upstream prints a list of errors: each once, in brackets if there are several. */
  static textOf(refusals: readonly AuthenticationError[]): string {
    const texts = [...new Set(refusals.flatMap(({ reasons }) => reasons))];
    return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  }

  /** One refusal for several. */
  static all(refusals: readonly AuthenticationError[]): AuthenticationError {
    const [first] = refusals;
    return refusals.length === 1 && first !== undefined
      ? first
      : new AuthenticationError(...refusals.flatMap(({ reasons }) => reasons));
  }

  get text(): string {
    return AuthenticationError.textOf([this]);
  }
}
