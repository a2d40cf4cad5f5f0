import type { KubernetesObject } from '../contract.ts';
import type { ResourceQuota } from '../types/core.v1.ts';
import type { Evaluator, ScopeSelector } from './evaluator.ts';

/** What a quota says of the objects that it is for. */
export function scopesOf({ spec }: ResourceQuota): ScopeSelector[] {
  return [
    ...(spec?.scopes ?? []).map((scopeName): ScopeSelector => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
}

/**
 * Whether an object counts against a quota.
 * @param names What the quota limits.
 */
export function isCountedBy(
  quota: ResourceQuota,
  names: readonly string[],
  evaluator: Evaluator,
  object: KubernetesObject,
): boolean {
  return (
    names.some((name) => evaluator.counts(name)) &&
    scopesOf(quota).every((selector) => evaluator.isInScope(selector, object))
  );
}
