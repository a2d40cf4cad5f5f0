/** Warnings of kinds that have few. */
import { root } from '../../machinery/field-error.ts';
import type { Node, ServiceAccount } from '../types/core.v1.ts';
import type { RuntimeClass } from '../types/node.v1.ts';
import type { CSIStorageCapacity, StorageClass } from '../types/storage.v1.ts';
import { nodeLabelDeprecation, nodeLabelSelectorWarnings } from './node-labels.ts';

export function nodeWarnings({ spec }: Node): string[] {
  const warnings: string[] = [];
  if (spec?.configSource) warnings.push('spec.configSource: the feature is removed');
  if (spec?.externalID) warnings.push('spec.externalID: this field is deprecated, and is unused by Kubernetes');
  return warnings;
}

const mountableAnnotation = 'kubernetes.io/enforce-mountable-secrets';

/** An annotation that was there before is not warned of again. */
export function serviceAccountWarnings(account: ServiceAccount, old?: ServiceAccount): string[] {
  const isSet = (one?: ServiceAccount): boolean => one?.metadata?.annotations?.[mountableAnnotation] !== undefined;
  if (!isSet(account) || isSet(old)) return [];
  const advice = 'prefer separate namespaces to isolate access to mounted secrets';
  return [`metadata.annotations[${mountableAnnotation}]: deprecated in v1.32+; ${advice}`];
}

export function runtimeClassWarnings({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {})
    .map(nodeLabelDeprecation)
    .filter((message) => message !== undefined)
    .map((message) => `scheduling.nodeSelector: ${message}`);
}

export function storageClassWarnings({ allowedTopologies }: StorageClass): string[] {
  const warnings: string[] = [];
  for (const [index, topology] of (allowedTopologies ?? []).entries()) {
    for (const [at, { key }] of (topology.matchLabelExpressions ?? []).entries()) {
      const message = nodeLabelDeprecation(key);
      const path = root('allowedTopologies').index(index).child('matchLabelExpressions').index(at).child('key');
      if (message !== undefined) warnings.push(`${path}: ${key} is ${message}`);
    }
  }
  return warnings;
}

export function storageCapacityWarnings({ nodeTopology }: CSIStorageCapacity): string[] {
  return nodeLabelSelectorWarnings(nodeTopology, root('nodeTopology'));
}
