/** Certificates that an authority of ours signs: read and checked, issued, and issued anew in time. */
import { createPublicKey } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { issueCertificate } from '../../machinery/x509/certificate.ts';
import type { DistinguishedName } from '../../machinery/x509/distinguished-name.ts';
import { backdateMs, checkStarted, issuerOf } from './authority.ts';
import type { Authority, PkiContext } from './authority.ts';
import { PkiError, replaceIt } from './pki-directory.ts';
import type { CertificateFile, KeyFile, PkiDirectory } from './pki-directory.ts';

/** A certificate (with its chain) and its private key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface LeafRequest {
  /** `<name>.crt` and `<name>.key`. */
  readonly name: string;
  readonly subject: DistinguishedName;
  readonly purpose: readonly ('serverAuth' | 'clientAuth')[];
  readonly alternativeNames?: readonly string[];
}

const dayMs = 24 * 60 * 60 * 1000;
const leafValidityMs = 365 * dayMs;
/** Less than this left, and a certificate is issued anew. */
const renewalMs = 30 * dayMs;

/**
 * The pair of `<name>.crt` and `.key`. The certificate is issued when there is none, when it ends within 30
 * days, or when a name asked for is not in it; the key stays. Throws PkiError when a file cannot be read, the two do not
 * belong together, another authority signed, or one must be issued and the authority's key is not there.
 */
export function ensureLeaf(
  directory: PkiDirectory,
  request: LeafRequest,
  authority: Authority,
  context: PkiContext,
): KeyPair {
  const certificateName = `${request.name}.crt`;
  const existing = directory.certificate(certificateName);
  const nowMs = context.clock.now();
  // Asked before a key is made: nothing is left behind when there is nobody to sign.
  const isFresh = existing !== undefined && isUsable(existing, request, authority, nowMs);
  const issuer = isFresh ? undefined : issuerOf(authority, directory.pathOf(certificateName));
  const keyFile = directory.ensureKey(`${request.name}.key`);
  if (existing !== undefined) checkPair(existing, keyFile);
  if (existing !== undefined && issuer === undefined) return { certificate: existing.pem, key: keyFile.pem };

  const der = issueCertificate(
    {
      subject: request.subject,
      publicKey: createPublicKey(keyFile.key),
      notBeforeMs: nowMs - backdateMs,
      // None outlives its authority.
      notAfterMs: Math.min(nowMs + leafValidityMs, authority.certificate.validToDate.getTime()),
      purpose: request.purpose,
      ...(request.alternativeNames === undefined ? {} : { alternativeNames: request.alternativeNames }),
    },
    issuer ?? issuerOf(authority, directory.pathOf(certificateName)),
    context.random,
  );
  return { certificate: directory.putCertificate(certificateName, der).pem, key: keyFile.pem };
}

/** Whether an existing certificate can go on being used. Throws PkiError when it is not ours to replace. */
function isUsable(
  { path, certificate }: CertificateFile,
  request: LeafRequest,
  authority: Authority,
  nowMs: number,
): boolean {
  if (!certificate.checkIssued(authority.certificate) || !certificate.verify(authority.certificate.publicKey)) {
    throw new PkiError(`${path} was not signed by ${authority.path}: ${replaceIt}`);
  }
  checkStarted(path, certificate, nowMs);
  const endsMs = certificate.validToDate.getTime();
  // An external authority renews its certificates itself: they are used to their end.
  if (endsMs - nowMs < (authority.keyFile === undefined ? 0 : renewalMs)) return false;
  return coversNames(certificate, request.alternativeNames ?? []);
}

/** Throws PkiError unless a certificate and a key belong together. */
export function checkPair({ path, certificate }: CertificateFile, keyFile: KeyFile): void {
  if (!certificate.checkPrivateKey(keyFile.key)) {
    throw new PkiError(
      `${path} and ${keyFile.path} do not belong together: put the matching pair in their place, or remove both to ` +
        `have new ones made`,
    );
  }
}

/** Whether a server certificate is good for every one of these DNS names and IP addresses. */
function coversNames(certificate: X509Certificate, names: readonly string[]): boolean {
  return names.every((name) =>
    isIP(name) === 0
      ? certificate.checkHost(name, { subject: 'never' }) !== undefined
      : certificate.checkIP(name) !== undefined,
  );
}
