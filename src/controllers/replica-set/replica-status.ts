import type { Pod } from '../../api/types/core.v1.ts';
import type { ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps.v1.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { formatTime } from '../../machinery/time.ts';
import { isPodAvailable, isPodReady } from '../pods/pod-state.ts';
import { templateOf, type ReplicaOwner } from './replica-owner.ts';

/** What went wrong in a round of creating and deleting. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

export interface ReplicaObservation {
  readonly active: readonly Pod[];
  /** Undefined: not counted. */
  readonly terminating: number | undefined;
  readonly failure: ReplicaFailure | undefined;
  readonly nowMs: number;
}

/** The status of an owner of these Pods. */
export function replicaStatus(
  owner: ReplicaOwner,
  { active, terminating, failure, nowMs }: ReplicaObservation,
): ReplicaSetStatus {
  const { spec, status, metadata } = owner;
  const template = LabelSelector.fromLabels(templateOf(owner).metadata?.labels);
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (template.matches(pod.metadata.labels)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, spec?.minReadySeconds ?? 0, nowMs)) available++;
  }
  const conditions = withFailure((status?.conditions ?? []) as readonly ReplicaSetCondition[], failure, nowMs);
  return {
    replicas: active.length,
    ...(fullyLabeled === 0 ? {} : { fullyLabeledReplicas: fullyLabeled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** The condition ReplicaFailure comes with the first failure and goes with the first success. */
function withFailure(
  conditions: readonly ReplicaSetCondition[],
  failure: ReplicaFailure | undefined,
  nowMs: number,
): ReplicaSetCondition[] {
  const others = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const known = conditions.find(({ type, reason }) => type === 'ReplicaFailure' && reason === failure.reason);
  if (known !== undefined) return [...conditions];
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: formatTime(nowMs), ...failure }];
}
