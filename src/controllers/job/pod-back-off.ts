import type { Pod } from '../../api/types/core.v1.ts';
import { podCondition } from '../pods/pod-state.ts';
import { allFailuresBefore } from './pod-index.ts';

/** Upstream's `DefaultJobPodFailureBackOff` and `MaxJobPodFailureBackOff`. */
const firstMs = 10_000;
const longestMs = 10 * 60_000;

/** Failures of a Job's Pods since the last one that succeeded. */
export interface FailureRecord {
  readonly failures: number;
  /** Undefined: there was none. */
  readonly lastFailureMs: number | undefined;
}

export const noFailures: FailureRecord = { failures: 0, lastFailureMs: undefined };

function latestMs(pods: readonly Pod[]): number | undefined {
  return pods.length === 0 ? undefined : Math.max(...pods.map(finishedAtMs));
}

/** The record with Pods that have ended since. */
export function recordEnds(record: FailureRecord, succeeded: readonly Pod[], failed: readonly Pod[]): FailureRecord {
  const lastSuccessMs = latestMs(succeeded);
  if (lastSuccessMs === undefined) {
    if (failed.length === 0) return record;
    return { failures: record.failures + failed.length, lastFailureMs: latestMs(failed) };
  }
  const after = failed.filter((pod) => finishedAtMs(pod) > lastSuccessMs);
  return { failures: after.length, lastFailureMs: latestMs(after) };
}

/** How long to wait before another Pod is made, in ms. */
export function remainingMs({ failures, lastFailureMs }: FailureRecord, nowMs: number): number {
  if (failures === 0 || lastFailureMs === undefined) return 0;
  const backOffMs = Math.min(firstMs * 2 ** (failures - 1), longestMs);
  return Math.max(0, backOffMs - (nowMs - lastFailureMs));
}

/** The same for one index, whose last failed Pod tells of those before it. */
export function remainingOfIndexMs(lastFailed: Pod | undefined, nowMs: number): number {
  if (lastFailed === undefined) return 0;
  const failures = allFailuresBefore(lastFailed) + 1;
  return remainingMs({ failures, lastFailureMs: finishedAtMs(lastFailed) }, nowMs);
}

/**
 * When a Pod ended, ms since the epoch: when the last of its containers did; else when it ceased to be ready; else when
 * it was deleted; else when it was created.
 */
export function finishedAtMs(pod: Pod): number {
  const { metadata, status } = pod;
  const ends = (status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''));
  if (ends.length > 0 && !ends.some(Number.isNaN)) return Math.max(...ends);
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime);
  if (metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null) {
    return Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  }
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}
