import type { ParamKind, ParamRef } from '../types/admissionregistration.v1.ts';
import type { LabelSelector } from '../types/meta.v1.ts';

/** `v1/ConfigMap`: the kind of the parameters of a policy. */
export function paramKindCell(paramKind: ParamKind | undefined): string {
  return paramKind ? `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}` : '<unset>';
}

/** `NAMESPACE/NAME` of the parameters of a binding; the namespace `*` where none is said. */
export function paramRefCell(paramRef: ParamRef | undefined): string {
  if (!paramRef) return '<unset>';
  if (paramRef.name) return `${paramRef.namespace || '*'}/${paramRef.name}`;
  return paramRef.selector ? selectorCell(paramRef.selector) : '<unset>';
}

/** A selector as upstream's generated `String` method prints it. */
function selectorCell({ matchLabels, matchExpressions }: LabelSelector): string {
  const labels = Object.entries(matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (matchExpressions ?? []).map(
    (one) =>
      `LabelSelectorRequirement{Key:${one.key ?? ''},Operator:${one.operator ?? ''},Values:[${(one.values ?? []).join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
