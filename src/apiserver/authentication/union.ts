import type { UserInfo } from '../../api/contract.ts';
import { StatusError, unauthorized } from '../../machinery/status.ts';
import type { Authenticator, Exchange } from '../contract.ts';
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users.ts';

/** The authenticator whose credentials were accepted, and the user, in `system:authenticated`. */
export interface Authentication {
  readonly user: UserInfo;
  /** Its name, for audit and metrics. */
  readonly authenticator: string;
}

/**
 * Asks authenticators in their order. The first that knows the user decides; one that refuses its credentials does not
 * keep a later one from accepting others. When none accepts, the request is refused with 401; it is anonymous only when
 * it carried no credentials at all.
 */
export class UnionAuthenticator {
  readonly #authenticators: readonly Authenticator[];
  readonly #anonymous: Authenticator;
  readonly #withGroup = new WeakMap<UserInfo, UserInfo>();

  constructor(authenticators: readonly Authenticator[], anonymous: Authenticator) {
    this.#authenticators = authenticators;
    this.#anonymous = anonymous;
  }

  /** Throws (or rejects with) a 401 StatusError. Synchronous as long as the authenticators are. */
  authenticate(exchange: Exchange): Authentication | Promise<Authentication> {
    return this.#ask(exchange, 0, undefined);
  }

  #ask(exchange: Exchange, first: number, refusal: StatusError | undefined): Authentication | Promise<Authentication> {
    let refused = refusal;
    for (let index = first; index < this.#authenticators.length; index++) {
      const authenticator = this.#authenticators[index];
      if (authenticator === undefined) continue;
      try {
        const answer = authenticator.authenticate(exchange);
        if (answer instanceof Promise) return this.#goOn(exchange, authenticator, answer, index, refused);
        if (answer !== undefined) return { user: this.#authenticated(answer), authenticator: authenticator.name };
      } catch (error) {
        refused = asRefusal(error);
      }
    }
    if (refused !== undefined) throw refused;
    return this.#askAnonymous(exchange);
  }

  async #goOn(
    exchange: Exchange,
    authenticator: Authenticator,
    answer: Promise<UserInfo | undefined>,
    index: number,
    refused: StatusError | undefined,
  ): Promise<Authentication> {
    let user: UserInfo | undefined;
    try {
      user = await answer;
    } catch (error) {
      return this.#ask(exchange, index + 1, asRefusal(error));
    }
    if (user === undefined) return this.#ask(exchange, index + 1, refused);
    return { user: this.#authenticated(user), authenticator: authenticator.name };
  }

  #askAnonymous(exchange: Exchange): Authentication | Promise<Authentication> {
    const decide = (user: UserInfo | undefined): Authentication => {
      if (user === undefined) throw unauthorized();
      return { user, authenticator: this.#anonymous.name };
    };
    const answer = this.#anonymous.authenticate(exchange);
    return answer instanceof Promise ? answer.then(decide) : decide(answer);
  }

  #authenticated(user: UserInfo): UserInfo {
    const { username, groups } = user;
    if (username === anonymousUser.username) return user;
    if (groups.includes(authenticatedGroup) || groups.includes(unauthenticatedGroup)) return user;
    let known = this.#withGroup.get(user);
    if (known === undefined) {
      known = { ...user, groups: [...groups, authenticatedGroup] };
      this.#withGroup.set(user, known);
    }
    return known;
  }
}

/** Credentials that are bad are a 401; anything else is a fault of ours and goes on as it is. */
function asRefusal(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  throw error;
}
