import type { Clock } from '../../../machinery/clock.ts';
import { peekClaims } from '../../../machinery/jwt/jws.ts';
import type { Logger } from '../../../machinery/logging.ts';
import type { UserToken } from '../audiences.ts';
import type { Authenticated } from '../contract.ts';
import type { JwtMetrics } from '../metrics.ts';
import { getJson } from './get-json.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';
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
      byIssuer.set(issuer, new JwtAuthenticator({ issuer, audiences, algorithms, mapping, clock, keys }));
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

  #makeKeys({ url, discoveryUrl, ca }: IssuerSpec): IssuerKeys {
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
