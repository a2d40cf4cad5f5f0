import { AuthenticationError } from './authentication-error.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';

/** Asks one after the other: the first that knows the token decides, and what others had against it does not matter. */
export class TokenUnion implements TokenAuthenticator {
  readonly #authenticators: readonly TokenAuthenticator[];

  constructor(authenticators: readonly TokenAuthenticator[]) {
    this.#authenticators = authenticators;
  }

  authenticateToken(
    token: string,
    audiences: readonly string[],
  ): Authenticated | undefined | Promise<Authenticated | undefined> {
    return this.#ask(token, audiences, 0, []);
  }

  /** Stays synchronous for as long as those who are asked do. */
  #ask(
    token: string,
    audiences: readonly string[],
    first: number,
    refusals: AuthenticationError[],
  ): Authenticated | undefined | Promise<Authenticated | undefined> {
    for (let index = first; index < this.#authenticators.length; index++) {
      try {
        const answer = this.#authenticators[index]?.authenticateToken(token, audiences);
        if (answer instanceof Promise) return this.#goOn(token, audiences, answer, index, refusals);
        if (answer !== undefined) return answer;
      } catch (error) {
        refusals.push(asRefusal(error));
      }
    }
    if (refusals.length > 0) throw AuthenticationError.all(refusals);
    return undefined;
  }

  async #goOn(
    token: string,
    audiences: readonly string[],
    answer: Promise<Authenticated | undefined>,
    index: number,
    refusals: AuthenticationError[],
  ): Promise<Authenticated | undefined> {
    try {
      const found = await answer;
      if (found !== undefined) return found;
    } catch (error) {
      refusals.push(asRefusal(error));
    }
    return this.#ask(token, audiences, index + 1, refusals);
  }
}

/** Credentials that are bad are a refusal; anything else is a fault of ours and goes on as it is. */
function asRefusal(error: unknown): AuthenticationError {
  if (error instanceof AuthenticationError) return error;
  throw error;
}
