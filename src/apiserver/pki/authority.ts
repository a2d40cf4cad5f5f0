/** Certificate authorities: read and checked, or made. */
import type { X509Certificate } from 'node:crypto';
import { issueSelfSigned } from '../../machinery/x509/certificate.ts';
import type { Issuer } from '../../machinery/x509/certificate.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Random } from '../../machinery/random.ts';
import { PkiError } from './pki-directory.ts';
import type { CertificateFile, KeyFile, PkiDirectory } from './pki-directory.ts';

/** What making certificates depends on. */
export interface PkiContext {
  readonly clock: Clock;
  readonly random: Random;
}

/** An authority. Without its key (an external CA, as kubeadm calls it) it can check, but not sign. */
export interface Authority extends CertificateFile {
  readonly keyFile: KeyFile | undefined;
}

const dayMs = 24 * 60 * 60 * 1000;
const authorityValidityMs = 10 * 365 * dayMs;
/** Certificates are valid from a little earlier on, for machines whose clocks are behind. */
export const backdateMs = 5 * 60 * 1000;

/**
 * The authority of `<name>.crt` and `.key`: read, or made when neither is there. A key without a certificate
 * (a first start that was cut short) gets one. Throws PkiError when it is expired, no authority, or does not match its key.
 */
export function ensureAuthority(
  directory: PkiDirectory,
  name: string,
  commonName: string,
  context: PkiContext,
): Authority {
  const existing = directory.certificate(`${name}.crt`);
  if (existing !== undefined) {
    const keyFile = directory.key(`${name}.key`);
    checkAuthority(existing, keyFile, context.clock.now());
    return { ...existing, keyFile };
  }
  const keyFile = directory.ensureKey(`${name}.key`);
  const nowMs = context.clock.now();
  const der = issueSelfSigned(
    {
      subject: { commonName, organizations: [] },
      notBeforeMs: nowMs - backdateMs,
      notAfterMs: nowMs + authorityValidityMs,
      purpose: 'authority',
      alternativeNames: [commonName],
    },
    keyFile.key,
    context.random,
  );
  return { ...directory.putCertificate(`${name}.crt`, der), keyFile };
}

/** The authority as a signer. Throws PkiError when its key is not there; `wanted` is the file that needs signing. */
export function issuerOf(authority: Authority, wanted: string): Issuer {
  if (authority.keyFile === undefined) {
    const keyPath = authority.path.replace(/\.crt$/, '.key');
    throw new PkiError(
      `${wanted} must be issued, but ${keyPath}, the key of the authority ${authority.path}, is not there: ` +
        `put that key in its place, or a certificate and key that the authority signed`,
    );
  }
  return { certificate: authority.certificate.raw, key: authority.keyFile.key };
}

function checkAuthority({ path, certificate }: CertificateFile, keyFile: KeyFile | undefined, nowMs: number): void {
  if (!certificate.ca) {
    throw new PkiError(`${path} is not the certificate of an authority: put the authority's certificate in its place`);
  }
  checkStarted(path, certificate, nowMs);
  if (certificate.validToDate.getTime() <= nowMs) {
    throw new PkiError(
      `${path} expired on ${certificate.validToDate.toISOString()}: renew the authority, or remove its files and all ` +
        `that it signed to have new ones made; clients must then be given the new ${path}`,
    );
  }
  if (keyFile !== undefined && !certificate.checkPrivateKey(keyFile.key)) {
    throw new PkiError(`${path} and ${keyFile.path} do not belong together: put the matching pair in their place`);
  }
}

/** Throws PkiError when a certificate's time has not come. */
export function checkStarted(path: string, certificate: X509Certificate, nowMs: number): void {
  if (certificate.validFromDate.getTime() > nowMs) {
    throw new PkiError(
      `${path} is valid only from ${certificate.validFromDate.toISOString()} on, and it is ` +
        `${new Date(nowMs).toISOString()} by this machine's clock: set the clock, or replace the certificate`,
    );
  }
}
