/** How a role or binding that is there becomes what it should at least be: what is missing is added, nothing is taken away. */
import type {
  AggregationRule,
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../../api/types/rbac.v1.ts';
import type { ObjectMeta } from '../../../api/types/meta.v1.ts';
import { deepEqual } from '../../../machinery/deep-equal.ts';
import { autoUpdateAnnotation } from './bootstrap-policy/policy.ts';
import { uncoveredRules } from './covers.ts';

/** The role as it should be stored; undefined when it is right, or when its annotation says to leave it alone. */
export function reconciledRole<T extends Role | ClusterRole>(existing: T, expected: T): T | undefined {
  if (isProtected(existing.metadata)) return undefined;
  const metadata = mergedMetadata(existing.metadata, expected.metadata);
  const wanted = selectorsOf(expected);
  const selectors = selectorsOf(existing);
  const missingSelectors = wanted.filter((one) => !selectors.some((other) => deepEqual(one, other)));
  // The rules of an aggregated role are its controller's to write.
  const missingRules: PolicyRule[] =
    wanted.length > 0 || deepEqual(existing.rules, expected.rules)
      ? []
      : uncoveredRules(existing.rules ?? [], expected.rules ?? []);
  if (metadata === existing.metadata && missingRules.length === 0 && missingSelectors.length === 0) return undefined;
  return {
    ...existing,
    metadata,
    rules: [...(existing.rules ?? []), ...missingRules],
    ...(missingSelectors.length === 0
      ? {}
      : { aggregationRule: { clusterRoleSelectors: [...selectors, ...missingSelectors] } }),
  };
}

/** What to do about a binding that is there. */
export type BindingChange<T> =
  | { readonly operation: 'update'; readonly binding: T }
  /** It is of another role, which no update can change. */
  | { readonly operation: 'recreate'; readonly binding: T };

/** Undefined when the binding is right, or when its annotation says to leave it alone. */
export function reconciledBinding<T extends RoleBinding | ClusterRoleBinding>(
  existing: T,
  expected: T,
): BindingChange<T> | undefined {
  if (isProtected(existing.metadata)) return undefined;
  if (!deepEqual(existing.roleRef, expected.roleRef)) return { operation: 'recreate', binding: expected };
  const metadata = mergedMetadata(existing.metadata, expected.metadata);
  const subjects = existing.subjects ?? [];
  const missing = (expected.subjects ?? []).filter((one) => !subjects.some((other) => isSame(one, other)));
  if (metadata === existing.metadata && missing.length === 0) return undefined;
  return { operation: 'update', binding: { ...existing, metadata, subjects: [...subjects, ...missing] } };
}

function isSame(a: Subject, b: Subject): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}

function isProtected({ annotations }: ObjectMeta): boolean {
  return annotations?.[autoUpdateAnnotation] === 'false';
}

function selectorsOf(role: Role | ClusterRole): NonNullable<AggregationRule['clusterRoleSelectors']> {
  return 'aggregationRule' in role ? (role.aggregationRule?.clusterRoleSelectors ?? []) : [];
}

/** With the expected labels and annotations where there are none of these keys; the same object when none is missing. */
function mergedMetadata(existing: ObjectMeta, expected: ObjectMeta): ObjectMeta {
  const labels = { ...expected.labels, ...existing.labels };
  const annotations = { ...expected.annotations, ...existing.annotations };
  const isComplete = deepEqual(labels, existing.labels ?? {}) && deepEqual(annotations, existing.annotations ?? {});
  return isComplete ? existing : { ...existing, labels, annotations };
}
