/**
 * The ways in which somebody may act as somebody else: constrained ones, which ask for the right to act as such a user
 * and for the right to make this very request while doing so (KEP-5284), and the older one, which asks for the first
 * alone.
 */
import type { UserInfo } from '../../api/contract.ts';
import { validateDomainPrefixedPath } from '../../machinery/domain-names.ts';
import { root } from '../../machinery/field-error.ts';
import { isDNS1123Subdomain } from '../../machinery/names.ts';
import { quote } from '../../machinery/quote.ts';
import { forbiddenError } from '../authorization/forbidden.ts';
import type { AuthorizationAttributes, Authorizer, RequestInfo } from '../contract.ts';
import { accountOf, groupsOf } from './service-account/names.ts';
import { anonymousUser, authenticatedGroup, mastersGroup, unauthenticatedGroup } from './users.ts';

/** What the headers name. */
export interface WantedUser {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export interface Impersonated {
  readonly user: UserInfo;
  /** The verb that allowed it, for audit: `impersonate:serviceaccount`; '' for the older way. */
  readonly constraint: string;
}

/** Undefined: not for such a user. Rejects with 403. */
export type ImpersonationMode = (
  wanted: WantedUser,
  request: AuthorizationAttributes,
  authorizer: Authorizer,
) => Promise<Impersonated | undefined>;

const nodePrefix = 'system:node:';
const nodesGroup = 'system:nodes';
const nodeNameKey = 'authentication.kubernetes.io/node-name';
/** Tells authorizers what was known of a service account on a node, without telling which node. */
const associatedKeysKey = 'authentication.kubernetes.io/associated-node-keys';
/** From so many on, the right to all of them is asked for first. */
const manyChecks = 4;

function nodeOf(username: string): string | undefined {
  if (!username.startsWith(nodePrefix)) return undefined;
  const name = username.slice(nodePrefix.length);
  return isDNS1123Subdomain(name).length === 0 ? name : undefined;
}

function isOnlyNamed({ uid, groups, extra }: WantedUser): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
}

/** In upstream's order: the narrowest right first. */
export const impersonationModes: readonly ImpersonationMode[] = [
  async (wanted, request, authorizer) => {
    const node = nodeOf(wanted.username);
    const { user } = request;
    const [ownNode, ...more] = user.extra?.[nodeNameKey] ?? [];
    const isOwn = node !== undefined && node === ownNode && more.length === 0 && accountOf(user.username) !== undefined;
    if (!isOwn || !isOnlyNamed(wanted)) return undefined;
    const keys = Object.keys(user.extra ?? {}).sort();
    const asker = { ...user, extra: { [associatedKeysKey]: keys } };
    // The right is one to any node that the service account runs on.
    return constrained('associated-node', '*')(wanted, { ...request, user: asker }, authorizer);
  },
  async (wanted, request, authorizer) => {
    if (!isOnlyNamed(wanted) || nodeOf(wanted.username) === undefined) return undefined;
    return constrained('arbitrary-node')(wanted, request, authorizer);
  },
  async (wanted, request, authorizer) => {
    if (!isOnlyNamed(wanted) || accountOf(wanted.username) === undefined) return undefined;
    return constrained('serviceaccount')(wanted, request, authorizer);
  },
  async (wanted, request, authorizer) => {
    if (nodeOf(wanted.username) !== undefined || accountOf(wanted.username) !== undefined) return undefined;
    return constrained('user-info')(wanted, request, authorizer);
  },
  async (wanted, { user }, authorizer) => {
    const check = new ImpersonationCheck(user, authorizer, { verb: 'impersonate', isConstrained: false });
    return { user: await check.authorize(wanted), constraint: '' };
  },
];

/** @param nodeName What is asked for in place of a node's name. */
function constrained(mode: string, nodeName?: string): ImpersonationMode {
  return async (wanted, attributes, authorizer) => {
    const { request } = attributes;
    const verb = `impersonate-on:${mode}:${request.verb}`;
    await checkAllowed({ ...attributes, request: { ...request, verb } }, authorizer);
    const constraint = `impersonate:${mode}`;
    const check = new ImpersonationCheck(attributes.user, authorizer, {
      verb: constraint,
      isConstrained: true,
      ...(nodeName === undefined ? {} : { nodeName }),
    });
    return { user: await check.authorize(wanted), constraint };
  };
}

async function checkAllowed(attributes: AuthorizationAttributes, authorizer: Authorizer): Promise<void> {
  const { verdict, reason } = await authorizer.authorize(attributes);
  if (verdict !== 'allow') throw forbiddenError(attributes, reason);
}

interface CheckOptions {
  readonly verb: string;
  readonly isConstrained: boolean;
  readonly nodeName?: string;
}

const noRequest: RequestInfo = {
  isResourceRequest: true,
  path: '',
  verb: '',
  apiPrefix: '',
  apiGroup: '',
  apiVersion: 'v1',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  remainder: '',
};
const authenticationGroup = 'authentication.k8s.io';

