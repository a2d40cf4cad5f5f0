/** Issuing X.509 certificates (RFC 5280) on `node:crypto`. Reading them is `node:crypto`'s X509Certificate. */
import { createHash, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Random } from '../random.ts';
import { bitString, boolean, context, decode, decodeAll, DerError, dottedForm, integer } from './der.ts';
import { objectIdentifier, octetString, sequence, time } from './der.ts';
import { keyUsageString, purposeIds, type KeyUsage, type Purpose } from './usages.ts';
import { decodeName, encodeName } from './distinguished-name.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { addressBits, parseWrittenIP } from '../ip-address.ts';

/** An authority: its certificate in DER, and the key that belongs to it. */
export interface Issuer {
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** What the key may be used for; `authority` makes it a certificate that signs others. */
  readonly purpose: 'authority' | readonly Purpose[];
  /** Default: to sign, and for an authority to sign certificates and revocations. */
  readonly keyUsages?: readonly KeyUsage[];
  /** DNS names and IP addresses (subjectAltName). */
  readonly alternativeNames?: readonly string[];
  /** More of them, as GeneralNames in DER. */
  readonly rawAlternativeNames?: readonly Uint8Array[];
}

const extensionIds = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** Signs a certificate with the issuer's key; returns DER. Throws when the issuer's key is of an unsupported type. */
export function issueCertificate(request: CertificateRequest, issuer: Issuer, random: Random): Buffer {
  const { rawSubject, subjectKeyIdentifier } = readIssuer(issuer.certificate);
  return signCertificate(request, issuer.key, rawSubject, subjectKeyIdentifier, random);
}

/** A certificate that `key` signs for itself; returns DER. */
export function issueSelfSigned(
  request: Omit<CertificateRequest, 'publicKey'>,
  key: KeyObject,
  random: Random,
): Buffer {
  const publicKey = createPublicKey(key);
  return signCertificate(
    { ...request, publicKey },
    key,
    encodeName(request.subject),
    keyIdentifierOf(publicKey),
    random,
  );
}

/** DER as PEM. */
export function certificatePem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Whom a certificate in DER is for. Throws DerError. */
export function subjectOf(certificate: Uint8Array): DistinguishedName {
  return decodeName(readIssuer(certificate).rawSubject);
}

function signCertificate(
  request: CertificateRequest,
  key: KeyObject,
  rawIssuer: Uint8Array,
  authorityKeyIdentifier: Uint8Array | undefined,
  random: Random,
): Buffer {
  const { algorithm, hash } = signatureAlgorithm(key);
  const serial = random.bytes(16);
  // Positive and never zero, as RFC 5280 §4.1.2.2 asks; what is left is random enough.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    context(0, true, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    rawIssuer,
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    encodeName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    context(3, true, sequence(...extensionsOf(request, authorityKeyIdentifier))),
  );
  return sequence(toBeSigned, algorithm, bitString(sign(hash, toBeSigned, key)));
}

const authorityUsages: readonly KeyUsage[] = ['digitalSignature', 'keyCertSign', 'cRLSign'];
const leafUsages: readonly KeyUsage[] = ['digitalSignature'];

function extensionsOf(request: CertificateRequest, authorityKeyIdentifier: Uint8Array | undefined): Buffer[] {
  const isAuthority = request.purpose === 'authority';
  const keyUsages = request.keyUsages ?? (isAuthority ? authorityUsages : leafUsages);
  const extensions = [
    extension(extensionIds.basicConstraints, true, isAuthority ? sequence(boolean(true)) : sequence()),
    ...(keyUsages.length === 0 ? [] : [extension(extensionIds.keyUsage, true, keyUsageString(keyUsages))]),
    extension(extensionIds.subjectKeyIdentifier, false, octetString(keyIdentifierOf(request.publicKey))),
  ];
  if (authorityKeyIdentifier !== undefined) {
    const identifier = sequence(context(0, false, authorityKeyIdentifier));
    extensions.push(extension(extensionIds.authorityKeyIdentifier, false, identifier));
  }
  if (request.purpose !== 'authority' && request.purpose.length > 0) {
    const purposes = request.purpose.map((purpose) => objectIdentifier(purposeIds[purpose]));
    extensions.push(extension(extensionIds.extendedKeyUsage, false, sequence(...purposes)));
  }
  const names = [...(request.alternativeNames ?? []).map(generalName), ...(request.rawAlternativeNames ?? [])];
  if (names.length > 0) extensions.push(extension(extensionIds.subjectAltName, false, sequence(...names)));
  return extensions;
}

