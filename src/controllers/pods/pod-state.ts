/** What controllers ask of a Pod's status. */
import type { Pod, PodCondition } from '../../api/types/core.v1.ts';

export function podCondition({ status }: Pod, type: string): PodCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Neither finished nor being deleted. */
export function isPodActive({ metadata, status }: Pod): boolean {
  return !isPodFinished({ status } as Pod) && metadata.deletionTimestamp === undefined;
}

export function isPodFinished({ status }: Pick<Pod, 'status'>): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Being deleted, and its containers not yet known to have ended. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Since when a Pod is ready, ms since the epoch; undefined: it is not. */
export function readySinceMs(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  const since = ready.lastTransitionTime;
  return since === undefined || since === null ? undefined : Date.parse(since);
}

/** Ready for `minReadySeconds` at least. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const sinceMs = readySinceMs(pod);
  return sinceMs !== undefined && sinceMs + minReadySeconds * 1000 <= nowMs;
}

/** Of all containers, init containers among them. */
export function maxContainerRestarts({ status }: Pod): { readonly regular: number; readonly sidecar: number } {
  let regular = 0;
  let sidecar = 0;
  for (const { restartCount } of status?.containerStatuses ?? []) regular = Math.max(regular, restartCount);
  for (const { restartCount } of status?.initContainerStatuses ?? []) sidecar = Math.max(sidecar, restartCount);
  return { regular, sidecar };
}
