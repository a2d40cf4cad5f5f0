import { hash } from 'node:crypto';
import { BoundedCache } from '../../machinery/bounded.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';

export interface TokenCacheOptions {
  readonly clock: Clock;
  /** How long an answer is kept. */
  readonly successTtlMs: number;
  /** How long it is kept that nobody knows a token; 0: not at all. */
  readonly failureTtlMs?: number;
  /** The audiences of most requests: compared by identity. */
  readonly usualAudiences: readonly string[];
  /** Told of each token: whether the answer was there. */
  observe?(isHit: boolean): void;
}

/** More tokens than most clusters have workloads; some 600 bytes each. */
const maxTokens = 20_000;
const nobody = Symbol('nobody');

/**
 * Keeps answers for a short while, by the hash of the token. One that is no longer current is found out anew on the next
 * request, so that a token is refused as soon as what it is bound to is gone. Requests that come together with the same
 * token are answered together.
 */
export class TokenCache implements TokenAuthenticator {
  readonly #options: TokenCacheOptions;
  readonly #tokens: TokenAuthenticator;
  readonly #known: BoundedCache<string, Authenticated>;
  readonly #unknown: BoundedCache<string, typeof nobody> | undefined;
  readonly #pending = new Map<string, Promise<Authenticated | undefined>>();

  constructor(tokens: TokenAuthenticator, options: TokenCacheOptions) {
    const { clock, successTtlMs, failureTtlMs = 0 } = options;
    this.#tokens = tokens;
    this.#options = options;
    this.#known = new BoundedCache({ maxEntries: maxTokens, ttlMs: successTtlMs, clock });
    this.#unknown =
      failureTtlMs > 0 ? new BoundedCache({ maxEntries: maxTokens, ttlMs: failureTtlMs, clock }) : undefined;
  }

  authenticateToken(
    token: string,
    audiences: readonly string[],
  ): Authenticated | undefined | Promise<Authenticated | undefined> {
    const { usualAudiences, observe } = this.#options;
    // What is compared is a hash: how long that takes says nothing of the tokens that there are.
    const digest = hash('sha256', token, 'base64');
    const key = audiences === usualAudiences ? digest : `${digest} ${JSON.stringify(audiences)}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (known.isCurrent === undefined || known.isCurrent()) {
        observe?.(true);
        return known;
      }
      this.#known.delete(key);
    }
    if (this.#unknown?.get(key) === nobody) {
      observe?.(true);
      return undefined;
    }
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    observe?.(false);
    const answer = this.#tokens.authenticateToken(token, audiences);
    if (!(answer instanceof Promise)) return this.#keep(key, answer);
    const kept = answer
      .then((found) => this.#keep(key, found))
      .finally(() => {
        this.#pending.delete(key);
      });
    this.#pending.set(key, kept);
    return kept;
  }

  #keep(key: string, answer: Authenticated | undefined): Authenticated | undefined {
    if (answer === undefined) this.#unknown?.set(key, nobody);
    else this.#known.set(key, answer);
    return answer;
  }
}
