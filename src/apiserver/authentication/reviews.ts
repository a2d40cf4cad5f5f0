/** Questions about who somebody is: whose a token is (TokenReview), and who one is oneself (SelfSubjectReview). */
import type { UserInfo } from '../../api/contract.ts';
import type { TokenReview } from '../../api/types/authentication.v1.ts';
import type { Clock } from '../../machinery/clock.ts';
import { badRequest, StatusError } from '../../machinery/status.ts';
import { formatTime } from '../../machinery/time.ts';
import type { VirtualRequest, VirtualResource } from '../handler.ts';
import { InternalExchange } from '../http/internal.ts';
import { sendTyped } from '../registry/respond.ts';
import { answerReview, readReview } from '../reviews.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { UnionAuthenticator } from './union.ts';

/** The handlers by `<plural>.<group>`. */
export function authenticationReviews(
  authenticator: UnionAuthenticator,
  clock: Pick<Clock, 'now'>,
): readonly (readonly [string, VirtualResource])[] {
  return [
    ['selfsubjectreviews.authentication.k8s.io', (request) => reviewSelf(request, clock)],
    ['tokenreviews.authentication.k8s.io', (request) => reviewToken(request, authenticator)],
  ];
}

async function reviewSelf(request: VirtualRequest, clock: Pick<Clock, 'now'>): Promise<void> {
  await readReview(request);
  const { exchange, definition, user } = request;
  await sendTyped(exchange, 201, {
    kind: definition.kind,
    apiVersion: `${definition.group}/${definition.version}`,
    metadata: { creationTimestamp: formatTime(clock.now()) },
    status: { userInfo: shown(user) },
  });
}

async function reviewToken(request: VirtualRequest, authenticator: UnionAuthenticator): Promise<void> {
  const review = await readReview<TokenReview>(request);
  const { token = '', audiences = [] } = review.spec ?? {};
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const wanted = audiences.length > 0 ? audiences : authenticator.audiences;
  const carrier = new InternalExchange({ method: 'GET', target: '/', headers: { authorization: `Bearer ${token}` } });
  try {
    const found = await authenticator.review(carrier, wanted);
    await answerReview(request, review, {
      authenticated: true,
      user: shown(found.user),
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

function shown({ username, uid, groups, extra }: UserInfo): object {
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}
