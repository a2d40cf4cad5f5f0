import { hash, X509Certificate } from 'node:crypto';
import type { UserInfo } from '../../api/contract.ts';
import type { Clock } from '../../machinery/clock.ts';
import { unauthorized } from '../../machinery/status.ts';
import { purposeIds, subjectOf } from '../../machinery/x509/certificate.ts';
import type { Authenticator, Exchange } from '../contract.ts';
import { credentialIdKey } from './users.ts';

/** What a certificate says, read once per connection. */
interface ReadCertificate {
  /** Undefined: the certificate names nobody, or is not for clients. */
  readonly user: UserInfo | undefined;
  readonly isForClients: boolean;
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** `anyExtendedKeyUsage` (RFC 5280 §4.2.1.12). */
const anyPurpose = '2.5.29.37.0';

/**
 * The user of a TLS client certificate: its common name, in the groups that its organizations name. TLS has verified the
 * chain when the connection began; whether the certificate is still valid is asked for each request.
 */
export class ClientCertificateAuthenticator implements Authenticator {
  readonly name = 'x509';
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  authenticate(exchange: Exchange): UserInfo | undefined {
    const { clientCertificate, memory } = exchange.connection;
    if (clientCertificate === undefined) return undefined;
    const known = memory.get(this);
    const read = isRead(known) ? known : readCertificate(clientCertificate);
    if (known === undefined) memory.set(this, read);
    const nowMs = this.#clock.now();
    if (!read.isForClients || nowMs < read.validFromMs || nowMs > read.validToMs) throw unauthorized();
    return read.user;
  }
}

/** Only this authenticator writes under its own key. */
function isRead(value: unknown): value is ReadCertificate {
  return typeof value === 'object' && value !== null && 'validToMs' in value;
}

function readCertificate(der: Uint8Array): ReadCertificate {
  const certificate = new X509Certificate(der);
  // Absent: every purpose is allowed.
  const purposes: readonly string[] | undefined = certificate.keyUsage;
  const isForClients =
    purposes === undefined || purposes.includes(purposeIds.clientAuth) || purposes.includes(anyPurpose);
  const { commonName, organizations } = subjectOf(der);
  return {
    user:
      commonName === ''
        ? undefined
        : {
            username: commonName,
            groups: organizations,
            extra: { [credentialIdKey]: [`X509SHA256=${hash('sha256', der, 'hex')}`] },
          },
    isForClients,
    validFromMs: certificate.validFromDate.getTime(),
    validToMs: certificate.validToDate.getTime(),
  };
}
