import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../types/certificates.v1.ts';

type Condition = CertificateSigningRequestCondition;

export function conditionsOf({ status }: CertificateSigningRequest): Condition[] {
  return status?.conditions ?? [];
}

export function setConditions(request: CertificateSigningRequest, conditions: Condition[]): void {
  request.status = { ...request.status, conditions };
}

/** Fills the times that a writer left open; a condition that stands as it did keeps the time of its transition. */
export function stampConditions(request: CertificateSigningRequest, old: CertificateSigningRequest, now: string): void {
  const before = conditionsOf(old);
  // Copies, because conditions that were put back are the stored ones.
  const conditions = conditionsOf(request).map((condition): Condition => {
    const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
    const lastTransitionTime = condition.lastTransitionTime || same?.lastTransitionTime || now;
    return { ...condition, lastUpdateTime: condition.lastUpdateTime || now, lastTransitionTime };
  });
  if (conditions.length > 0) setConditions(request, conditions);
}

const decisions = ['Approved', 'Denied'] as const;

/**
 * Whether the status writer neither adds nor removes a decision: deciding is for the `approval` subresource. Those it
 * sends back are put back as they were.
 */
export function keepsDecisions(request: CertificateSigningRequest, old: CertificateSigningRequest): boolean {
  const conditions = [...conditionsOf(request)];
  for (const type of decisions) {
    const stored = conditionsOf(old).filter((condition) => condition?.type === type);
    const places = conditions.flatMap((condition, index) => (condition?.type === type ? [index] : []));
    if (stored.length !== places.length) return false;
    stored.forEach((condition, nth) => {
      const place = places[nth];
      if (place !== undefined) conditions[place] = condition;
    });
  }
  if (!semanticDeepEqual(conditions, conditionsOf(request))) setConditions(request, conditions);
  return true;
}
