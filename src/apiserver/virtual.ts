/**
 * Kinds that are asked, not stored: reviews of who somebody is and what they may do, the older way to bind a Pod, and
 * the health of components.
 */
import type { UserInfo } from '../api/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import { badRequest } from '../machinery/status.ts';
import { authenticationReviews } from './authentication/reviews.ts';
import type { UnionAuthenticator } from './authentication/union.ts';
import { accessReviews } from './authorization/access-reviews.ts';
import { componentStatuses } from './component-statuses.ts';
import type { Authorizer } from './contract.ts';
import type { HealthCheck } from '../machinery/health-checks.ts';
import { InternalExchange } from './http/internal.ts';
import type { VirtualRequest, VirtualResource } from './handler.ts';
import { readReview } from './reviews.ts';

export interface VirtualOptions {
  readonly clock: Clock;
  /** Whether the store answers. */
  readonly storeCheck: HealthCheck;
  readonly authenticator: UnionAuthenticator;
  readonly authorizer: Authorizer;
  /** Serves a request of the process itself in a user's name. */
  serveAs(user: UserInfo, exchange: InternalExchange): Promise<void>;
}

/** The handlers by `<plural>.<group>`. */
export function virtualResources(options: VirtualOptions): ReadonlyMap<string, VirtualResource> {
  const { authorizer } = options;
  return new Map<string, VirtualResource>([
    ...authenticationReviews(options.authenticator, options.clock),
    ...accessReviews(authorizer),
    ['bindings.', (request) => bind(request, options)],
    ['componentstatuses.', componentStatuses(options.storeCheck)],
  ]);
}

/** POST of a Binding to the namespace: the same as to the Pod's own `binding`. */
async function bind(request: VirtualRequest, options: VirtualOptions): Promise<void> {
  const { exchange, info, user } = request;
  const binding = await readReview(request);
  const name = binding.metadata?.name ?? '';
  if (name === '') throw badRequest('metadata.name is required: it names the pod to bind');
  const inner = new InternalExchange({
    method: 'POST',
    target: `/api/v1/namespaces/${encodeURIComponent(info.namespace)}/pods/${encodeURIComponent(name)}/binding?${exchange.query.toString()}`,
    headers: {
      'content-type': 'application/json',
      accept: exchange.header('accept') ?? '',
      'user-agent': exchange.header('user-agent') ?? '',
    },
    body: Buffer.from(JSON.stringify(binding)),
  });
  await options.serveAs(user, inner);
  const { status, headers, body } = await inner.response;
  exchange.respond(status, { 'content-type': headers['content-type'] ?? 'application/json' }, body);
}
