/** Tokens that let machines join a cluster (https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/). */
import { createHmac } from 'node:crypto';
import type { Secret } from '../../api/types/core.v1.ts';

export const tokenNamespace = 'kube-system';
const secretType = 'bootstrap.kubernetes.io/token';
const namePrefix = 'bootstrap-token-';
const idPattern = /^[a-z0-9]{6}$/;

export function isBootstrapToken({ metadata, type }: Secret): boolean {
  return metadata.namespace === tokenNamespace && type === secretType;
}

function valueOf({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
}

/** When a token ends, ms since the epoch: never where it does not say, at once where that cannot be read. */
export function expiresAtMs(secret: Secret): number {
  const text = valueOf(secret, 'expiration');
  if (text === '') return Infinity;
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(ms) ? -Infinity : ms;
}

/** The parts of a token that signs what joining machines read; undefined: it does not. */
export function signingToken(
  secret: Secret,
  nowMs: number,
): { readonly id: string; readonly secret: string } | undefined {
  if (!isBootstrapToken(secret) || secret.metadata.deletionTimestamp !== undefined) return undefined;
  const id = valueOf(secret, 'token-id');
  const text = valueOf(secret, 'token-secret');
  if (!idPattern.test(id) || secret.metadata.name !== namePrefix + id || text === '') return undefined;
  if (valueOf(secret, 'usage-bootstrap-signing') !== 'true' || expiresAtMs(secret) <= nowMs) return undefined;
  return { id, secret: text };
}

/** A JWS without its payload (RFC 7515, appendix F): whoever knows the token can tell that the text is ours. */
export function detachedSignature(text: string, id: string, secret: string): string {
  const encode = (part: string): string => Buffer.from(part, 'utf8').toString('base64url');
  const header = encode(JSON.stringify({ alg: 'HS256', kid: id }));
  const signature = createHmac('sha256', secret)
    .update(`${header}.${encode(text)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}
