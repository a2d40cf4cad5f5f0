import { parseJws, peekClaims, verifyJws } from '../../../machinery/jwt/jws.ts';
import type { JsonObject, Jws } from '../../../machinery/jwt/jws.ts';
import { quote } from '../../../machinery/quote.ts';
import { intersection } from '../audiences.ts';
import { AuthenticationError } from '../authentication-error.ts';
import type { Authenticated, TokenAuthenticator } from '../contract.ts';
import type { ServiceAccountMetrics } from '../metrics.ts';
import { registeredClaims } from './claims.ts';
import type { RegisteredClaims } from './claims.ts';
import type { VerificationKeys } from './keys.ts';

/** A token whose signature, issuer and audience are right. */
export interface VerifiedToken {
  readonly token: string;
  readonly registered: RegisteredClaims;
  readonly claims: JsonObject;
}

/** Judges what a token claims. */
export interface ClaimsValidator {
  /** Throws (or rejects with) an AuthenticationError. */
  validate(token: VerifiedToken): Authenticated | Promise<Authenticated>;
}

export interface ServiceAccountTokenOptions {
  /** Whose tokens these are; all others are left to other authenticators. */
  readonly issuers: readonly string[];
  readonly keys: VerificationKeys;
  /** Whom tokens are for that do not say it. */
  readonly apiAudiences: readonly string[];
  readonly validator: ClaimsValidator;
  readonly metrics: ServiceAccountMetrics;
}

/** Tokens that the cluster itself issued to service accounts. */
export class ServiceAccountTokenAuthenticator implements TokenAuthenticator {
  readonly #options: ServiceAccountTokenOptions;

  constructor(options: ServiceAccountTokenOptions) {
    this.#options = options;
  }

  authenticateToken(
    token: string,
    audiences: readonly string[],
  ): Authenticated | undefined | Promise<Authenticated | undefined> {
    const { issuers, keys, validator } = this.#options;
    const issuer = peekClaims(token)?.['iss'];
    if (typeof issuer !== 'string' || !issuers.includes(issuer)) return undefined;
    const jws = parseJws(token);
    if (jws === undefined) return undefined;
    this.#checkSignature(jws);
    const registered = registeredClaims(jws.claims);
    const shared = this.#checkAudiences(registered, audiences);
    const { generation } = keys;
    const finish = (found: Authenticated): Authenticated => ({
      ...found,
      audiences: shared,
      source: 'serviceaccount',
      isCurrent: () => keys.generation === generation && found.isCurrent?.() !== false,
      ...(registered.audiences.length > 0 ? {} : this.#legacyAnnotation(found, registered)),
    });
    const found = validator.validate({ token, registered, claims: jws.claims });
    return found instanceof Promise ? found.then(finish) : finish(found);
  }

  #checkSignature(jws: Jws): void {
    const candidates = this.#options.keys.candidates(jws.keyId);
    if (candidates.length === 0) throw new AuthenticationError('invalid signature, no keys found');
    if (candidates.some(({ key }) => verifyJws(jws, key))) return;
    throw new AuthenticationError('go-jose/go-jose: error in cryptographic primitive');
  }

  #checkAudiences(registered: RegisteredClaims, audiences: readonly string[]): readonly string[] {
    const { apiAudiences, metrics } = this.#options;
    if (registered.audiences.length === 0) metrics.legacyTokens.inc();
    const own = registered.audiences.length === 0 ? apiAudiences : registered.audiences;
    const shared = intersection(own, audiences);
    if (shared.length > 0 || apiAudiences.length === 0) return shared;
    throw new AuthenticationError(
      `token audiences ${listText(own)} is invalid for the target audiences ${listText(audiences)}`,
    );
  }

  #legacyAnnotation(found: Authenticated, { subject }: RegisteredClaims): Pick<Authenticated, 'annotations'> {
    return { annotations: { 'authentication.k8s.io/legacy-token': subject, ...found.annotations } };
  }
}

/** As Go prints a list of texts with `%q`. */
function listText(texts: readonly string[]): string {
  return `[${texts.map(quote).join(' ')}]`;
}
