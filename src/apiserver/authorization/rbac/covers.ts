/** Whether rules together allow all that other rules do: the ground of escalation checks and of reconciliation. */
import type { PolicyRule } from '../../../api/types/rbac.v1.ts';

/** The parts of `wanted` that `held` does not allow, each about one verb and one resource or path. Empty: all is held. */
export function uncoveredRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const uncovered: PolicyRule[] = [];
  const seen = new Set<string>();
  for (const rule of wanted) {
    for (const part of partsOf(rule)) {
      const key = JSON.stringify(part);
      if (seen.has(key)) continue;
      seen.add(key);
      if (!held.some((one) => covers(one, part))) uncovered.push(part);
    }
  }
  return uncovered;
}

/** A rule as many, in upstream's order, each with at most one of everything. */
function* partsOf(rule: PolicyRule): Iterable<PolicyRule> {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const verbs = rule.verbs ?? [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const part = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) yield part;
        else for (const name of resourceNames) yield { ...part, resourceNames: [name] };
      }
    }
  }
  for (const url of nonResourceURLs) {
    for (const verb of verbs) yield { verbs: [verb], nonResourceURLs: [url] };
  }
}

/** Whether one rule allows all that a part does. */
function covers(held: PolicyRule, part: PolicyRule): boolean {
  if (!hasAll(held.verbs ?? [], part.verbs ?? [])) return false;
  if (part.nonResourceURLs !== undefined) {
    return part.nonResourceURLs.every((url) => held.nonResourceURLs?.some((one) => coversUrl(one, url)) ?? false);
  }
  const heldNames = held.resourceNames ?? [];
  const names = part.resourceNames ?? [];
  return (
    hasAll(held.apiGroups ?? [], part.apiGroups ?? []) &&
    (part.resources ?? []).every((resource) => coversResource(held.resources ?? [], resource)) &&
    (heldNames.length === 0 || (names.length > 0 && names.every((name) => heldNames.includes(name))))
  );
}

function hasAll(held: readonly string[], wanted: readonly string[]): boolean {
  return held.includes('*') || wanted.every((one) => held.includes(one));
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes('*') || held.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && held.includes(`*${resource.slice(slash)}`);
}

function coversUrl(held: string, url: string): boolean {
  if (held === '*' || held === url) return true;
  return held.endsWith('*') && url.startsWith(held.replace(/\*+$/, ''));
}
