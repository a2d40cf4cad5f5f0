import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import { maxReplicasOf } from './annotations.ts';
import { desiredReplicas, maxSurgeOf, sumReplicas } from './limits.ts';

function sizeOf({ spec }: ReplicaSet): number {
  return spec?.replicas ?? 1;
}

function createdAt({ metadata }: ReplicaSet): string {
  return metadata.creationTimestamp ?? '';
}

/**
 * The sizes of a Deployment's ReplicaSets after it was scaled in the middle of a rollout: each grows or shrinks in
 * proportion to its share, so that the risk of the new revision stays what it was
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling).
 * @param active Those that have Pods.
 */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const desired = desiredReplicas(deployment);
  const allowed = desired > 0 ? desired + maxSurgeOf(deployment) : 0;
  const toAdd = allowed - sumReplicas(active);
  // The largest first; of equal ones the newest grows first and the oldest shrinks first.
  const ordered = active.toSorted((a, b) => {
    if (sizeOf(a) !== sizeOf(b)) return sizeOf(b) - sizeOf(a);
    const age = createdAt(a) < createdAt(b) ? -1 : createdAt(a) > createdAt(b) ? 1 : 0;
    return toAdd > 0 ? -age : age;
  });
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of ordered) {
    const share = toAdd === 0 ? 0 : proportionOf(deployment, set, toAdd, added);
    sizes.set(set, sizeOf(set) + share);
    added += share;
  }
  const [largest] = ordered;
  // What rounding leaves over goes to the largest.
  if (largest !== undefined) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  return sizes;
}

function proportionOf(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  if (sizeOf(set) === 0 || toAdd === added) return 0;
  const fraction = fractionOf(deployment, set);
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added);
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const desired = desiredReplicas(deployment);
  if (desired === 0) return -sizeOf(set);
  const max = desired + maxSurgeOf(deployment);
  const maxBefore = maxReplicasOf(set) ?? deployment.status?.replicas ?? 0;
  // A ReplicaSet that nobody annotated, of a Deployment without status: nothing is known to be in proportion to.
  if (maxBefore === 0) return 0;
  return Math.round((sizeOf(set) * max) / maxBefore) - sizeOf(set);
}
