/** What may change of where a Pod can go while scheduling gates hold it back (KEP-3838). */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { NodeAffinity, NodeSelectorTerm, PodSpec } from '../../types/core.v1.ts';
import { hasItems, listOf, type Maybe } from '../../field-rules.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

/**
 * Checks the changes that are allowed to a gated Pod, and returns the spec with the stored values in their place. For
 * any other Pod it returns `spec` itself.
 */
export function withOldPlacement(errors: FieldError[], path: Path, spec: PodSpec, old: PodSpec): PodSpec {
  if (!hasItems(old.schedulingGates)) return spec;
  const { nodeSelector, affinity, ...rest } = spec;
  if (!semanticDeepEqual(nodeSelector, old.nodeSelector)) {
    checkSelector(errors, path.child('nodeSelector'), nodeSelector ?? {}, old.nodeSelector ?? {});
  }
  const oldNodeAffinity = old.affinity?.nodeAffinity;
  if (!semanticDeepEqual(affinity?.nodeAffinity, oldNodeAffinity)) {
    checkNodeAffinity(errors, path.child('affinity', 'nodeAffinity'), affinity?.nodeAffinity, oldNodeAffinity);
  }
  const { nodeAffinity: _, ...others } = affinity ?? {};
  const kept = { ...others, ...(oldNodeAffinity ? { nodeAffinity: oldNodeAffinity } : {}) };
  // An affinity that came or went with its node affinity alone is no other change.
  const isNone = Object.keys(kept).length === 0 && (!old.affinity || !affinity);
  return {
    ...rest,
    ...(old.nodeSelector ? { nodeSelector: old.nodeSelector } : {}),
    ...(isNone ? {} : { affinity: kept }),
  };
}

type Labels = Readonly<Record<string, string>>;

function checkSelector(errors: FieldError[], path: Path, selector: Labels, old: Labels): void {
  for (const key of Object.keys(old)) {
    if (Object.hasOwn(selector, key) && selector[key] === old[key]) continue;
    const rule = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    const shown = Object.keys(selector).length === 0 ? null : inOrderOfKey(selector);
    errors.push(path.invalid(shown, rule));
    return;
  }
}

/** Maps are shown in the order of their keys. */
export function inOrderOfKey(map: Labels): Labels {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkNodeAffinity(
  errors: FieldError[],
  path: Path,
  affinity: NodeAffinity | undefined,
  old: NodeAffinity | undefined,
): void {
  const oldTerms = listOf(old?.[required]?.nodeSelectorTerms);
  if (oldTerms.length === 0) return;
  const terms = listOf(affinity?.[required]?.nodeSelectorTerms);
  const at = path.child(required, 'nodeSelectorTerms');
  if (terms.length !== oldTerms.length) {
    const rule = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errors.push(at.invalid(terms.length === 0 ? null : terms, rule));
    return;
  }
  for (const [index, oldTerm] of oldTerms.entries()) {
    const term = terms[index];
    if (term === undefined || hasOnlyAdditions(term, oldTerm)) continue;
    errors.push(at.index(index).invalid(term, 'only additions are allowed (no mutations or deletions)'));
  }
}

function hasOnlyAdditions(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  // An empty term selects nothing: an addition would make it select something.
  if (!hasItems(old.matchExpressions) && !hasItems(old.matchFields)) {
    return !hasItems(term.matchExpressions) && !hasItems(term.matchFields);
  }
  return startsWith(term.matchExpressions, old.matchExpressions) && startsWith(term.matchFields, old.matchFields);
}

function startsWith(list: Maybe<unknown>, start: Maybe<unknown>): boolean {
  return listOf(start).every(
    (item, index) => index < listOf(list).length && semanticDeepEqual(listOf(list)[index], item),
  );
}
