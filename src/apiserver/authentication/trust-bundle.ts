import { X509Certificate } from 'node:crypto';

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Chains are short; a client that sends a long one is not followed for ever. */
const maxDepth = 8;

/** The authorities whose certificates are believed. They may be changed while the server runs. */
export class TrustBundle {
  #anchors: readonly X509Certificate[] = [];
  #pem = '';
  #generation = 0;

  /** `pem` holds certificates. Throws OpenSSL's error for one that cannot be read, and an Error when there is none. */
  constructor(pem: string) {
    this.replace(pem);
  }

  /** Grows with each change. */
  get generation(): number {
    return this.#generation;
  }

  get pem(): string {
    return this.#pem;
  }

  /** Throws as the constructor does, and then keeps what it has. */
  replace(pem: string): void {
    const anchors = (pem.match(certificateBlock) ?? []).map((block) => new X509Certificate(block));
    if (anchors.length === 0) throw new Error('it holds no certificate in PEM form');
    this.#anchors = anchors;
    this.#pem = pem;
    this.#generation++;
  }

  /**
   * Whether a certificate leads to one of the authorities, through others that came with it. That every certificate on the
   * way is what it should be is for TLS to check, which knows all the authorities of the server together.
   */
  verifies(certificate: X509Certificate, intermediates: readonly X509Certificate[], nowMs: number): boolean {
    return this.#leadsHere(certificate, intermediates, nowMs, maxDepth);
  }

  #leadsHere(
    certificate: X509Certificate,
    intermediates: readonly X509Certificate[],
    nowMs: number,
    depth: number,
  ): boolean {
    if (!isInTime(certificate, nowMs)) return false;
    const isAnchor = this.#anchors.some(({ raw }) => raw.equals(certificate.raw));
    if (isAnchor) return true;
    if (this.#anchors.some((anchor) => isIssuer(anchor, certificate) && isInTime(anchor, nowMs))) return true;
    if (depth === 0) return false;
    return intermediates.some(
      (issuer) => isIssuer(issuer, certificate) && this.#leadsHere(issuer, intermediates, nowMs, depth - 1),
    );
  }
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isInTime(certificate: X509Certificate, nowMs: number): boolean {
  return certificate.validFromDate.getTime() <= nowMs && nowMs <= certificate.validToDate.getTime();
}
