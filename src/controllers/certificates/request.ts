import { decodePem } from '../../api/certificates/pem.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import { ExponentialRateLimiter, MaxRateLimiter, TokenBucketRateLimiter } from '../../machinery/rate-limiter.ts';
import type { RateLimiter } from '../../machinery/rate-limiter.ts';
import type { Clock } from '../../machinery/clock.ts';
import { DerError } from '../../machinery/x509/der.ts';
import { readSigningRequest, type SigningRequest } from '../../machinery/x509/signing-request.ts';

/** What a CertificateSigningRequest asks for. Throws an Error when it cannot be read. */
export function requestOf({ spec }: CertificateSigningRequest): SigningRequest {
  const [block] = decodePem(Buffer.from(spec.request ?? '', 'base64').toString('utf8'));
  if (block?.type !== 'CERTIFICATE REQUEST') throw new DerError('PEM block type must be CERTIFICATE REQUEST');
  return readSigningRequest(block.bytes);
}

export function hasCondition({ status }: CertificateSigningRequest, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type) ?? false;
}

export function isIssued({ status }: CertificateSigningRequest): boolean {
  return (status?.certificate ?? '') !== '';
}

/** Upstream's for these controllers: slower than others with what fails. */
export function requestRateLimiter(clock: Pick<Clock, 'monotonicMs'>): RateLimiter<string> {
  return new MaxRateLimiter([new ExponentialRateLimiter(200, 1_000_000), new TokenBucketRateLimiter(10, 100, clock)]);
}
