/** JSON Web Tokens in the compact form of JSON Web Signatures (RFC 7515, RFC 7519). */
import { sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { algorithmOf, isKeyFor, jwsAlgorithms, signatureOptions } from './algorithms.ts';
import type { AlgorithmParameters, JwsAlgorithm } from './algorithms.ts';
import { keyIdOf } from './jwk.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A token taken apart. Nothing of it is to be believed before its signature is verified. */
export interface Jws {
  /** The `alg` of the header, which is one of `jwsAlgorithms`. */
  readonly algorithm: JwsAlgorithm;
  /** The `kid` of the header; '' when there is none. */
  readonly keyId: string;
  readonly claims: JsonObject;
  /** What is signed. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

const base64urlPattern = /^[A-Za-z0-9_-]+$/;

/**
 * Undefined for what is no signed token: another form, bad base64url, no JSON objects, an algorithm that is not
 * asymmetric (`none` among them), or critical header parameters, none of which is known here.
 */
export function parseJws(token: string): Jws | undefined {
  const [header64, claims64, signature64, ...rest] = token.split('.');
  if (header64 === undefined || claims64 === undefined || signature64 === undefined || rest.length > 0)
    return undefined;
  const header = parsePart(header64);
  const claims = parsePart(claims64);
  if (header === undefined || claims === undefined || !base64urlPattern.test(signature64)) return undefined;
  const { alg, kid } = header;
  if (typeof alg !== 'string' || !jwsAlgorithms.has(alg)) return undefined;
  if ((kid !== undefined && typeof kid !== 'string') || header['crit'] !== undefined) return undefined;
  return {
    algorithm: alg as JwsAlgorithm,
    keyId: kid ?? '',
    claims,
    signingInput: Buffer.from(token.slice(0, header64.length + 1 + claims64.length), 'latin1'),
    signature: Buffer.from(signature64, 'base64url'),
  };
}

/** The claims of what looks like a token, unverified, to see whose it might be. Undefined when it does not. */
export function peekClaims(token: string): JsonObject | undefined {
  const parts = token.split('.');
  return parts.length === 3 && parts[1] !== undefined ? parsePart(parts[1]) : undefined;
}

function parsePart(text: string): JsonObject | undefined {
  if (!base64urlPattern.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the token was signed with the private half of this key. A key of another kind than the algorithm's says no. */
export function verifyJws({ algorithm, signingInput, signature }: Jws, publicKey: KeyObject): boolean {
  const parameters = jwsAlgorithms.get(algorithm);
  if (parameters === undefined || !isKeyFor(parameters, publicKey)) return false;
  return verify(parameters.hash, signingInput, { key: publicKey, ...signatureOptions(parameters) }, signature);
}

/** Signs tokens with one key. */
export class JwtSigner {
  readonly keyId: string;
  readonly algorithm: JwsAlgorithm;
  readonly #key: KeyObject;
  readonly #parameters: AlgorithmParameters;
  readonly #header: string;

  /** Throws a TypeError for a key that is neither RSA nor on one of the curves P-256, P-384, P-521. */
  constructor(privateKey: KeyObject) {
    const algorithm = algorithmOf(privateKey);
    const parameters = algorithm && jwsAlgorithms.get(algorithm);
    if (algorithm === undefined || parameters === undefined) {
      throw new TypeError('a key that signs tokens must be RSA, or on the curve P-256, P-384 or P-521');
    }
    this.keyId = keyIdOf(privateKey);
    this.algorithm = algorithm;
    this.#key = privateKey;
    this.#parameters = parameters;
    this.#header = encodePart({ alg: algorithm, kid: this.keyId });
  }

  /** The token in compact form. */
  sign(claims: JsonObject): string {
    const input = `${this.#header}.${encodePart(claims)}`;
    const key = { key: this.#key, ...signatureOptions(this.#parameters) };
    return `${input}.${sign(this.#parameters.hash, Buffer.from(input, 'latin1'), key).toString('base64url')}`;
  }
}

function encodePart(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
