import { BoundedCache } from '../../../machinery/bounded.ts';
import { peekClaims } from '../../../machinery/jwt/jws.ts';
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface DistributedClaimsOptions {
  /** The only claim that is looked for elsewhere: the groups. */
  readonly claim: string;
  /** Gets the text at a URL, with a token to show when there is one. */
  get(url: string, token: string | undefined): Promise<string>;
  /** Makes what verifies tokens of another issuer. */
  verifierOf(issuer: string): TokenVerifier;
}

/** Sources are issuers of their own, and few. */
const maxIssuers = 16;

/**
 * Claims that an issuer keeps elsewhere (OpenID Connect Core 1.0 §5.6.2): those who have many groups have a token of their
 * own for them.
 */
export class DistributedClaims {
  readonly #options: DistributedClaimsOptions;
  readonly #verifiers = new BoundedCache<string, TokenVerifier>({ maxEntries: maxIssuers });

  constructor(options: DistributedClaimsOptions) {
    this.#options = options;
  }

  /** The claims with the one that is elsewhere; as they are when it is not. Rejects with an Error. */
  async expand(claims: JsonObject): Promise<JsonObject> {
    const { claim } = this.#options;
    const names = claims['_claim_names'];
    if (Object.hasOwn(claims, claim) || names === undefined) return claims;
    if (!isFields(names)) throw new Error('oidc: error parsing distributed claim names');
    const sources = claims['_claim_sources'];
    if (sources === undefined) throw new Error('oidc: no claim sources');
    if (!isFields(sources)) throw new Error('oidc: could not parse claim sources');
    const name = Object.hasOwn(names, claim) ? names[claim] : undefined;
    if (typeof name !== 'string') return claims;
    const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
    if (!isFields(source))
      throw new Error(`id token _claim_names contained a source ${name} missing in _claims_sources`);
    const { endpoint, access_token: token } = source;
    // An aggregated claim would stand in the source itself: upstream does not know those either.
    if (typeof endpoint !== 'string' || endpoint === '') return claims;
    return { ...claims, [claim]: await this.#resolve(endpoint, typeof token === 'string' ? token : undefined) };
  }

  async #resolve(endpoint: string, accessToken: string | undefined): Promise<unknown> {
    const { claim, get, verifierOf } = this.#options;
    let token: string;
    try {
      token = (await get(endpoint, accessToken === '' ? undefined : accessToken)).trim();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`while getting distributed claim "${claim}": ${why}`, { cause: error });
    }
    const issuer = peekClaims(token)?.['iss'];
    if (typeof issuer !== 'string') {
      throw new Error(`getting untrusted issuer from endpoint ${endpoint} failed for claim "${claim}"`);
    }
    const verifier = this.#verifiers.getOrMake(issuer, verifierOf);
    if (!(await verifier.start())) {
      // It is looked for again when the next token names it.
      verifier.stop();
      this.#verifiers.delete(issuer);
      throw new Error(`verifying untrusted issuer ${issuer} failed: verifier not initialized for issuer: "${issuer}"`);
    }
    let found: JsonObject;
    try {
      found = (await verifier.verify(token)).claims;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`verify distributed claim token: ${why}`, { cause: error });
    }
    if (Object.hasOwn(found, claim)) return found[claim];
    throw new Error(`jwt returned by distributed claim endpoint "${endpoint}" did not contain claim: ${claim}`);
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
