import { forbidden, internalError } from '../../machinery/status.ts';
import { resourceOf, type ResourceRequest } from '../registry/request.ts';

/**
 * An update or apply of what is not there creates it: who may only update or patch must not get to it this way. Rejects
 * with 403, in upstream's short words.
 */
export async function checkMayCreate(request: ResourceRequest): Promise<void> {
  const { registry, user, info } = request;
  if (registry.authorizer === undefined) return;
  const decision = await registry.authorizer.authorize({ user, request: { ...info, verb: 'create' } });
  if (decision.verdict === 'allow') return;
  if (decision.error !== undefined) throw internalError(new Error(decision.error));
  throw forbidden(resourceOf(request), info.name, decision.reason);
}
