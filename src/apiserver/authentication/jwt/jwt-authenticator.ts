import type { Clock } from '../../../machinery/clock.ts';
import { parseJws, verifyJws } from '../../../machinery/jwt/jws.ts';
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import { quote } from '../../../machinery/quote.ts';
import { AuthenticationError } from '../authentication-error.ts';
import type { Authenticated } from '../contract.ts';
import { userOfClaims } from './claim-mapping.ts';
import type { ClaimMapping } from './claim-mapping.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface JwtAuthenticatorOptions {
  readonly issuer: string;
  /** One of these must be in a token's `aud`. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly mapping: ClaimMapping;
  readonly keys: IssuerKeys;
  readonly clock: Clock;
}

/** Clocks may differ by so much before a token's time; after it, not at all. */
const notBeforeLeewaySeconds = 300;

/** Tokens of one issuer elsewhere (OpenID Connect Core 1.0 §3.1.3.7). */
export class JwtAuthenticator {
  readonly #options: JwtAuthenticatorOptions;

  constructor(options: JwtAuthenticatorOptions) {
    this.#options = options;
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  /** Of a token that says it is this issuer's. Rejects with an AuthenticationError. */
  async authenticate(token: string): Promise<Authenticated> {
    const { keys, mapping, algorithms, clock } = this.#options;
    await keys.start();
    if (!keys.isReady) throw new AuthenticationError('oidc: authenticator not initialized');
    const jws = parseJws(token);
    if (jws === undefined) throw refused('oidc: malformed jwt: it is no token of an asymmetric algorithm');
    if (!algorithms.includes(jws.algorithm)) {
      throw refused(
        `oidc: malformed jwt: unexpected signature algorithm ${quote(jws.algorithm)}; expected ${listText(algorithms)}`,
      );
    }
    // In the order in which it costs least: a token that is out of time need not make keys be fetched.
    const expiresMs = this.#checkClaims(jws.claims);
    let isGenuine: boolean;
    try {
      isGenuine = await keys.find(jws.keyId, (key) => verifyJws(jws, key));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw refused(`failed to verify signature: fetching keys oidc: get keys failed: ${why}`);
    }
    if (!isGenuine) throw refused('failed to verify signature: failed to verify id token signature');
    return { user: userOfClaims(mapping, jws.claims), isCurrent: () => clock.now() <= expiresMs };
  }

  /** Returns when the token ends, in milliseconds since the epoch. */
  #checkClaims({ aud, exp, nbf }: JsonObject): number {
    const { clock, audiences } = this.#options;
    const nowMs = clock.now();
    const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (!audiences.some((audience) => named.includes(audience))) {
      const texts = named.filter((each) => typeof each === 'string');
      throw refused(`oidc: expected audience in ${listText([...audiences].sort())} got ${listText(texts)}`);
    }
    if (typeof exp !== 'number' || exp * 1000 < nowMs) {
      const expiry = typeof exp === 'number' ? new Date(exp * 1000).toISOString() : 'none';
      throw refused(`oidc: token is expired (Token Expiry: ${expiry})`);
    }
    if (nbf !== undefined && (typeof nbf !== 'number' || nbf - notBeforeLeewaySeconds > nowMs / 1000)) {
      const begin = typeof nbf === 'number' ? new Date(nbf * 1000).toISOString() : 'unknown';
      throw refused(`oidc: current time ${new Date(nowMs).toISOString()} before the nbf (not before) time: ${begin}`);
    }
    return exp * 1000;
  }
}

function refused(why: string): AuthenticationError {
  return new AuthenticationError(`oidc: verify token: ${why}`);
}

/** As Go prints a list of texts with `%q`. */
function listText(texts: readonly string[]): string {
  return `[${texts.map(quote).join(' ')}]`;
}
