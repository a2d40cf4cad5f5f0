import type { Path } from '../../machinery/field-error.ts';
import type { Affinity, PodAffinity, PodSpec } from '../types/core.v1.ts';
import { nodeLabelDeprecation, nodeSelectorTermWarnings } from './node-labels.ts';

const selectsNothing = 'a null labelSelector results in matching no pod';
const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Of labels of Nodes that have a successor. @param path Of the Pod's spec. */
export function nodeChoiceWarnings(spec: PodSpec, path: Path): string[] {
  const warnings: string[] = [];
  for (const label of Object.keys(spec.nodeSelector ?? {})) {
    const message = nodeLabelDeprecation(label);
    if (message !== undefined) warnings.push(`${path.child('nodeSelector').key(label)}: ${message}`);
  }
  if (spec.affinity) warnings.push(...nodeAffinityWarnings(spec.affinity, path.child('affinity', 'nodeAffinity')));
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const { topologyKey = '', labelSelector } = constraint;
    const at = path.child('topologySpreadConstraints').index(index);
    const message = nodeLabelDeprecation(topologyKey);
    if (message !== undefined) warnings.push(`${at.child('topologyKey')}: ${topologyKey} is ${message}`);
    if (!labelSelector) warnings.push(`${at.child('labelSelector')}: ${selectsNothing}`);
  }
  return warnings;
}

function nodeAffinityWarnings({ nodeAffinity }: Affinity, path: Path): string[] {
  if (!nodeAffinity) return [];
  const warnings: string[] = [];
  const terms = nodeAffinity[required]?.nodeSelectorTerms ?? [];
  for (const [index, term] of terms.entries()) {
    warnings.push(...nodeSelectorTermWarnings(term, path.child(required, 'nodeSelectorTerms').index(index)));
  }
  for (const [index, { preference }] of (nodeAffinity[preferred] ?? []).entries()) {
    const at = path.child(preferred).index(index).child('preference');
    warnings.push(...nodeSelectorTermWarnings(preference, at, true));
  }
  return warnings;
}

/** Of affinity terms that match no Pod. @param path Of the Pod's spec. */
export function podAffinityWarnings({ affinity }: PodSpec, path: Path): string[] {
  if (!affinity) return [];
  return [
    ...nullSelectorWarnings(affinity.podAffinity, path.child('affinity', 'podAffinity')),
    ...nullSelectorWarnings(affinity.podAntiAffinity, path.child('affinity', 'podAntiAffinity')),
  ];
}

function nullSelectorWarnings(affinity: PodAffinity | null | undefined, path: Path): string[] {
  const warnings: string[] = [];
  for (const [index, { labelSelector }] of (affinity?.[required] ?? []).entries()) {
    if (!labelSelector) warnings.push(`${path.child(required).index(index).child('labelSelector')}: ${selectsNothing}`);
  }
  for (const [index, { podAffinityTerm }] of (affinity?.[preferred] ?? []).entries()) {
    if (podAffinityTerm?.labelSelector) continue;
    const at = path.child(preferred).index(index).child('podAffinityTerm', 'labelSelector');
    warnings.push(`${at}: ${selectsNothing}`);
  }
  return warnings;
}
