import type { Clock } from '../../../machinery/clock.ts';
import { AuthenticationError } from '../authentication-error.ts';
import type { Authenticated } from '../contract.ts';
import { userOfClaims } from './claim-mapping.ts';
import type { ClaimMapping } from './claim-mapping.ts';
import type { DistributedClaims } from './distributed-claims.ts';
import type { TokenVerifier, VerifiedClaims } from './token-verifier.ts';

export interface JwtAuthenticatorOptions {
  readonly issuer: string;
  readonly verifier: TokenVerifier;
  readonly mapping: ClaimMapping;
  /** Undefined: no claim is looked for elsewhere. */
  readonly distributed: DistributedClaims | undefined;
  readonly clock: Clock;
}

/** Tokens of one issuer elsewhere, and the users that their claims name. */
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
    const { verifier, mapping, distributed, clock } = this.#options;
    if (!(await verifier.start())) throw new AuthenticationError('oidc: authenticator not initialized');
    let verified: VerifiedClaims;
    try {
      verified = await verifier.verify(token);
    } catch (error) {
      throw new AuthenticationError(`oidc: verify token: ${messageOf(error)}`);
    }
    let { claims } = verified;
    if (distributed !== undefined) {
      try {
        claims = await distributed.expand(claims);
      } catch (error) {
        throw new AuthenticationError(`oidc: could not expand distributed claims: ${messageOf(error)}`);
      }
    }
    return { user: userOfClaims(mapping, claims), isCurrent: () => clock.now() <= verified.expiresMs };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
