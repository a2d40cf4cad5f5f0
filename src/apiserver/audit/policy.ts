import type { GroupResources, Policy, PolicyRule } from '../../api/types/audit.v1.ts';
import type { UserInfo } from '../../api/contract.ts';
import type { RequestInfo } from '../contract.ts';
import { auditLevels, type AuditLevel, type RequestAuditConfig } from './contract.ts';

/** The rules of a Policy: the first that a request matches says how it is audited; one that matches none is not. */
export class AuditPolicy {
  readonly #rules: readonly { readonly rule: PolicyRule; readonly config: RequestAuditConfig }[];
  readonly #unmatched: RequestAuditConfig;

  /** @param policy A valid one. */
  constructor(policy: Policy) {
    const { omitStages = [], omitManagedFields = false } = policy;
    this.#rules = (policy.rules ?? []).map((rule) => ({
      rule,
      config: {
        level: levelOf(rule.level),
        omitStages: new Set([...omitStages, ...(rule.omitStages ?? [])]),
        omitManagedFields: rule.omitManagedFields ?? omitManagedFields,
      },
    }));
    this.#unmatched = { level: 'None', omitStages: new Set(omitStages), omitManagedFields };
  }

  /** @param user Undefined: nobody knows who asks. */
  evaluate(user: UserInfo | undefined, request: RequestInfo): RequestAuditConfig {
    for (const { rule, config } of this.#rules) if (matches(rule, user, request)) return config;
    return this.#unmatched;
  }
}

function levelOf(level: string): AuditLevel {
  return auditLevels.find((known) => known === level) ?? 'None';
}

function isAny(wanted: readonly string[] | undefined): wanted is undefined {
  return wanted === undefined || wanted.length === 0;
}

function matches(rule: PolicyRule, user: UserInfo | undefined, request: RequestInfo): boolean {
  const { users, userGroups, verbs, namespaces, resources, nonResourceURLs } = rule;
  if (!isAny(users) && (user === undefined || !users.includes(user.username))) return false;
  if (!isAny(userGroups) && user?.groups.some((group) => userGroups.includes(group)) !== true) return false;
  if (!isAny(verbs) && !verbs.includes(request.verb)) return false;
  if (!isAny(namespaces) || (resources !== undefined && resources.length > 0)) {
    if (!request.isResourceRequest) return false;
    if (!isAny(namespaces) && !namespaces.includes(request.namespace)) return false;
    return resources === undefined || resources.length === 0 || resources.some((one) => isOf(one, request));
  }
  if (isAny(nonResourceURLs)) return true;
  return !request.isResourceRequest && nonResourceURLs.some((url) => isAt(url, request.path));
}

function isAt(url: string, path: string): boolean {
  if (url === '*' || url === path) return true;
  return url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''));
}

function isOf({ group = '', resources, resourceNames }: GroupResources, request: RequestInfo): boolean {
  const { resource, subresource, name } = request;
  if (group !== request.apiGroup) return false;
  if (isAny(resources)) return true;
  if (!isAny(resourceNames) && !resourceNames.includes(name)) return false;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (one) =>
      one === whole || one === '*' || one === `${resource}/*` || (subresource !== '' && one === `*/${subresource}`),
  );
}
