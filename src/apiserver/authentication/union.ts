import type { UserInfo } from '../../api/contract.ts';
import type { Logger } from '../../machinery/logging.ts';
import { unauthorized } from '../../machinery/status.ts';
import { addAuditAnnotation } from '../admission/audit-annotations.ts';
import type { Authenticator, Exchange } from '../contract.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { Authenticated } from './contract.ts';
import type { AuthenticationMetrics } from './metrics.ts';
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users.ts';

/** The authenticator whose credentials were accepted, and the user, in `system:authenticated`. */
export interface Authentication {
  readonly user: UserInfo;
  /** Its name, or for tokens the kind of token: for audit. */
  readonly authenticator: string;
  /** Whom the credentials are for, of those asked for; undefined where they say nothing of it. */
  readonly audiences: readonly string[] | undefined;
}

export interface UnionOptions {
  /** Whom tokens for this API are for (`--api-audiences`). */
  readonly audiences?: readonly string[];
  readonly metrics?: AuthenticationMetrics;
  /** Told why credentials are refused, which clients are not. */
  readonly log?: Logger;
}

/**
 * Asks authenticators in their order. The first that knows the user decides; one that refuses its credentials does not
 * keep a later one from accepting others. When none accepts, the request is refused with 401; it is anonymous only when
 * it carried no credentials at all.
 */
export class UnionAuthenticator {
  readonly audiences: readonly string[];
  readonly #authenticators: readonly Authenticator[];
  readonly #anonymous: Authenticator;
  readonly #metrics: AuthenticationMetrics | undefined;
  readonly #log: Logger | undefined;
  readonly #withGroup = new WeakMap<UserInfo, UserInfo>();

  constructor(authenticators: readonly Authenticator[], anonymous: Authenticator, options: UnionOptions = {}) {
    this.#authenticators = authenticators;
    this.#anonymous = anonymous;
    this.audiences = options.audiences ?? [];
    this.#metrics = options.metrics;
    this.#log = options.log;
  }

  /**
   * Of a request to this server; counted, and logged when it is refused. Throws (or rejects with) a 401 StatusError.
   * Synchronous as long as the authenticators are.
   */
  authenticate(exchange: Exchange): Authentication | Promise<Authentication> {
    const startMs = this.#metrics?.start() ?? 0;
    try {
      const answer = this.#ask(exchange, this.audiences, 0, undefined);
      if (!(answer instanceof Promise)) return this.#succeeded(answer, startMs);
      return answer.then(
        (authentication) => this.#succeeded(authentication, startMs),
        (error: unknown) => this.#failed(error, startMs),
      );
    } catch (error) {
      return this.#failed(error, startMs);
    }
  }

  /** Of what somebody asks about: not counted. Throws (or rejects) as `authenticate` does. */
  review(exchange: Exchange, audiences: readonly string[]): Authentication | Promise<Authentication> {
    return this.#ask(exchange, audiences, 0, undefined);
  }

  #succeeded(authentication: Authentication, startMs: number): Authentication {
    this.#metrics?.attempt('success', startMs, authentication.user.username);
    return authentication;
  }

  #failed(error: unknown, startMs: number): never {
    if (error instanceof AuthenticationError) {
      this.#metrics?.attempt('error', startMs);
      this.#log?.warning('Unable to authenticate the request', { err: error.text });
    } else this.#metrics?.attempt('failure', startMs);
    throw error;
  }

  #ask(
    exchange: Exchange,
    audiences: readonly string[],
    first: number,
    refusals: AuthenticationError[] | undefined,
  ): Authentication | Promise<Authentication> {
    let refused = refusals;
    for (let index = first; index < this.#authenticators.length; index++) {
      const authenticator = this.#authenticators[index];
      if (authenticator === undefined) continue;
      try {
        const answer = authenticator.authenticate(exchange, audiences);
        if (answer instanceof Promise) return this.#goOn(exchange, audiences, answer, index, refused);
        if (answer !== undefined) return this.#accept(exchange, answer, authenticator.name);
      } catch (error) {
        (refused ??= []).push(asRefusal(error));
      }
    }
    if (refused !== undefined) throw AuthenticationError.all(refused);
    return this.#askAnonymous(exchange, audiences);
  }

  async #goOn(
    exchange: Exchange,
    audiences: readonly string[],
    answer: Promise<Authenticated | undefined>,
    index: number,
    refused: AuthenticationError[] | undefined,
  ): Promise<Authentication> {
    let found: Authenticated | undefined;
    try {
      found = await answer;
    } catch (error) {
      return this.#ask(exchange, audiences, index + 1, [...(refused ?? []), asRefusal(error)]);
    }
    if (found === undefined) return this.#ask(exchange, audiences, index + 1, refused);
    return this.#accept(exchange, found, this.#authenticators[index]?.name ?? '');
  }

  #askAnonymous(exchange: Exchange, audiences: readonly string[]): Authentication | Promise<Authentication> {
    const decide = (found: Authenticated | undefined): Authentication => {
      if (found === undefined) throw unauthorized();
      return { user: found.user, authenticator: this.#anonymous.name, audiences: found.audiences };
    };
    const answer = this.#anonymous.authenticate(exchange, audiences);
    return answer instanceof Promise ? answer.then(decide) : decide(answer);
  }

  #accept(exchange: Exchange, found: Authenticated, authenticator: string): Authentication {
    const { user, audiences, warnings, annotations, source } = found;
    if (warnings !== undefined) for (const warning of warnings) exchange.addWarning(warning);
    if (annotations !== undefined) {
      for (const [key, value] of Object.entries(annotations)) addAuditAnnotation(exchange, key, value);
    }
    return { user: this.#authenticated(user), authenticator: source ?? authenticator, audiences };
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
function asRefusal(error: unknown): AuthenticationError {
  if (error instanceof AuthenticationError) return error;
  throw error;
}
