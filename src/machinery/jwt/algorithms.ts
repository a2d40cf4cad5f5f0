/** The asymmetric signature algorithms of JSON Web Signatures (RFC 7518 §3.1). There are no others here: no `none`, no HMAC. */
import { constants } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type JwsAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512';

export interface AlgorithmParameters {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly kind: 'rsa' | 'rsa-pss' | 'ec';
  /** OpenSSL's name of the only curve that an elliptic algorithm goes with. */
  readonly curve?: string;
}

export const jwsAlgorithms: ReadonlyMap<string, AlgorithmParameters> = new Map<JwsAlgorithm, AlgorithmParameters>([
  ['RS256', { hash: 'sha256', kind: 'rsa' }],
  ['RS384', { hash: 'sha384', kind: 'rsa' }],
  ['RS512', { hash: 'sha512', kind: 'rsa' }],
  ['PS256', { hash: 'sha256', kind: 'rsa-pss' }],
  ['PS384', { hash: 'sha384', kind: 'rsa-pss' }],
  ['PS512', { hash: 'sha512', kind: 'rsa-pss' }],
  ['ES256', { hash: 'sha256', kind: 'ec', curve: 'prime256v1' }],
  ['ES384', { hash: 'sha384', kind: 'ec', curve: 'secp384r1' }],
  ['ES512', { hash: 'sha512', kind: 'ec', curve: 'secp521r1' }],
]);

/** Whether a key is of the kind that an algorithm is for: a key of one kind never verifies with another's algorithm. */
export function isKeyFor({ kind, curve }: AlgorithmParameters, key: KeyObject): boolean {
  if (kind === 'ec') return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === curve;
  return key.asymmetricKeyType === 'rsa';
}

/** What a key signs with, as upstream's service account issuer does: RS256, or the algorithm of the curve. */
export function algorithmOf(key: KeyObject): JwsAlgorithm | undefined {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  for (const name of ['ES256', 'ES384', 'ES512'] as const) {
    const parameters = jwsAlgorithms.get(name);
    if (parameters !== undefined && isKeyFor(parameters, key)) return name;
  }
  return undefined;
}

/** How node:crypto is told of an algorithm's form of signatures. */
export function signatureOptions({ kind }: AlgorithmParameters): {
  readonly dsaEncoding?: 'ieee-p1363';
  readonly padding?: number;
  readonly saltLength?: number;
} {
  switch (kind) {
    case 'ec':
      return { dsaEncoding: 'ieee-p1363' };
    case 'rsa':
      return { padding: constants.RSA_PKCS1_PADDING };
    case 'rsa-pss':
      return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  }
}
