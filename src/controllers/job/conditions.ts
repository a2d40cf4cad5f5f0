import type { Job, JobCondition, JobConditionType, JobStatus } from '../../api/types/batch.v1.ts';
import { formatTime } from '../../machinery/time.ts';

export function newCondition(
  type: JobConditionType,
  status: 'True' | 'False',
  reason: string,
  message: string,
  nowMs: number,
): JobCondition {
  const now = formatTime(nowMs);
  return { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
}

/** The condition of a type, if it holds. */
export function trueCondition(status: JobStatus | undefined, type: JobConditionType): JobCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

export function isJobFinished({ status }: Job): boolean {
  return finishedCondition(status) !== undefined;
}

export function finishedCondition(status: JobStatus | undefined): JobCondition | undefined {
  return trueCondition(status, 'Complete') ?? trueCondition(status, 'Failed');
}

/** The conditions with this one; undefined when that changes nothing. What never held is not said not to hold. */
export function withCondition(
  conditions: readonly JobCondition[],
  { type, status, reason, message }: JobCondition,
  nowMs: number,
): JobCondition[] | undefined {
  const fresh = newCondition(type, status === 'True' ? 'True' : 'False', reason ?? '', message ?? '', nowMs);
  const at = conditions.findIndex((condition) => condition.type === type);
  const known = conditions[at];
  if (known === undefined) return status === 'False' ? undefined : [...conditions, fresh];
  if (known.status === status && (known.reason ?? '') === reason && (known.message ?? '') === message) return undefined;
  return conditions.toSpliced(at, 1, fresh);
}
