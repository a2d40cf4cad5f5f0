import type { Clock } from '../../../machinery/clock.ts';
import { parseJws, verifyJws } from '../../../machinery/jwt/jws.ts';
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import { quote } from '../../../machinery/quote.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface TokenVerifierOptions {
  readonly issuer: string;
  /** One of these must be in a token's `aud`. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly keys: IssuerKeys;
  readonly clock: Clock;
}

/** What a token says that is genuine, and of now. */
export interface VerifiedClaims {
  readonly claims: JsonObject;
  readonly expiresMs: number;
}

/** Clocks may differ by so much before a token's time; after it, not at all. */
const notBeforeLeewaySeconds = 300;

/** Verifies tokens of one issuer elsewhere (OpenID Connect Core 1.0 §3.1.3.7). */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /** Resolves when the issuer has been looked for once; to whether it was found. */
  async start(): Promise<boolean> {
    await this.#options.keys.start();
    return this.#options.keys.isReady;
  }

  /** Looks for the issuer no longer. */
  stop(): void {
    this.#options.keys.stop();
  }

  /** Rejects with an Error that says why a token is not to be believed. */
  async verify(token: string): Promise<VerifiedClaims> {
    const { keys, algorithms } = this.#options;
    const jws = parseJws(token);
    if (jws === undefined) throw new Error('oidc: malformed jwt: it is no token of an asymmetric algorithm');
    if (!algorithms.includes(jws.algorithm)) {
      throw new Error(
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
      throw new Error(`failed to verify signature: fetching keys oidc: get keys failed: ${why}`, { cause: error });
    }
    if (!isGenuine) throw new Error('failed to verify signature: failed to verify id token signature');
    return { claims: jws.claims, expiresMs };
  }

  /** Returns when the token ends, in milliseconds since the epoch. */
  #checkClaims({ iss, aud, exp, nbf }: JsonObject): number {
    const { clock, audiences, issuer } = this.#options;
    const nowMs = clock.now();
    if (iss !== issuer) {
      throw new Error(
        `oidc: id token issued by a different provider, expected ${quote(issuer)} got ${quote(String(iss))}`,
      );
    }
    const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (!audiences.some((audience) => named.includes(audience))) {
      const texts = named.filter((each) => typeof each === 'string');
      throw new Error(`oidc: expected audience in ${listText([...audiences].sort())} got ${listText(texts)}`);
    }
    if (typeof exp !== 'number' || exp * 1000 < nowMs) {
      throw new Error(`oidc: token is expired (Token Expiry: ${timeText(exp)})`);
    }
    if (nbf !== undefined && (typeof nbf !== 'number' || nbf - notBeforeLeewaySeconds > nowMs / 1000)) {
      const now = timeText(nowMs / 1000);
      throw new Error(`oidc: current time ${now} before the nbf (not before) time: ${timeText(nbf)}`);
    }
    return exp * 1000;
  }
}

/** Seconds since the epoch as a time; what is none is shown as that. */
function timeText(seconds: unknown): string {
  const time = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(time.getTime()) ? 'none' : time.toISOString();
}

/** As Go prints a list of texts with `%q`. */
function listText(texts: readonly string[]): string {
  return `[${texts.map(quote).join(' ')}]`;
}
