import type { CronJob, Job } from '../../api/types/batch.v1.ts';
import { trueCondition } from '../job/conditions.ts';

/** Jobs that have ended and are more than the CronJob keeps, the oldest first. */
export function surplusJobs({ spec }: CronJob, children: readonly Job[]): Job[] {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec;
  const succeeded = children.filter(({ status }) => trueCondition(status, 'Complete') !== undefined);
  const failed = children.filter(({ status }) => trueCondition(status, 'Failed') !== undefined);
  return [...oldest(succeeded, successfulJobsHistoryLimit), ...oldest(failed, failedJobsHistoryLimit)];
}

function oldest(children: readonly Job[], limit = Infinity): Job[] {
  const left = children.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return left.toSorted(compareStart).slice(0, Math.max(0, left.length - limit));
}

function compareStart(a: Job, b: Job): number {
  const [startA, startB] = [a, b].map(({ status }) => Date.parse(status?.startTime ?? '') || Infinity);
  if (startA !== startB) return (startA ?? 0) < (startB ?? 0) ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
