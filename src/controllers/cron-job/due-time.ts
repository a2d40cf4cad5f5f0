import type { CronJob } from '../../api/types/batch.v1.ts';
import type { Schedule } from './schedule.ts';

/** With more missed times than this, something is wrong: a clock, or the controller was away for long. */
const tooMany = 100;
/** Later than the time itself, so that clocks that differ a little agree that it has come. */
const lateMs = 100;

/** A schedule that never comes. */
export class EmptyScheduleError extends Error {
  override name = 'EmptyScheduleError';
}

export interface DueTime {
  /** The last scheduled time that has passed and was not served; undefined: there is none. */
  readonly dueMs: number | undefined;
  /** Since when times count. */
  readonly sinceMs: number;
  readonly hasMissedTooMany: boolean;
}

/** Throws an EmptyScheduleError. */
export function dueTime(cronJob: CronJob, schedule: Schedule, nowMs: number, heedsDeadline: boolean): DueTime {
  const { metadata, spec, status } = cronJob;
  let sinceMs = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '');
  if (heedsDeadline && spec.startingDeadlineSeconds !== undefined) {
    sinceMs = Math.max(sinceMs, nowMs - spec.startingDeadlineSeconds * 1000);
  }
  const first = schedule.next(sinceMs);
  const second = first === undefined ? undefined : schedule.next(first);
  if (first === undefined || second === undefined) {
    throw new EmptyScheduleError('time difference between two schedules is less than 1 second');
  }
  if (nowMs < first) return { dueMs: undefined, sinceMs, hasMissedTooMany: false };
  if (nowMs < second) return { dueMs: first, sinceMs, hasMissedTooMany: false };
  // Counted by the first interval, as if all were as long: nobody wants them one by one.
  const missed = Math.floor((nowMs - first) / (second - first)) + 1;
  return { dueMs: lastBefore(schedule, second, nowMs, second - first), sinceMs, hasMissedTooMany: missed > tooMany };
}

/** In how many ms to look again; undefined: never. */
export function nextLookMs(cronJob: CronJob, schedule: Schedule, nowMs: number): number | undefined {
  let fromMs = nowMs;
  try {
    const { dueMs, sinceMs } = dueTime(cronJob, schedule, nowMs, false);
    fromMs = dueMs ?? sinceMs;
  } catch (error) {
    if (!(error instanceof EmptyScheduleError)) throw error;
  }
  const next = schedule.next(fromMs);
  return next === undefined ? undefined : next + lateMs - nowMs;
}

/** The last scheduled time no later than `nowMs`; there is one at `knownMs`. Looks back twice as far each time. */
function lastBefore(schedule: Schedule, knownMs: number, nowMs: number, intervalMs: number): number {
  let lastMs = knownMs;
  for (let backMs = intervalMs; nowMs - backMs > knownMs; backMs *= 2) {
    const found = schedule.next(nowMs - backMs);
    if (found === undefined || found > nowMs) continue;
    lastMs = found;
    break;
  }
  for (let next = schedule.next(lastMs); next !== undefined && next <= nowMs; next = schedule.next(next)) lastMs = next;
  return lastMs;
}
