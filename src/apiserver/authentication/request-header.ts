import type { Clock } from '../../machinery/clock.ts';
import type { Authenticator, Exchange } from '../contract.ts';
import { AuthenticationError } from './authentication-error.ts';
import { CertificateVerifier } from './client-certificate.ts';
import type { Authenticated } from './contract.ts';
import type { TrustBundle } from './trust-bundle.ts';

/** Which headers name the user, in any letter case; the first that is there counts. */
export interface RequestHeaderNames {
  readonly username: readonly string[];
  readonly uid: readonly string[];
  readonly group: readonly string[];
  readonly extraPrefix: readonly string[];
}

export interface RequestHeaderOptions {
  /** Whose certificates a front proxy shows. */
  readonly bundle: TrustBundle;
  /** Common names of front proxies; empty: every certificate of the authority is one. */
  readonly allowedNames: readonly string[];
  readonly headers: RequestHeaderNames;
  readonly clock: Clock;
}

/**
 * A proxy in front of the server, which has authenticated the user and says so in headers; it shows a certificate of an
 * authority that is for such proxies alone
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy).
 */
export class RequestHeaderAuthenticator implements Authenticator {
  readonly name = 'requestheader';
  readonly #verifier: CertificateVerifier;
  readonly #allowedNames: readonly string[];
  /** In lower case. */
  readonly #headers: RequestHeaderNames;

  constructor(options: RequestHeaderOptions) {
    const { username, uid, group, extraPrefix } = options.headers;
    this.#allowedNames = options.allowedNames;
    this.#headers = {
      username: lowerCase(username),
      uid: lowerCase(uid),
      group: lowerCase(group),
      extraPrefix: lowerCase(extraPrefix),
    };
    this.#verifier = new CertificateVerifier(options.bundle, options.clock);
  }

  authenticate(exchange: Exchange): Authenticated | undefined {
    const names = this.#headers;
    const [username] = firstOf(exchange, names.username);
    // Nearly every request: it must not cost the error that its certificate, which is no proxy's, would be.
    if (username === undefined) return undefined;
    const certificate = this.#verifier.verify(exchange.connection);
    if (certificate === undefined) return undefined;
    if (this.#allowedNames.length > 0 && !this.#allowedNames.includes(certificate.commonName)) {
      throw new AuthenticationError(`x509: subject with cn=${certificate.commonName} is not in the allowed list`);
    }
    const [uid] = firstOf(exchange, names.uid);
    const groups = names.group.flatMap((name) => valuesOf(exchange, name));
    const extra = extraOf(exchange, names.extraPrefix);
    return {
      user: {
        username,
        ...(uid === undefined ? {} : { uid }),
        groups,
        ...(Object.keys(extra).length === 0 ? {} : { extra }),
      },
    };
  }
}

function lowerCase(names: readonly string[]): readonly string[] {
  return names.map((name) => name.toLowerCase());
}

function firstOf(exchange: Exchange, names: readonly string[]): readonly string[] {
  for (const name of names) {
    // Taking headers apart costs more than everything else here.
    if (exchange.header(name) === undefined) continue;
    const values = valuesOf(exchange, name);
    if (values.length > 0) return values;
  }
  return [];
}

function valuesOf(exchange: Exchange, name: string): readonly string[] {
  return exchange.headerValues(name).filter((value) => value !== '');
}

function extraOf(exchange: Exchange, prefixes: readonly string[]): Record<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const prefix of prefixes) {
    for (const name of Object.keys(exchange.headers())) {
      if (!name.startsWith(prefix)) continue;
      const key = decoded(name.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...valuesOf(exchange, name)]);
    }
  }
  return Object.fromEntries(extra);
}

/** Keys are percent-encoded where a header's name could not hold them; what is not encoded rightly is meant as it is. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
