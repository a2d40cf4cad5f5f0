import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Random } from '../../machinery/random.ts';
import { issueCertificate, type Issuer } from '../../machinery/x509/certificate.ts';
import type { SigningRequest } from '../../machinery/x509/signing-request.ts';
import type { KeyUsage, Purpose } from '../../machinery/x509/usages.ts';

const keyUsages: Readonly<Record<string, KeyUsage>> = {
  signing: 'digitalSignature',
  'digital signature': 'digitalSignature',
  'content commitment': 'contentCommitment',
  'key encipherment': 'keyEncipherment',
  'key agreement': 'keyAgreement',
  'data encipherment': 'dataEncipherment',
  'cert sign': 'keyCertSign',
  'crl sign': 'cRLSign',
  'encipher only': 'encipherOnly',
  'decipher only': 'decipherOnly',
};
const purposes: Readonly<Record<string, Purpose>> = {
  any: 'any',
  'server auth': 'serverAuth',
  'client auth': 'clientAuth',
  'code signing': 'codeSigning',
  'email protection': 'emailProtection',
  's/mime': 'emailProtection',
  'ipsec end system': 'ipsecEndSystem',
  'ipsec tunnel': 'ipsecTunnel',
  'ipsec user': 'ipsecUser',
  timestamping: 'timeStamping',
  'ocsp signing': 'ocspSigning',
  'microsoft sgc': 'microsoftServerGatedCrypto',
  'netscape sgc': 'netscapeServerGatedCrypto',
};

const minuteMs = 60_000;
/** Clocks of others may be behind. */
const backdateMs = 5 * minuteMs;
/** Of a certificate that lasts less, these minutes are not taken off its end. */
const shortMs = 8 * 60 * minuteMs;
const shortestMs = 10 * minuteMs;

/** An authority that signs requests, from PEM. */
export class Authority {
  readonly #issuer: Issuer;
  readonly #notAfterMs: number;

  /** Throws what node:crypto throws of PEM that it cannot read, and an Error for a key that is another's. */
  constructor({ certificate, key }: { readonly certificate: string; readonly key: string }) {
    const own = new X509Certificate(certificate);
    const privateKey = createPrivateKey(key);
    if (!own.checkPrivateKey(privateKey)) throw new Error('the key of the signing authority is not its certificate’s');
    this.#issuer = { certificate: own.raw, key: privateKey };
    this.#notAfterMs = own.validToDate.getTime();
  }

  /** DER. Throws an Error when the authority has expired, or for a usage that there is not. */
  sign(
    request: SigningRequest,
    usages: readonly string[],
    lifetimeMs: number,
    { nowMs, random }: { readonly nowMs: number; readonly random: Random },
  ): Buffer {
    const unknown = usages.filter((usage) => keyUsages[usage] === undefined && purposes[usage] === undefined);
    if (unknown.length > 0) throw new Error(`unrecognized usage values: ${JSON.stringify(unknown)}`);
    if (nowMs >= this.#notAfterMs) {
      throw new Error(`the signer has expired: NotAfter=${new Date(this.#notAfterMs).toISOString()}`);
    }
    const wantedMs = nowMs + lifetimeMs - (lifetimeMs < shortMs ? 0 : backdateMs);
    return issueCertificate(
      {
        subject: request.subject,
        publicKey: request.publicKey,
        rawAlternativeNames: request.rawAlternativeNames,
        notBeforeMs: nowMs - backdateMs,
        notAfterMs: Math.min(wantedMs, this.#notAfterMs),
        keyUsages: [...new Set(usages.flatMap((usage) => keyUsages[usage] ?? []))],
        purpose: [...new Set(usages.flatMap((usage) => purposes[usage] ?? []))],
      },
      this.#issuer,
      random,
    );
  }
}

/** How long a certificate lasts: as long as was asked for, but not longer than the signer allows, nor absurdly short. */
export function lifetimeMs(expirationSeconds: number | undefined, longestMs: number): number {
  if (typeof expirationSeconds !== 'number') return longestMs;
  const askedMs = expirationSeconds * 1000;
  return askedMs > longestMs ? longestMs : Math.max(askedMs, shortestMs);
}
