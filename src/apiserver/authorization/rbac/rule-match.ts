/** What a PolicyRule allows (https://kubernetes.io/docs/reference/access-authn-authz/rbac/), one rule at a time. */
import type { PolicyRule } from '../../../api/types/rbac.v1.ts';
import type { RequestInfo } from '../../contract.ts';

/** `pods`, `pods/log`: what a rule calls the resource of a request. */
export function combinedResource({ resource, subresource }: Pick<RequestInfo, 'resource' | 'subresource'>): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

/** Whether a rule's pattern matches: equal, `*`, or anything that begins with what stands before a trailing `*`. */
export function urlMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''));
}

function has(values: readonly string[] | null | undefined, value: string): boolean {
  return values?.some((one) => one === '*' || one === value) ?? false;
}

function resourceMatches(rule: PolicyRule, request: RequestInfo): boolean {
  const wanted = combinedResource(request);
  const ofAny = request.subresource === '' ? wanted : `*/${request.subresource}`;
  return rule.resources?.some((one) => one === '*' || one === wanted || one === ofAny) ?? false;
}

/** Whether one rule allows a request. What {@link RuleTable} answers for many rules at once. */
export function ruleAllows(rule: PolicyRule, request: RequestInfo): boolean {
  if (!has(rule.verbs, request.verb)) return false;
  if (!request.isResourceRequest) return rule.nonResourceURLs?.some((url) => urlMatches(url, request.path)) ?? false;
  const names = rule.resourceNames ?? [];
  return (
    has(rule.apiGroups, request.apiGroup) &&
    resourceMatches(rule, request) &&
    (names.length === 0 || names.includes(request.name))
  );
}
