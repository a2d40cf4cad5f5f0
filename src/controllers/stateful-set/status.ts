import type { StatefulSet, StatefulSetStatus } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { isPodAvailable } from '../pods/pod-state.ts';
import { replicasOf } from './identity.ts';
import { isCreated, isRunningAndReady, isTerminating } from './pod-stage.ts';
import { revisionOf, type SetRevisions } from './revisions.ts';

export interface ReplicaCounts {
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly currentReplicas: number;
  readonly updatedReplicas: number;
}

export function countReplicas(
  pods: readonly Pod[],
  { current, update }: SetRevisions,
  minReadySeconds: number,
  nowMs: number,
): ReplicaCounts {
  const counts = { replicas: 0, readyReplicas: 0, availableReplicas: 0, currentReplicas: 0, updatedReplicas: 0 };
  for (const pod of pods) {
    if (!isCreated(pod)) continue;
    counts.replicas++;
    if (isRunningAndReady(pod)) {
      counts.readyReplicas++;
      if (isPodAvailable(pod, minReadySeconds, nowMs)) counts.availableReplicas++;
    }
    if (isTerminating(pod)) continue;
    const revision = revisionOf(pod);
    if (revision === current.metadata.name) counts.currentReplicas++;
    if (revision === update.metadata.name) counts.updatedReplicas++;
  }
  return counts;
}

/** The status that a set has with these counts. Once every replica is updated and ready, the update is the current one. */
export function statusOf(
  set: StatefulSet,
  { current, update, collisionCount }: SetRevisions,
  counts: ReplicaCounts,
): StatefulSetStatus {
  const { replicas, readyReplicas, availableReplicas, updatedReplicas } = counts;
  const wanted = replicasOf(set);
  const isComplete =
    set.spec.updateStrategy?.type === 'RollingUpdate' &&
    updatedReplicas === wanted &&
    readyReplicas === wanted &&
    replicas === wanted;
  const currentReplicas = isComplete ? updatedReplicas : counts.currentReplicas;
  const { generation } = set.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    replicas,
    ...(readyReplicas === 0 ? {} : { readyReplicas }),
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    ...(updatedReplicas === 0 ? {} : { updatedReplicas }),
    currentRevision: (isComplete ? update : current).metadata.name ?? '',
    updateRevision: update.metadata.name ?? '',
    collisionCount,
    availableReplicas,
  };
}

/** Whether a status says something that the set's does not, or is of a newer generation. */
export function isNews({ status }: StatefulSet, fresh: StatefulSetStatus): boolean {
  return (
    (fresh.observedGeneration ?? 0) > (status?.observedGeneration ?? 0) ||
    fresh.replicas !== (status?.replicas ?? 0) ||
    (fresh.currentReplicas ?? 0) !== (status?.currentReplicas ?? 0) ||
    (fresh.readyReplicas ?? 0) !== (status?.readyReplicas ?? 0) ||
    (fresh.updatedReplicas ?? 0) !== (status?.updatedReplicas ?? 0) ||
    (fresh.availableReplicas ?? 0) !== (status?.availableReplicas ?? 0) ||
    fresh.currentRevision !== status?.currentRevision ||
    fresh.updateRevision !== status?.updateRevision
  );
}
