import { hash } from 'node:crypto';
import { BoundedCache } from '../../machinery/bounded.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';
import type { TokenCacheMetrics } from './metrics.ts';

export interface TokenCacheOptions {
  readonly clock: Clock;
  /** How long an answer is kept. */
  readonly successTtlMs: number;
  /** How long it is kept that nobody knows a token; 0: not at all. */
  readonly failureTtlMs?: number;
  /** The audiences of most requests: compared by identity. */
  readonly usualAudiences: readonly string[];
  readonly metrics?: TokenCacheMetrics;
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
    const { usualAudiences, metrics } = this.#options;
    // What is compared is a hash: how long that takes says nothing of the tokens that there are.
    const digest = hash('sha256', token, 'base64');
    const key = audiences === usualAudiences ? digest : `${digest} ${JSON.stringify(audiences)}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (known.isCurrent === undefined || known.isCurrent()) {
        metrics?.request(true);
        return known;
      }
      this.#known.delete(key);
    }
    if (this.#unknown?.get(key) === nobody) {
      metrics?.request(true);
      return undefined;
    }
    const pending = this.#pending.get(key);
    if (pending !== undefined) return this.#waitFor(pending);
    metrics?.request(false);
    return this.#fetch(key, token, audiences);
  }

  #fetch(
    key: string,
    token: string,
    audiences: readonly string[],
  ): Authenticated | undefined | Promise<Authenticated | undefined> {
    const end = this.#options.metrics?.beginFetch();
    let answer: ReturnType<TokenAuthenticator['authenticateToken']>;
    try {
      answer = this.#tokens.authenticateToken(token, audiences);
    } catch (error) {
      end?.(false);
      throw error;
    }
    if (!(answer instanceof Promise)) {
      end?.(answer !== undefined);
      return this.#keep(key, answer);
    }
    let isKnown = false;
    const kept = answer
      .then((found) => {
        isKnown = found !== undefined;
        return this.#keep(key, found);
      })
      .finally(() => {
        end?.(isKnown);
        this.#pending.delete(key);
      });
    this.#pending.set(key, kept);
    return kept;
  }

  /** For what another request is finding out already. */
  async #waitFor(pending: Promise<Authenticated | undefined>): Promise<Authenticated | undefined> {
    const { metrics } = this.#options;
    metrics?.wait(1);
    try {
      return await pending;
    } finally {
      metrics?.wait(-1);
    }
  }

  #keep(key: string, answer: Authenticated | undefined): Authenticated | undefined {
    if (answer === undefined) this.#unknown?.set(key, nobody);
    else this.#known.set(key, answer);
    return answer;
  }
}