/** Asks for the right to each attribute of a user. */
class ImpersonationCheck {
  readonly #asker: UserInfo;
  readonly #authorizer: Authorizer;
  readonly #options: CheckOptions;
  /** Of users, groups and service accounts. */
  readonly #group: string;

  constructor(asker: UserInfo, authorizer: Authorizer, options: CheckOptions) {
    this.#asker = asker;
    this.#authorizer = authorizer;
    this.#options = options;
    this.#group = options.isConstrained ? authenticationGroup : '';
  }

  /** The user, in the groups that follow from the name. Rejects with 403. */
  async authorize(wanted: WantedUser): Promise<UserInfo> {
    const { username, uid, extra } = wanted;
    const groups = await this.#authorizeName(wanted);
    if (uid !== '') await this.#check({ apiGroup: authenticationGroup, resource: 'uids', name: uid });
    await this.#authorizeGroups(wanted.groups);
    await this.#authorizeExtra(extra);
    return {
      username,
      groups: withAuthentication(username, groups),
      ...(uid === '' ? {} : { uid }),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    };
  }

  /** Nodes and service accounts are of groups that follow from their names. */
  async #authorizeName({ username, groups }: WantedUser): Promise<readonly string[]> {
    const { isConstrained, nodeName } = this.#options;
    const account = accountOf(username);
    if (account !== undefined) {
      await this.#check({ apiGroup: this.#group, resource: 'serviceaccounts', ...account });
      return groups.length === 0 ? groupsOf(account.namespace) : groups;
    }
    const node = isConstrained ? nodeOf(username) : undefined;
    if (node !== undefined) {
      await this.#check({ apiGroup: this.#group, resource: 'nodes', name: nodeName ?? node });
      return [nodesGroup];
    }
    await this.#check({ apiGroup: this.#group, resource: 'users', name: username });
    return groups;
  }

  async #authorizeGroups(groups: readonly string[]): Promise<void> {
    const about = { apiGroup: this.#group, resource: 'groups' };
    if (this.#options.isConstrained) {
      if (groups.includes('')) throw this.#refusal(about, 'impersonating the empty string group is not allowed');
      if (groups.includes(mastersGroup)) {
        const named = { ...about, name: mastersGroup };
        throw this.#refusal(named, `impersonating the ${mastersGroup} group is not allowed`);
      }
      if (groups.length >= manyChecks && (await this.#allows({ ...about, name: '*' }))) return;
    }
    for (const name of groups) await this.#check({ ...about, name });
  }

  async #authorizeExtra(extra: WantedUser['extra']): Promise<void> {
    const about = { apiGroup: authenticationGroup, resource: 'userextras' };
    const entries = Object.entries(extra);
    if (this.#options.isConstrained) {
      for (const [key, values] of entries) {
        const problem = extraProblem(key, values);
        if (problem !== undefined) throw this.#refusal(about, problem);
      }
      const count = entries.reduce((sum, [, values]) => sum + values.length, 0);
      const isMany = entries.length >= manyChecks || count >= manyChecks;
      if (isMany && (await this.#allows({ ...about, subresource: '*', name: '*' }))) return;
    }
    for (const [subresource, values] of entries) {
      for (const name of values) await this.#check({ ...about, subresource, name });
    }
  }

  #attributes(about: Partial<RequestInfo>): AuthorizationAttributes {
    return { user: this.#asker, request: { ...noRequest, verb: this.#options.verb, ...about } };
  }

  async #allows(about: Partial<RequestInfo>): Promise<boolean> {
    return (await this.#authorizer.authorize(this.#attributes(about))).verdict === 'allow';
  }

  #check(about: Partial<RequestInfo>): Promise<void> {
    return checkAllowed(this.#attributes(about), this.#authorizer);
  }

  #refusal(about: Partial<RequestInfo>, reason: string): Error {
    return forbiddenError(this.#attributes(about), reason);
  }
}

/** What a constrained impersonation may not put into `extra`. */
function extraProblem(key: string, values: readonly string[]): string | undefined {
  if (key === '') return 'impersonating the empty string key in extra is not allowed';
  const [error] = validateDomainPrefixedPath(root('extra').child('key'), key);
  if (error !== undefined) return `impersonating an invalid key in extra is not allowed: ${error.toString()}`;
  if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${quote(key)}`;
  if (values.length === 0) return 'impersonating empty values in extra is not allowed';
  if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  return undefined;
}

function withAuthentication(username: string, groups: readonly string[]): readonly string[] {
  if (username === anonymousUser.username) {
    return groups.includes(unauthenticatedGroup) ? groups : [...groups, unauthenticatedGroup];
  }
  if (groups.includes(unauthenticatedGroup) || groups.includes(authenticatedGroup)) return groups;
  return [...groups, authenticatedGroup];
}
