/** Public keys as JSON Web Keys (RFC 7517), and what they are called. */
import { createPublicKey, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { algorithmOf } from './algorithms.ts';

/** A public key for signatures, as key sets publish it; fields in the order in which upstream writes them. */
export interface PublicJwk {
  readonly use?: string;
  readonly kty: string;
  readonly kid?: string;
  readonly crv?: string;
  readonly alg?: string;
  readonly n?: string;
  readonly e?: string;
  readonly x?: string;
  readonly y?: string;
}

/** The public half of a key; a public key itself. */
export function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** Upstream's name of a key: the SHA-256 of its public half in DER (SubjectPublicKeyInfo), in base64url. */
export function keyIdOf(key: KeyObject): string {
  return hash('sha256', publicHalf(key).export({ type: 'spki', format: 'der' }), 'base64url');
}

/** Throws a TypeError for a key that no algorithm of ours is for. */
export function jwkOf(key: KeyObject): PublicJwk {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new TypeError(`no signature algorithm for a key of type ${key.asymmetricKeyType}`);
  const { kty = '', crv, n, e, x, y } = publicHalf(key).export({ format: 'jwk' });
  return {
    use: 'sig',
    kty,
    kid: keyIdOf(key),
    ...(crv === undefined ? {} : { crv }),
    alg: algorithm,
    ...(n === undefined || e === undefined ? {} : { n, e }),
    ...(x === undefined || y === undefined ? {} : { x, y }),
  };
}

/** A key of a key set that signatures can be verified with; undefined for one that is for something else or not readable. */
export function publicKeyOfJwk(jwk: unknown): { readonly keyId: string; readonly key: KeyObject } | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  const fields = jwk as Record<string, unknown>;
  const { kid, use, kty, n, e, crv, x, y } = fields;
  if ((use !== undefined && use !== 'sig') || (kty !== 'RSA' && kty !== 'EC')) return undefined;
  try {
    // Only the public parts: whatever else a set holds is none of our business.
    const parts = kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y };
    const key = createPublicKey({ key: parts as Record<string, string>, format: 'jwk' });
    return { keyId: typeof kid === 'string' ? kid : '', key };
  } catch {
    return undefined;
  }
}
