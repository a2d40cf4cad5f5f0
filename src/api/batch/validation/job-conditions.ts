import type { JobStatus } from '../../types/batch.v1.ts';

export function isConditionTrue(status: Partial<JobStatus> | null | undefined, type: string): boolean {
  for (const condition of status?.conditions ?? []) {
    if (condition.type === type && condition.status === 'True') return true;
  }
  return false;
}

export function isJobFinished(status: Partial<JobStatus> | null | undefined): boolean {
  return isConditionTrue(status, 'Complete') || isConditionTrue(status, 'Failed');
}
