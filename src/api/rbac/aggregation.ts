/** Cluster roles that are made of others (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles). */
import type { ClusterRole, PolicyRule } from '../types/rbac.v1.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';

/**
 * The rules that an aggregated role should have, given all cluster roles: those of the roles that its selectors choose,
 * in order of selector and name, each once, its own left out. Undefined when the role is not aggregated. Throws a
 * LabelSelectorError for selectors that validation would refuse.
 */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] | undefined {
  if (role.aggregationRule === undefined) return undefined;
  const rules: PolicyRule[] = [];
  const byName = [...all].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
    const matches = LabelSelector.fromObject(selector);
    for (const { metadata, rules: theirs } of byName) {
      if (metadata.name === role.metadata.name || !matches.matches(metadata.labels ?? {})) continue;
      for (const rule of theirs ?? []) if (!rules.some((one) => deepEqual(one, rule))) rules.push(rule);
    }
  }
  return rules;
}

/**
 * Every aggregated role whose rules are not what they should be, with those rules; roles that aggregate others see them
 * as they become. Bounded: a circle of roles that never settles ends after as many rounds as there are roles.
 */
export function aggregateAll(roles: readonly ClusterRole[]): ClusterRole[] {
  const current = new Map(roles.map((role) => [role.metadata.name ?? '', role]));
  const changed = new Set<string>();
  for (let round = 0; round <= roles.length; round++) {
    let isSettled = true;
    for (const [name, role] of current) {
      const rules = aggregatedRules(role, [...current.values()]);
      if (rules === undefined || deepEqual(rules, role.rules ?? [])) continue;
      current.set(name, { ...role, rules });
      changed.add(name);
      isSettled = false;
    }
    if (isSettled) break;
  }
  return [...changed].map((name) => current.get(name)).filter((role) => role !== undefined);
}
