/** What stands in the tokens of service accounts (KEP-1205, KEP-4193). */
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import { AuthenticationError } from '../authentication-error.ts';

/** The registered claims (RFC 7519 §4.1); times in seconds since the epoch. */
export interface RegisteredClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly expiresAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly issuedAt: number | undefined;
  readonly id: string;
}

export interface ObjectClaim {
  readonly name: string;
  readonly uid: string;
}

/** The claim `kubernetes.io`. */
export interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: ObjectClaim;
  readonly pod: ObjectClaim | undefined;
  readonly secret: ObjectClaim | undefined;
  readonly node: ObjectClaim | undefined;
  /** From then on the token's bearer should have got a new one. */
  readonly warnAfter: number | undefined;
}

/** Clocks may differ by so much: tokens are good so much before and after their time, and objects after their deletion. */
export const leewaySeconds = 60;

/** Throws an AuthenticationError for claims that are not of their types. */
export function registeredClaims(claims: JsonObject): RegisteredClaims {
  const { iss, sub, aud, exp, nbf, iat, jti } = claims;
  return {
    issuer: text(iss),
    subject: text(sub),
    audiences: Array.isArray(aud) ? aud.map(text) : aud === undefined || aud === null ? [] : [text(aud)],
    expiresAt: time(exp),
    notBefore: time(nbf),
    issuedAt: time(iat),
    id: text(jti),
  };
}

/** Throws an AuthenticationError for claims that are not of their types. */
export function kubernetesClaims(claims: JsonObject): KubernetesClaims {
  const { namespace, serviceaccount, pod, secret, node, warnafter } = fields(claims['kubernetes.io']);
  const bound = (value: unknown): ObjectClaim | undefined =>
    value === undefined || value === null ? undefined : objectClaim(value);
  return {
    namespace: text(namespace),
    serviceaccount: objectClaim(serviceaccount),
    pod: bound(pod),
    secret: bound(secret),
    node: bound(node),
    warnAfter: time(warnafter),
  };
}

/** Throws an AuthenticationError outside of the token's time. */
export function checkTime({ expiresAt, notBefore, issuedAt }: RegisteredClaims, nowMs: number): void {
  const now = nowMs / 1000;
  if (notBefore !== undefined && now + leewaySeconds < notBefore) {
    throw new AuthenticationError('service account token is not valid yet');
  }
  if (expiresAt !== undefined && now - leewaySeconds > expiresAt) {
    throw new AuthenticationError('service account token has expired');
  }
  if (issuedAt !== undefined && now + leewaySeconds < issuedAt) {
    throw new AuthenticationError('service account token is issued in the future');
  }
}

function objectClaim(value: unknown): ObjectClaim {
  const { name, uid } = fields(value);
  return { name: text(name), uid: text(uid) };
}

function fields(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  throw malformed();
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw malformed();
}

function time(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  throw malformed();
}

function malformed(): AuthenticationError {
  return new AuthenticationError(
    'service account token claims could not be validated due to unexpected validation error',
  );
}
