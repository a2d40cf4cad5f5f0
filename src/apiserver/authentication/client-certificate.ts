import { hash, X509Certificate } from 'node:crypto';
import type { Clock } from '../../machinery/clock.ts';
import { subjectOf } from '../../machinery/x509/certificate.ts';
import { purposeIds } from '../../machinery/x509/usages.ts';
import type { Authenticator, Connection, Exchange } from '../contract.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { Authenticated } from './contract.ts';
import type { AuthenticationMetrics } from './metrics.ts';
import type { TrustBundle } from './trust-bundle.ts';
import { credentialIdKey } from './users.ts';

/** What a certificate says, read once per connection. */
export interface ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly credentialId: string;
  readonly validToMs: number;
}

/** `anyExtendedKeyUsage` (RFC 5280 §4.2.1.12). */
const anyPurpose = '2.5.29.37.0';
export const unknownAuthority = 'x509: certificate signed by unknown authority';
const notInTime = 'x509: certificate has expired or is not yet valid';
const notForClients = 'x509: certificate specifies an incompatible key usage';

interface Judged {
  readonly generation: number;
  readonly certificate: ClientCertificate;
  readonly validFromMs: number;
  /** Why it is refused, whatever time it is. */
  readonly problem: string | undefined;
}

/**
 * Reads the certificates of connections by one bundle of authorities. A connection is judged once, and anew when the
 * authorities change; whether the certificate is still valid is asked each time.
 */
export class CertificateVerifier {
  readonly #bundle: TrustBundle;
  readonly #clock: Clock;

  constructor(bundle: TrustBundle, clock: Clock) {
    this.#bundle = bundle;
    this.#clock = clock;
  }

  /** Undefined when the client showed none. Throws an AuthenticationError for one that is not believed. */
  verify(connection: Connection): ClientCertificate | undefined {
    const { clientCertificate, memory } = connection;
    if (connection.clientCertificateProblem !== undefined) {
      throw new AuthenticationError(connection.clientCertificateProblem);
    }
    if (clientCertificate === undefined) return undefined;
    const known = memory.get(this);
    const nowMs = this.#clock.now();
    let judged = isJudged(known) ? known : undefined;
    if (judged === undefined || judged.generation !== this.#bundle.generation) {
      judged = this.#judge(clientCertificate, connection.clientIntermediates ?? [], nowMs);
      memory.set(this, judged);
    }
    if (nowMs < judged.validFromMs || nowMs > judged.certificate.validToMs) throw new AuthenticationError(notInTime);
    if (judged.problem !== undefined) throw new AuthenticationError(judged.problem);
    return judged.certificate;
  }

  #judge(der: Uint8Array, intermediates: readonly Uint8Array[], nowMs: number): Judged {
    const certificate = new X509Certificate(der);
    const validFromMs = certificate.validFromDate.getTime();
    const validToMs = certificate.validToDate.getTime();
    // Out of its time it leads nowhere, and may come into it later.
    const atMs = Math.min(Math.max(nowMs, validFromMs), validToMs);
    const chain = intermediates.map((one) => new X509Certificate(one));
    // Absent: every purpose is allowed.
    const purposes: readonly string[] | undefined = certificate.keyUsage;
    const isForClients =
      purposes === undefined || purposes.includes(purposeIds.clientAuth) || purposes.includes(anyPurpose);
    const { commonName, organizations } = subjectOf(der);
    return {
      generation: this.#bundle.generation,
      certificate: {
        commonName,
        organizations,
        credentialId: `X509SHA256=${hash('sha256', der, 'hex')}`,
        validToMs,
      },
      validFromMs,
      problem: !this.#bundle.verifies(certificate, chain, atMs)
        ? unknownAuthority
        : isForClients
          ? undefined
          : notForClients,
    };
  }
}

/** Only the verifier writes under its own key. */
function isJudged(value: unknown): value is Judged {
  return typeof value === 'object' && value !== null && 'validFromMs' in value;
}

/** The user of a TLS client certificate: its common name, in the groups that its organizations name. */
export class ClientCertificateAuthenticator implements Authenticator {
  readonly name = 'x509';
  readonly #verifier: CertificateVerifier;
  readonly #clock: Clock;
  readonly #metrics: AuthenticationMetrics | undefined;
  readonly #users = new WeakMap<ClientCertificate, Authenticated>();

  constructor(options: {
    readonly bundle: TrustBundle;
    readonly clock: Clock;
    readonly metrics?: AuthenticationMetrics;
  }) {
    this.#verifier = new CertificateVerifier(options.bundle, options.clock);
    this.#clock = options.clock;
    this.#metrics = options.metrics;
  }

  authenticate(exchange: Exchange): Authenticated | undefined {
    const certificate = this.#verifier.verify(exchange.connection);
    if (certificate === undefined) return undefined;
    this.#metrics?.certificateUsed(certificate.validToMs - this.#clock.now());
    if (certificate.commonName === '') return undefined;
    let found = this.#users.get(certificate);
    if (found === undefined) this.#users.set(certificate, (found = userOf(certificate)));
    return found;
  }
}

function userOf({ commonName, organizations, credentialId }: ClientCertificate): Authenticated {
  const extra = { [credentialIdKey]: [credentialId] };
  return { user: { username: commonName, groups: organizations, extra } };
}
