/**
 * Kinds that are asked, not stored: reviews of who somebody is and what they may do, the older way to bind a Pod, and
 * the health of components.
 */
import type { UserInfo } from '../api/contract.ts';
import type { TokenReview } from '../api/types/authentication.v1.ts';
import { badRequest, StatusError } from '../machinery/status.ts';
import { AuthenticationError } from './authentication/authentication-error.ts';
import type { UnionAuthenticator } from './authentication/union.ts';
import { accessReviews } from './authorization/access-reviews.ts';
import { componentStatuses } from './component-statuses.ts';
import type { Authorizer } from './contract.ts';
import type { HealthCheck } from '../machinery/health-checks.ts';
import { InternalExchange } from './http/internal.ts';
import type { VirtualRequest, VirtualResource } from './handler.ts';
import { answerReview, readReview } from './reviews.ts';

export interface VirtualOptions {
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
    [
      'selfsubjectreviews.authentication.k8s.io',
      async (request) => {
        await readReview(request);
        const { username, uid, groups, extra } = request.user;
        await answerReview(
          request,
          {},
          {
            userInfo: {
              username,
              ...(uid === undefined ? {} : { uid }),
              groups,
              ...(extra === undefined ? {} : { extra }),
            },
          },
        );
      },
    ],
    ['tokenreviews.authentication.k8s.io', (request) => reviewToken(request, options.authenticator)],
    ...accessReviews(authorizer),
    ['bindings.', (request) => bind(request, options)],
    ['componentstatuses.', componentStatuses(options.storeCheck)],
  ]);
}

async function reviewToken(request: VirtualRequest, authenticator: UnionAuthenticator): Promise<void> {
  const review = await readReview<TokenReview>(request);
  const { token = '', audiences = [] } = review.spec ?? {};
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const wanted = audiences.length > 0 ? audiences : authenticator.audiences;
  const carrier = new InternalExchange({ method: 'GET', target: '/', headers: { authorization: `Bearer ${token}` } });
  try {
    const found = await authenticator.review(carrier, wanted);
    const { username, uid, groups, extra } = found.user;
    await answerReview(request, review, {
      authenticated: true,
      user: { username, uid, groups, extra },
      ...(found.audiences === undefined || found.audiences.length === 0 ? {} : { audiences: found.audiences }),
    });
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 401) throw error;
    await answerReview(request, review, {
      user: {},
      error: error instanceof AuthenticationError ? error.text : error.message,
    });
  }
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
