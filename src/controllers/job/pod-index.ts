/** What an Indexed Job's Pods say about themselves in annotations. */
import type { Job } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';

export const completionIndexKey = 'batch.kubernetes.io/job-completion-index';
export const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
export const ignoredFailureCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Undefined: it says none, or none that can be read. */
export function completionIndexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[completionIndexKey];
  return text !== undefined && /^\+?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The index of a Pod if the Job has such an index. */
export function validIndexOf(pod: Pod, { spec }: Job): number | undefined {
  const index = completionIndexOf(pod);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

function countIn({ metadata }: Pod, key: string): number {
  const text = metadata.annotations?.[key] ?? '';
  const count = /^\+?\d{1,10}$/.test(text) ? Number(text) : 0;
  return count < 2 ** 31 ? count : 0;
}

/** How many Pods of its index failed before it, as far as they count. */
export function failuresBefore(pod: Pod): number {
  return countIn(pod, failureCountKey);
}

export function ignoredFailuresBefore(pod: Pod): number {
  return countIn(pod, ignoredFailureCountKey);
}

export function allFailuresBefore(pod: Pod): number {
  return failuresBefore(pod) + ignoredFailuresBefore(pod);
}

export function indexesOf(pods: Iterable<Pod>): Set<number> {
  const indexes = new Set<number>();
  for (const pod of pods) {
    const index = completionIndexOf(pod);
    if (index !== undefined) indexes.add(index);
  }
  return indexes;
}
