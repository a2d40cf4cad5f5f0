import type { UserInfo } from '../../api/contract.ts';
import { StatusError } from '../../machinery/status.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RequestInfo } from '../contract.ts';
import { forbiddenError } from './forbidden.ts';
import type { AuthorizationMetrics } from './metrics.ts';
import { attributesOf } from './selectors.ts';

/** Told of the decision. */
export type DecisionRecord = (decision: Decision) => void;

/**
 * Throws 403 unless a user may make a request, or rejects with it: at once when the authorizers decide at once. Throws
 * 500 when none allows it and one of them could not be asked.
 */
export function checkPermitted(
  authorizer: Authorizer,
  metrics: AuthorizationMetrics | undefined,
  user: UserInfo,
  request: RequestInfo,
  query: URLSearchParams,
  record?: DecisionRecord,
): Promise<void> | undefined {
  const attributes = attributesOf(user, request, query);
  const startMs = metrics?.now() ?? 0;
  const settle = (decision: Decision): void => {
    metrics?.observe(decision, startMs);
    record?.(decision);
    checkAllowed(attributes, decision);
  };
  const decided = authorizer.authorize(attributes);
  if (decided instanceof Promise) return decided.then(settle);
  settle(decided);
  return undefined;
}

function checkAllowed(attributes: AuthorizationAttributes, { verdict, reason, error }: Decision): void {
  if (verdict === 'allow') return;
  if (error !== undefined) {
    const message = `Internal Server Error: ${JSON.stringify(attributes.request.path)}: ${error}`;
    throw new StatusError(500, 'InternalError', message);
  }
  throw forbiddenError(attributes, reason);
}
