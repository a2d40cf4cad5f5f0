import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types/apps.v1.ts';
import { conditionOf, newCondition, withCondition, withoutCondition } from './conditions.ts';
import { desiredReplicas, maxUnavailableOf, sumReplicas } from './limits.ts';

type Counted = 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas';

function sumStatus(sets: readonly ReplicaSet[], field: Counted): number {
  return sets.reduce((sum, { status }) => sum + (status?.[field] ?? 0), 0);
}

/** The counts and the condition Available, from what the ReplicaSets say of themselves. */
export function countedStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const available = sumStatus(all, 'availableReplicas');
  const ready = sumStatus(all, 'readyReplicas');
  const replicas = sumStatus(all, 'replicas');
  const updated = newest === undefined ? 0 : sumStatus([newest], 'replicas');
  const unavailable = Math.max(0, sumReplicas(all) - available);
  const { generation } = deployment.metadata;
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  const isAvailable = available >= desiredReplicas(deployment) - maxUnavailableOf(deployment);
  const condition = isAvailable
    ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', nowMs)
    : newCondition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        nowMs,
      );
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(replicas === 0 ? {} : { replicas }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(unavailable === 0 ? {} : { unavailableReplicas: unavailable }),
    terminatingReplicas: sumStatus(all, 'terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions, condition),
  };
}

/** Whether every Pod is of the newest revision and available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredReplicas(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  return (
    updatedReplicas === desired &&
    replicas === desired &&
    availableReplicas === desired &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

function isProgressing({ status: old = {} }: Deployment, status: DeploymentStatus): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(status) < outdated(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** Without a deadline, and with upstream's word for one that never comes, nobody waits for progress. */
export function hasProgressDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== 2 ** 31 - 1;
}

function hasTimedOut({ spec }: Deployment, progressing: DeploymentCondition | undefined, nowMs: number): boolean {
  if (progressing === undefined || progressing.reason === 'NewReplicaSetAvailable') return false;
  if (progressing.reason === 'ProgressDeadlineExceeded') return true;
  const sinceMs = Date.parse(progressing.lastUpdateTime ?? '');
  return sinceMs + (spec.progressDeadlineSeconds ?? 0) * 1000 < nowMs;
}

/** The status after a step of a rollout, with the conditions Progressing and ReplicaFailure. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const status = countedStatus(deployment, all, newest, nowMs);
  let conditions: readonly DeploymentCondition[] = status.conditions ?? [];
  if (hasProgressDeadline(deployment)) conditions = withProgress(deployment, status, newest, nowMs);
  else conditions = withoutCondition(conditions, 'Progressing');
  const failure = failureOf(all, newest);
  conditions =
    failure === undefined ? withoutCondition(conditions, 'ReplicaFailure') : withCondition(conditions, failure);
  return { ...status, conditions: [...conditions] };
}

function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  newest: ReplicaSet | undefined,
  nowMs: number,
): readonly DeploymentCondition[] {
  const conditions = status.conditions ?? [];
  const current = conditionOf(deployment.status?.conditions, 'Progressing');
  const wasComplete = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (wasComplete) return conditions;
  const subject =
    newest === undefined
      ? `Deployment "${deployment.metadata.name ?? ''}"`
      : `ReplicaSet "${newest.metadata.name ?? ''}"`;
  const progress = (value: 'True' | 'False', reason: string, does: string): DeploymentCondition =>
    newCondition('Progressing', value, reason, `${subject} ${does}.`, nowMs);
  if (isComplete(deployment, status)) {
    return withCondition(conditions, progress('True', 'NewReplicaSetAvailable', 'has successfully progressed'));
  }
  if (isProgressing(deployment, status)) {
    const condition = progress('True', 'ReplicaSetUpdated', 'is progressing');
    // Every step renews the time from which the deadline counts, though status and reason stay.
    const { lastTransitionTime } = current?.status === 'True' ? current : condition;
    return withCondition(withoutCondition(conditions, 'Progressing'), {
      ...condition,
      ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
    });
  }
  if (hasTimedOut(deployment, conditionOf(conditions, 'Progressing'), nowMs)) {
    return withCondition(conditions, progress('False', 'ProgressDeadlineExceeded', 'has timed out progressing'));
  }
  return conditions;
}

/** What keeps a ReplicaSet from its Pods: of the newest one first. */
function failureOf(all: readonly ReplicaSet[], newest: ReplicaSet | undefined): DeploymentCondition | undefined {
  const sets = newest === undefined ? all : [newest, ...all];
  for (const { status } of sets) {
    const failure = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (failure === undefined) continue;
    const { lastTransitionTime, reason, message } = failure;
    return {
      type: 'ReplicaFailure',
      status: failure.status,
      ...(lastTransitionTime === undefined ? {} : { lastTransitionTime, lastUpdateTime: lastTransitionTime }),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  }
  return undefined;
}

/** Milliseconds until a Deployment that makes no progress must be looked at again; undefined: nobody waits for it. */
export function stuckAfterMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const current = conditionOf(deployment.status?.conditions, 'Progressing');
  if (!hasProgressDeadline(deployment) || current === undefined) return undefined;
  if (isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded') return undefined;
  // Once it was complete it cannot time out, however few Pods are left: there is no moment to wait for.
  if (current.reason === 'NewReplicaSetAvailable') return undefined;
  const sinceMs = Date.parse(current.lastUpdateTime ?? '');
  const leftMs = sinceMs + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - nowMs;
  // A second more: times are kept in whole seconds, and the deadline must be over.
  return Math.max(leftMs, 0) + 1000;
}
