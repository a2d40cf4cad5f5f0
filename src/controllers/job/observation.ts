import type { Job } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { isPodActive, isPodReady, isPodTerminating } from '../pods/pod-state.ts';
import { IndexSet } from './index-set.ts';
import { hasLimitPerIndex, hasTrackingFinalizer, isIndexed, isPodFailed } from './job-spec.ts';
import { judgePodFailure } from './pod-failure-policy.ts';
import { allFailuresBefore, completionIndexOf, failuresBefore, indexesOf, validIndexOf } from './pod-index.ts';
import { finishedAtMs } from './pod-back-off.ts';

/** What a Job's Pods and its status tell together. */
export interface Observation {
  readonly pods: readonly Pod[];
  /** Those whose end is not counted yet: they have the finalizer, and its removal is not under way. */
  readonly tracked: readonly Pod[];
  readonly active: readonly Pod[];
  /** Ended, and in no count and no list of the status yet. */
  readonly newSucceeded: readonly Pod[];
  readonly newFailed: readonly Pod[];
  /** With those that the status does not count yet. */
  readonly succeeded: number;
  readonly failed: number;
  /** Of an Indexed Job: as the status has them, and with those that succeeded since. */
  readonly countedIndexes: IndexSet;
  readonly succeededIndexes: IndexSet;
  /** Of a Job with a limit per index. */
  readonly failedIndexes: IndexSet | undefined;
  /**
   * By index, of a Job with a limit per index: the failed Pod that has no successor yet. It is kept until it has one,
   * because its annotations carry the count of failures on.
   */
  readonly awaitingSuccessor: ReadonlyMap<number, Pod>;
}

/** @param isBeingReleased By uid of a Pod: the removal of its finalizer was sent and is not seen yet. */
export function observe(job: Job, pods: readonly Pod[], isBeingReleased: (uid: string) => boolean): Observation {
  const { status = {} } = job;
  const tracked = pods.filter((pod) => hasTrackingFinalizer(pod) && !isBeingReleased(pod.metadata.uid ?? ''));
  const active = pods.filter(isPodActive);
  const valid = isIndexed(job) ? tracked.filter((pod) => validIndexOf(pod, job) !== undefined) : tracked;
  const listed = {
    succeeded: new Set(status.uncountedTerminatedPods?.succeeded),
    failed: new Set(status.uncountedTerminatedPods?.failed),
  };
  const newSucceeded = valid.filter(
    ({ metadata, status: pod }) => pod?.phase === 'Succeeded' && !listed.succeeded.has(metadata.uid ?? ''),
  );
  const newFailed = valid.filter((pod) => isPodFailed(pod, job) && !listed.failed.has(pod.metadata.uid ?? ''));
  const newCounted = newFailed.filter((pod) => judgePodFailure(job.spec.podFailurePolicy, pod).isCounted);
  const countedIndexes = IndexSet.parse(status.completedIndexes ?? '', job.spec.completions ?? 0);
  const succeededIndexes = isIndexed(job) ? withSucceeded(job, countedIndexes, pods) : countedIndexes;
  const failedIndexes = hasLimitPerIndex(job) && isIndexed(job) ? withFailed(job, pods) : undefined;
  const succeeded = (status.succeeded ?? 0) + newSucceeded.length + listed.succeeded.size;
  return {
    pods,
    tracked,
    active,
    newSucceeded,
    newFailed,
    succeeded: isIndexed(job) ? succeededIndexes.size : succeeded,
    failed: (status.failed ?? 0) + newCounted.length + listed.failed.size,
    countedIndexes,
    succeededIndexes,
    failedIndexes,
    awaitingSuccessor:
      failedIndexes === undefined
        ? new Map()
        : withoutSuccessor(job, valid, active, succeededIndexes.union(failedIndexes)),
  };
}

export function countReady(pods: readonly Pod[]): number {
  return pods.filter(isPodReady).length;
}

export function countTerminating(pods: readonly Pod[]): number {
  return pods.filter(isPodTerminating).length;
}

function withSucceeded(job: Job, counted: IndexSet, pods: readonly Pod[]): IndexSet {
  const indexes = pods
    .filter((pod) => pod.status?.phase === 'Succeeded' && hasTrackingFinalizer(pod))
    .map((pod) => validIndexOf(pod, job));
  return counted.union(IndexSet.of(indexes.filter((index) => index !== undefined)));
}

function withFailed(job: Job, pods: readonly Pod[]): IndexSet {
  const counted = IndexSet.parse(job.status?.failedIndexes ?? '', job.spec.completions ?? 0);
  const indexes = pods
    .filter((pod) => hasTrackingFinalizer(pod) && failsItsIndex(job, pod))
    .map((pod) => validIndexOf(pod, job));
  return counted.union(IndexSet.of(indexes.filter((index) => index !== undefined)));
}

function failsItsIndex(job: Job, pod: Pod): boolean {
  if (!isPodFailed(pod, job)) return false;
  const { action, isCounted } = judgePodFailure(job.spec.podFailurePolicy, pod);
  if (action === 'FailIndex') return true;
  return isCounted && failuresBefore(pod) >= (job.spec.backoffLimitPerIndex ?? 0);
}

function withoutSuccessor(
  job: Job,
  valid: readonly Pod[],
  active: readonly Pod[],
  finished: IndexSet,
): ReadonlyMap<number, Pod> {
  const activeIndexes = indexesOf(active);
  const last = new Map<number, Pod>();
  for (const pod of valid) {
    const index = completionIndexOf(pod);
    if (index === undefined || !isPodFailed(pod, job) || finished.has(index) || activeIndexes.has(index)) continue;
    const known = last.get(index);
    const isLater =
      known === undefined ||
      (allFailuresBefore(known) <= allFailuresBefore(pod) && finishedAtMs(pod) >= finishedAtMs(known));
    if (isLater) last.set(index, pod);
  }
  return last;
}