/** A GeneralName (RFC 5280 §4.2.1.6): `iPAddress` for what is an address, else `dNSName`. */
function generalName(name: string): Buffer {
  const address = parseWrittenIP(name);
  if (address === undefined) return context(2, false, Buffer.from(name, 'latin1'));
  const digits = address.value.toString(16).padStart(addressBits(address.family) / 4, '0');
  return context(7, false, Buffer.from(digits, 'hex'));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(id), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

/** RFC 7093 §2 (1): the leftmost 160 bits of the SHA-256 of the public key. */
function keyIdentifierOf(publicKey: KeyObject): Buffer {
  const [, keyBits] = decodeAll(decode(publicKey.export({ type: 'spki', format: 'der' })).contents);
  const bits = keyBits?.contents.subarray(1) ?? Buffer.alloc(0);
  return createHash('sha256').update(bits).digest().subarray(0, 20);
}

/** How a key of this type signs: the AlgorithmIdentifier, and the hash for `crypto.sign`. */
function signatureAlgorithm(key: KeyObject): { algorithm: Buffer; hash: string | null } {
  const nullParameters = Buffer.from([0x05, 0x00]);
  switch (key.asymmetricKeyType) {
    case 'ec': {
      // The hash is as strong as the curve (RFC 5480 §4).
      switch (key.asymmetricKeyDetails?.namedCurve) {
        case 'secp384r1':
          return { algorithm: sequence(objectIdentifier('1.2.840.10045.4.3.3')), hash: 'sha384' };
        case 'secp521r1':
          return { algorithm: sequence(objectIdentifier('1.2.840.10045.4.3.4')), hash: 'sha512' };
        default:
          return { algorithm: sequence(objectIdentifier('1.2.840.10045.4.3.2')), hash: 'sha256' };
      }
    }
    case 'rsa':
      return { algorithm: sequence(objectIdentifier('1.2.840.113549.1.1.11'), nullParameters), hash: 'sha256' };
    case 'ed25519':
      return { algorithm: sequence(objectIdentifier('1.3.101.112')), hash: null };
    default:
      throw new Error(
        `a key of type ${key.asymmetricKeyType ?? key.type} cannot sign certificates: use EC, RSA or Ed25519`,
      );
  }
}

/** What an issued certificate repeats of its issuer's: the subject, octet for octet, and the key identifier. */
function readIssuer(certificate: Uint8Array): { rawSubject: Buffer; subjectKeyIdentifier: Buffer | undefined } {
  const [toBeSigned] = decodeAll(decode(certificate).contents);
  const fields = toBeSigned === undefined ? [] : decodeAll(toBeSigned.contents);
  // The version is `[0]` and may be absent; serial, algorithm, issuer, validity, subject follow.
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (subject === undefined) throw new DerError('the certificate has no subject');
  const extensions = fields.find((field) => field.tag === 0xa3);
  let subjectKeyIdentifier: Buffer | undefined;
  for (const entry of extensions === undefined ? [] : decodeAll(decode(extensions.contents).contents)) {
    const parts = decodeAll(entry.contents);
    const value = parts.at(-1);
    if (parts[0] === undefined || value === undefined) continue;
    if (dottedForm(parts[0].contents) === extensionIds.subjectKeyIdentifier) {
      subjectKeyIdentifier = decode(value.contents).contents;
    }
  }
  return { rawSubject: subject.raw, subjectKeyIdentifier };
}
