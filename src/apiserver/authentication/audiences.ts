import type { UserInfo } from '../../api/contract.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';

/** Those of `audiences` that are also in `others`, in their order. */
export function intersection(audiences: readonly string[], others: readonly string[]): readonly string[] {
  return audiences === others ? audiences : audiences.filter((audience) => others.includes(audience));
}

/** Tokens that say nothing of whom they are for. */
export interface UserToken {
  authenticateToken(token: string): Authenticated | undefined | Promise<Authenticated | undefined>;
}

/** Makes such tokens tokens for this API: whoever asks for other audiences is told that nobody knows them. */
export class AudienceAgnosticTokens implements TokenAuthenticator {
  readonly #apiAudiences: readonly string[];
  readonly #tokens: UserToken;
  readonly #source: string;

  /** @param source What kind of tokens they are, for audit. */
  constructor(apiAudiences: readonly string[], tokens: UserToken, source: string) {
    this.#source = source;
    this.#apiAudiences = apiAudiences;
    this.#tokens = tokens;
  }

  authenticateToken(
    token: string,
    audiences: readonly string[],
  ): Authenticated | undefined | Promise<Authenticated | undefined> {
    const shared = intersection(this.#apiAudiences, audiences);
    if (shared.length === 0 && this.#apiAudiences.length > 0) return undefined;
    const answer = this.#tokens.authenticateToken(token);
    if (answer instanceof Promise) return answer.then((found) => this.#complete(found, shared));
    return this.#complete(answer, shared);
  }

  #complete(answer: Authenticated | undefined, audiences: readonly string[]): Authenticated | undefined {
    return answer && { ...answer, audiences, source: this.#source };
  }
}

/** A user for ever. */
export function authenticated(user: UserInfo): Authenticated {
  return { user };
}
