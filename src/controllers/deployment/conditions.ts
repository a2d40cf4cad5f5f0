import type { DeploymentCondition } from '../../api/types/apps.v1.ts';
import { formatTime } from '../../machinery/time.ts';

export type ConditionType = 'Available' | 'Progressing' | 'ReplicaFailure';

export function conditionOf(
  conditions: readonly DeploymentCondition[] | undefined,
  type: ConditionType,
): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function newCondition(
  type: ConditionType,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  nowMs: number,
): DeploymentCondition {
  const now = formatTime(nowMs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

export function withoutCondition(
  conditions: readonly DeploymentCondition[],
  type: ConditionType,
): DeploymentCondition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/** The conditions with this one, which stays as it was while status and reason do. */
export function withCondition(
  conditions: readonly DeploymentCondition[],
  condition: DeploymentCondition,
): DeploymentCondition[] {
  const current = conditions.find(({ type }) => type === condition.type);
  if (current !== undefined && current.status === condition.status && current.reason === condition.reason) {
    return [...conditions];
  }
  const { lastTransitionTime } = current?.status === condition.status ? current : condition;
  const others = conditions.filter(({ type }) => type !== condition.type);
  return [...others, { ...condition, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) }];
}
