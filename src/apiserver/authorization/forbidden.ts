import { quote } from '../../machinery/quote.ts';
import { forbidden, StatusError } from '../../machinery/status.ts';
import type { AuthorizationAttributes } from '../contract.ts';

/** The 403 that answers a request which no authorizer allows; `reason` is the decision's. Upstream's text. */
export function forbiddenError({ user, request }: AuthorizationAttributes, reason: string): StatusError {
  const who = `User ${quote(user.username)} cannot ${request.verb}`;
  const why = (text: string): string => (reason === '' ? text : `${text}: ${reason}`);
  if (!request.isResourceRequest) {
    return new StatusError(403, 'Forbidden', `forbidden: ${why(`${who} path ${quote(request.path)}`)}`, {
      details: {},
    });
  }
  const resource = request.subresource === '' ? request.resource : `${request.resource}/${request.subresource}`;
  const scope = request.namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(request.namespace)}`;
  const text = `${who} resource ${quote(resource)} in API group ${quote(request.apiGroup)} ${scope}`;
  return forbidden({ group: request.apiGroup, resource: request.resource }, request.name, why(text));
}
