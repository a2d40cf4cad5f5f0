import { addAuditAnnotation } from '../admission/audit-annotations.ts';
import type { DecisionRecord } from '../authorization/permit.ts';
import type { Exchange } from '../contract.ts';

const decisionKey = 'authorization.k8s.io/decision';
const reasonKey = 'authorization.k8s.io/reason';

/** Notes for the audit event whether a request was allowed, and why. */
export function recordDecision(exchange: Exchange): DecisionRecord {
  return ({ verdict, reason, error }) => {
    if (verdict !== 'allow' && error !== undefined) {
      addAuditAnnotation(exchange, reasonKey, 'internal error');
      return;
    }
    addAuditAnnotation(exchange, decisionKey, verdict === 'allow' ? 'allow' : 'forbid');
    addAuditAnnotation(exchange, reasonKey, reason);
  };
}
