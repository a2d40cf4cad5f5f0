import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import { desiredReplicas, maxUnavailableOf, nextSizeOfNew, sumReplicas } from './limits.ts';

/** A ReplicaSet and the size that it should have. */
export interface Resize {
  readonly set: ReplicaSet;
  readonly size: number;
}

function sizeOf({ spec }: ReplicaSet): number {
  return spec?.replicas ?? 1;
}

function availableOf(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
}

function oldestFirst(sets: readonly ReplicaSet[]): ReplicaSet[] {
  const created = ({ metadata }: ReplicaSet): string => `${metadata.creationTimestamp ?? ''}/${metadata.name ?? ''}`;
  return sets.toSorted((a, b) => (created(a) < created(b) ? -1 : 1));
}

/** The next step of the newest ReplicaSet; undefined: it has its size. */
export function nextStepOfNew(
  deployment: Deployment,
  newest: ReplicaSet,
  all: readonly ReplicaSet[],
): Resize | undefined {
  const desired = desiredReplicas(deployment);
  if (sizeOf(newest) === desired) return undefined;
  const size = sizeOf(newest) > desired ? desired : nextSizeOfNew(deployment, all, sizeOf(newest));
  return size === sizeOf(newest) ? undefined : { set: newest, size };
}

/**
 * The next steps of the older ReplicaSets of a rolling update: first what is not available anyway, then as many as the
 * new ones that became available allow.
 */
export function nextStepsOfOld(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  if (sumReplicas(old) === 0) return [];
  const minAvailable = desiredReplicas(deployment) - maxUnavailableOf(deployment);
  const newUnavailable = sizeOf(newest) - availableOf([newest]);
  const total = sumReplicas(old) + sizeOf(newest);
  const most = total - minAvailable - newUnavailable;
  if (most <= 0) return [];
  const sizes = new Map(oldestFirst(old).map((set) => [set, sizeOf(set)]));
  let removed = 0;
  for (const [set, size] of sizes) {
    const unhealthy = Math.min(most - removed, Math.max(0, size - availableOf([set])));
    sizes.set(set, size - unhealthy);
    removed += unhealthy;
  }
  let spare = availableOf([...old, newest]) - minAvailable;
  for (const [set, size] of sizes) {
    const step = Math.max(0, Math.min(size, spare));
    sizes.set(set, size - step);
    spare -= step;
  }
  return [...sizes].filter(([set, size]) => size !== sizeOf(set)).map(([set, size]) => ({ set, size }));
}
