/**
 * Kinds that are asked, not stored: reviews of who somebody is and what they may do, the older way to bind a Pod, and
 * the health of components.
 */
import type { KubernetesObject, UserInfo } from '../api/contract.ts';
import type { TokenReview } from '../api/types/authentication.v1.ts';
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewStatus,
} from '../api/types/authorization.v1.ts';
import { root } from '../machinery/field-error.ts';
import { badRequest, invalid, methodNotAllowed, StatusError } from '../machinery/status.ts';
import { AuthenticationError } from './authentication/authentication-error.ts';
import type { UnionAuthenticator } from './authentication/union.ts';
import { componentStatuses } from './component-statuses.ts';
import type { Authorizer, RequestInfo } from './contract.ts';
import type { HealthCheck } from '../machinery/health-checks.ts';
import { InternalExchange } from './http/internal.ts';
import { assertTakesObject } from './http/negotiation.ts';
import type { VirtualRequest, VirtualResource } from './handler.ts';
import { decodeObject, readRequestBody } from './registry/body.ts';
import { parseWriteOptions } from './registry/options.ts';
import { sendTyped } from './registry/respond.ts';

export interface VirtualOptions {
  /** Whether the store answers. */
  readonly storeCheck: HealthCheck;
  readonly authenticator: UnionAuthenticator;
  readonly authorizer: Authorizer;
  /** Serves a request of the process itself in a user's name. */
  serveAs(user: UserInfo, exchange: InternalExchange): Promise<void>;
}

async function readReview<T extends KubernetesObject>(request: VirtualRequest): Promise<T> {
  const { exchange, definition, info } = request;
  if (info.verb !== 'create') {
    throw methodNotAllowed();
  }
  assertTakesObject(exchange.header('accept'));
  const options = parseWriteOptions(exchange.query, 'CreateOptions');
  const body = await readRequestBody(exchange);
  if (body === undefined) throw badRequest(`the request has no body: send a ${definition.kind}`);
  return decodeObject(exchange, body, definition, definition.schema, options.fieldValidation) as T;
}

function answer({ exchange, definition }: VirtualRequest, review: object, status: object): Promise<void> {
  return sendTyped(exchange, 201, {
    ...review,
    kind: definition.kind,
    apiVersion: `${definition.group}/${definition.version}`,
    metadata: { creationTimestamp: null },
    status,
  });
}

type Spec = NonNullable<SubjectAccessReview['spec']>;

function requestOf(spec: Pick<Spec, 'resourceAttributes' | 'nonResourceAttributes'>): RequestInfo {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  return {
    isResourceRequest: resource !== undefined,
    path: path?.path ?? '',
    verb: resource?.verb ?? path?.verb ?? '',
    apiPrefix: '',
    apiGroup: resource?.group ?? '',
    apiVersion: resource?.version ?? '',
    namespace: resource?.namespace ?? '',
    resource: resource?.resource ?? '',
    subresource: resource?.subresource ?? '',
    name: resource?.name ?? '',
    remainder: '',
  };
}

async function decide(authorizer: Authorizer, user: UserInfo, spec: Spec): Promise<SubjectAccessReviewStatus> {
  const { verdict, reason } = await authorizer.authorize({ user, request: requestOf(spec) });
  return {
    allowed: verdict === 'allow',
    ...(verdict === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
  };
}

function checkAttributes(
  kind: { readonly group: string; readonly kind: string },
  spec: Pick<Spec, 'resourceAttributes' | 'nonResourceAttributes'>,
): void {
  const path = root('spec');
  const hasResource = spec.resourceAttributes !== undefined;
  if (hasResource !== (spec.nonResourceAttributes !== undefined)) return;
  throw invalid(kind, '', [
    hasResource
      ? path
          .child('nonResourceAttributes')
          .invalid(spec.nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')
      : path
          .child('resourceAttributes')
          .invalid(undefined, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
  ]);
}

function reviewedUser(spec: Spec): UserInfo {
  return {
    username: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.extra === undefined ? {} : { extra: spec.extra }),
  };
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
        await answer(
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
    [
      'selfsubjectaccessreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview<SelfSubjectAccessReview>(request);
        const { spec = {} } = review;
        checkAttributes(request.definition, spec);
        await answer(request, review, await decide(authorizer, request.user, spec));
      },
    ],
    [
      'subjectaccessreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview<SubjectAccessReview>(request);
        const { spec = {} } = review;
        checkSubject(request, spec);
        await answer(request, review, await decide(authorizer, reviewedUser(spec), spec));
      },
    ],
    [
      'localsubjectaccessreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview<LocalSubjectAccessReview>(request);
        const { spec = {} } = review;
        checkSubject(request, spec);
        if (spec.resourceAttributes?.namespace !== request.info.namespace) {
          throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${request.info.namespace}`);
        }
        await answer(request, review, await decide(authorizer, reviewedUser(spec), spec));
      },
    ],
    [
      'selfsubjectrulesreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview(request);
        await answer(request, review, {
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          incomplete: false,
        });
      },
    ],
    ['bindings.', (request) => bind(request, options)],
    ['componentstatuses.', componentStatuses(options.storeCheck)],
  ]);
}

function checkSubject({ definition }: VirtualRequest, spec: Spec): void {
  checkAttributes(definition, spec);
  if ((spec.user ?? '') === '' && (spec.groups ?? []).length === 0) {
    throw invalid(definition, '', [
      root('spec')
        .child('user')
        .invalid(spec.user ?? '', 'at least one of user or group must be specified'),
    ]);
  }
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
    await answer(request, review, {
      authenticated: true,
      user: { username, uid, groups, extra },
      ...(found.audiences === undefined || found.audiences.length === 0 ? {} : { audiences: found.audiences }),
    });
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 401) throw error;
    await answer(request, review, {
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
