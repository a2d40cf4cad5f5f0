import type { Clock } from '../../../machinery/clock.ts';
import { peekClaims } from '../../../machinery/jwt/jws.ts';
import type { Logger } from '../../../machinery/logging.ts';
import type { UserToken } from '../audiences.ts';
import type { Authenticated } from '../contract.ts';
import type { JwtMetrics } from '../metrics.ts';
import { DistributedClaims } from './distributed-claims.ts';
import { getJson, getText } from './get-json.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';
import { TokenVerifier } from './token-verifier.ts';
import type { IssuerSpec } from './validation.ts';

export interface JwtAuthenticatorsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: JwtMetrics;
  /** Of signatures that are believed. */
  readonly algorithms: readonly string[];
}

/** An issuer that takes longer to answer is not there. */
const timeoutMs = 10_000;

/** Tokens of all issuers elsewhere that the configuration names; it may change while the server runs. */
export class JwtAuthenticators implements UserToken {
  readonly #options: JwtAuthenticatorsOptions;
  #byIssuer: ReadonlyMap<string, JwtAuthenticator> = new Map();
  /** By what they depend on: where an issuer stays, what is known of it stays. */
  #keys: ReadonlyMap<string, IssuerKeys> = new Map();
  #generation = 0;

  constructor(options: JwtAuthenticatorsOptions) {
    this.#options = options;
  }

  authenticateToken(token: string): undefined | Promise<Authenticated> {
    if (this.#byIssuer.size === 0) return undefined;
    const issuer = peekClaims(token)?.['iss'];
    const authenticator = typeof issuer === 'string' ? this.#byIssuer.get(issuer) : undefined;
    if (authenticator === undefined) return undefined;
    const generation = this.#generation;
    const { clock, metrics } = this.#options;
    const startMs = clock.monotonicMs();
    const observe = (result: 'success' | 'failure'): void =>
      metrics?.observe(authenticator.issuer, result, clock.monotonicMs() - startMs);
    return authenticator.authenticate(token).then(
      (found) => {
        observe('success');
        const isCurrent = (): boolean => this.#generation === generation && found.isCurrent?.() !== false;
        return { ...found, isCurrent };
      },
      (error: unknown) => {
        observe('failure');
        throw error;
      },
    );
  }

  /** Believes these issuers, and no others any more. What was found out of their tokens is found out anew. */
  replace(issuers: readonly IssuerSpec[]): void {
    const { clock, algorithms } = this.#options;
    const kept = new Map<string, IssuerKeys>();
    const byIssuer = new Map<string, JwtAuthenticator>();
    for (const spec of issuers) {
      const { url: issuer, audiences, mapping } = spec;
      const place = JSON.stringify([issuer, spec.discoveryUrl, spec.ca]);
      const keys = this.#keys.get(place) ?? this.#makeKeys(spec);
      kept.set(place, keys);
      const verifier = new TokenVerifier({ issuer, audiences, algorithms, clock, keys });
      const distributed = this.#distributedClaims(spec);
      byIssuer.set(issuer, new JwtAuthenticator({ issuer, verifier, mapping, distributed, clock }));
      void keys.start();
    }
    for (const [place, keys] of this.#keys) if (!kept.has(place)) keys.stop();
    this.#keys = kept;
    this.#byIssuer = byIssuer;
    this.#generation++;
  }

  stop(): void {
    for (const keys of this.#keys.values()) keys.stop();
  }

  /** As upstream, only groups that are named by a claim are looked for elsewhere. */
  #distributedClaims({ ca, audiences, mapping }: IssuerSpec): DistributedClaims | undefined {
    const { clock, algorithms } = this.#options;
    const { groups } = mapping;
    if (groups === undefined || !('claim' in groups)) return undefined;
    return new DistributedClaims({
      claim: groups.claim,
      get: (url, token) => getText(url, { clock, ca, timeoutMs, ...(token === undefined ? {} : { token }) }),
      verifierOf: (issuer) => {
        const keys = this.#makeKeys({ url: issuer, discoveryUrl: undefined, ca });
        return new TokenVerifier({ issuer, audiences, algorithms, clock, keys });
      },
    });
  }

  #makeKeys({ url, discoveryUrl, ca }: Pick<IssuerSpec, 'url' | 'discoveryUrl' | 'ca'>): IssuerKeys {
    const { clock, log } = this.#options;
    return new IssuerKeys({
      issuer: url,
      discoveryUrl,
      clock,
      log,
      get: (from) => getJson(from, { clock, ca, timeoutMs }),
    });
  }
}
