/** What makes a Pod of a StatefulSet the one it is: its ordinal, and the names and labels that follow from it. */
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';

export const podNameLabel = 'statefulset.kubernetes.io/pod-name';
export const podIndexLabel = 'apps.kubernetes.io/pod-index';

const podName = /^(.*)-([0-9]+)$/s;
const maxInt32 = 2 ** 31 - 1;

/** The StatefulSet and the ordinal that a Pod's name speaks of; '' and -1 when it speaks of none. */
export function parentAndOrdinal({ metadata }: Pod): { readonly parent: string; readonly ordinal: number } {
  const [, parent, digits] = podName.exec(metadata.name ?? '') ?? [];
  if (parent === undefined || digits === undefined) return { parent: '', ordinal: -1 };
  const ordinal = Number(digits);
  return { parent, ordinal: ordinal <= maxInt32 ? ordinal : -1 };
}

export function ordinalOf(pod: Pod): number {
  return parentAndOrdinal(pod).ordinal;
}

export function isMemberOf(set: StatefulSet, pod: Pod): boolean {
  return parentAndOrdinal(pod).parent === set.metadata.name;
}

/** The first ordinal (KEP-3335). */
export function startOrdinalOf({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function replicasOf({ spec }: StatefulSet): number {
  return spec.replicas ?? 1;
}

export function isInOrdinalRange(set: StatefulSet, ordinal: number): boolean {
  const start = startOrdinalOf(set);
  return ordinal >= start && ordinal < start + replicasOf(set);
}

export function podNameOf({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name ?? ''}-${ordinal}`;
}

export function identityMatches(set: StatefulSet, pod: Pod): boolean {
  const { parent, ordinal } = parentAndOrdinal(pod);
  const name = podNameOf(set, ordinal);
  return (
    ordinal >= 0 &&
    parent === set.metadata.name &&
    pod.metadata.name === name &&
    pod.metadata.namespace === set.metadata.namespace &&
    pod.metadata.labels?.[podNameLabel] === name
  );
}

/** The Pod with the name, the namespace and the labels of an ordinal. */
export function withIdentity(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  const name = podNameOf(set, ordinal);
  const labels = { ...pod.metadata.labels, [podNameLabel]: name, [podIndexLabel]: String(ordinal) };
  return { ...pod, metadata: { ...pod.metadata, name, namespace: set.metadata.namespace ?? '', labels } };
}
