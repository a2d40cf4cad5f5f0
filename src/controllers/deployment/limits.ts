import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import { scaledValue } from '../../machinery/int-or-string.ts';

export function isRolling({ spec }: Deployment): boolean {
  return (spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

export function desiredReplicas({ spec }: Deployment): number {
  return spec.replicas ?? 1;
}

/**
 * How many Pods more than asked for there may be, and how many fewer, during a rolling update. Surge is rounded up,
 * unavailability down; of the two at least one is not 0, or nothing could ever move.
 */
function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 0 } = deployment.spec.strategy?.rollingUpdate ?? {};
  const replicas = desiredReplicas(deployment);
  const surge = scaledValue(maxSurge, replicas, 'up');
  const unavailable = scaledValue(maxUnavailable, replicas, 'down');
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

export function maxSurgeOf(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

export function maxUnavailableOf(deployment: Deployment): number {
  const replicas = desiredReplicas(deployment);
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}

export function sumReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { spec }) => sum + (spec?.replicas ?? 1), 0);
}

/** How large the newest ReplicaSet may be now, without more Pods in total than a surge allows. */
export function nextSizeOfNew(deployment: Deployment, all: readonly ReplicaSet[], currentSize: number): number {
  const desired = desiredReplicas(deployment);
  if (!isRolling(deployment)) return desired;
  const room = desired + maxSurgeOf(deployment) - sumReplicas(all);
  if (room <= 0) return currentSize;
  return currentSize + Math.min(room, desired - currentSize);
}
