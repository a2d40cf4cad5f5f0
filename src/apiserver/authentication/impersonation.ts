/**
 * Acting as somebody else, for those who may
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation).
 */
import type { UserInfo } from '../../api/contract.ts';
import { internalError } from '../../machinery/status.ts';
import { forbiddenError } from '../authorization/forbidden.ts';
import type { AuthorizationAttributes, Authorizer, Exchange, RequestInfo } from '../contract.ts';
import { accountOf, groupsOf } from './service-account/names.ts';
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users.ts';

type Headers = ReturnType<Exchange['headers']>;

const userHeader = 'impersonate-user';
const groupHeader = 'impersonate-group';
const uidHeader = 'impersonate-uid';
const extraPrefix = 'impersonate-extra-';

/**
 * The user whom the request's headers name, or `user` when they name none. Throws (or rejects with) 403 when `user` may
 * not act as that user, in one of the groups, or with one of the other attributes; and, as upstream, 500 when attributes
 * are named without a user.
 */
export function actingUser(user: UserInfo, exchange: Exchange, authorizer: Authorizer): UserInfo | Promise<UserInfo> {
  return hasImpersonation(exchange.headers()) ? impersonate(user, exchange, authorizer) : user;
}

function hasImpersonation(headers: Headers): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

async function impersonate(user: UserInfo, exchange: Exchange, authorizer: Authorizer): Promise<UserInfo> {
  const [username = ''] = valuesOf(exchange, userHeader);
  const groups = valuesOf(exchange, groupHeader);
  const [uid = ''] = valuesOf(exchange, uidHeader);
  const extra = extraOf(exchange);
  if (username === '') throw internalError(new Error('requested attributes without impersonating a user name'));

  const serviceAccount = accountOf(username);
  const wanted: Partial<RequestInfo>[] = [
    serviceAccount === undefined
      ? { resource: 'users', name: username }
      : { resource: 'serviceaccounts', namespace: serviceAccount.namespace, name: serviceAccount.name },
    ...groups.map((name) => ({ resource: 'groups', name })),
    ...(uid === '' ? [] : [{ apiGroup: 'authentication.k8s.io', apiVersion: 'v1', resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name) => ({
        apiGroup: 'authentication.k8s.io',
        apiVersion: 'v1',
        resource: 'userextras',
        subresource,
        name,
      })),
    ),
  ];
  for (const what of wanted) await checkMayImpersonate({ user, request: { ...request, ...what } }, authorizer);
  return {
    username,
    groups: groupsFor(username, groups, serviceAccount),
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

const request: RequestInfo = {
  isResourceRequest: true,
  path: '',
  verb: 'impersonate',
  apiPrefix: 'api',
  apiGroup: '',
  apiVersion: 'v1',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  remainder: '',
};

async function checkMayImpersonate(attributes: AuthorizationAttributes, authorizer: Authorizer): Promise<void> {
  const { verdict, reason } = await authorizer.authorize(attributes);
  if (verdict !== 'allow') throw forbiddenError(attributes, reason);
}

/** Groups that are named count alone, but for the one that tells whether somebody is authenticated. */
function groupsFor(
  username: string,
  named: readonly string[],
  serviceAccount: { readonly namespace: string } | undefined,
): readonly string[] {
  const groups = named.length === 0 && serviceAccount !== undefined ? groupsOf(serviceAccount.namespace) : named;
  if (groups.includes(authenticatedGroup) || groups.includes(unauthenticatedGroup)) return groups;
  return [...groups, username === anonymousUser.username ? unauthenticatedGroup : authenticatedGroup];
}

function extraOf(exchange: Exchange): Record<string, readonly string[]> {
  const names = Object.keys(exchange.headers()).filter((name) => name.startsWith(extraPrefix));
  return Object.fromEntries(names.map((name) => [decodeKey(name.slice(extraPrefix.length)), valuesOf(exchange, name)]));
}

/** Keys are percent-encoded where a header's name could not hold them; what is not encoded rightly is meant as it is. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function valuesOf(exchange: Exchange, name: string): string[] {
  return exchange.headerValues(name).filter((value) => value !== '');
}
