/**
 * How the ends of Pods are counted exactly once (KEP-2307): a Pod that ended is first listed in the status by its uid,
 * then loses its finalizer, and then moves from the list to the count. Whoever stops in between goes on from there.
 */
import type { Job, JobCondition, JobStatus } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { newCondition, trueCondition } from './conditions.ts';
import { isIndexed, isPodFailed } from './job-spec.ts';
import type { Observation } from './observation.ts';
import { judgePodFailure } from './pod-failure-policy.ts';
import { completionIndexOf, validIndexOf } from './pod-index.ts';

/** So many uids keep the lists of the status below 20 KB, and one Job from starving others. */
const maxUncounted = 500;

export interface Tracking {
  /** To be stored before a finalizer is removed. */
  readonly status: JobStatus;
  /** Pods whose finalizers can be removed then. */
  readonly released: readonly Pod[];
  /** What a pod failure policy says of those that are listed now, one each. */
  readonly policyActions: readonly string[];
  /** Pods are left for the next round. */
  readonly isPartial: boolean;
  /** With which the Job ends when all is counted. */
  readonly conclusion: JobCondition | undefined;
}

/** @param verdict From `verdictOn`, or that all completions are reached. */
export function track(job: Job, observation: Observation, verdict: JobCondition | undefined, nowMs: number): Tracking {
  const { tracked, succeededIndexes, failedIndexes } = observation;
  const status = movedToCounts(job.status ?? {}, new Set(tracked.map(({ metadata }) => metadata.uid ?? '')));
  const listing = new Listing(job, observation, status, verdict);
  const inOrder = isIndexed(job) ? tracked.toSorted((a, b) => orderOf(a) - orderOf(b)) : tracked;
  for (const pod of inOrder) {
    listing.add(pod);
    if (listing.isFull) break;
  }
  const { succeeded, failed } = listing;
  status.uncountedTerminatedPods = {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
  if (isIndexed(job)) {
    setCount(status, 'succeeded', succeededIndexes.size);
    const completedIndexes = String(succeededIndexes);
    if (completedIndexes === '') delete status.completedIndexes;
    else status.completedIndexes = completedIndexes;
    if (failedIndexes === undefined) delete status.failedIndexes;
    else status.failedIndexes = String(failedIndexes);
  }
  const isInterim = verdict?.type === 'FailureTarget' || verdict?.type === 'SuccessCriteriaMet';
  if (verdict !== undefined && isInterim && trueCondition(status, verdict.type) === undefined) {
    status.conditions = [...(status.conditions ?? []), verdict];
  }
  return {
    status,
    released: listing.released,
    policyActions: listing.policyActions,
    isPartial: listing.isFull,
    conclusion: conclusionOf(verdict, nowMs),
  };
}

/** The status with those Pods counted that are listed and have no finalizer any more. */
export function movedToCounts(status: JobStatus, trackedUids: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = {
    succeeded: succeeded.filter((uid) => trackedUids.has(uid)),
    failed: failed.filter((uid) => trackedUids.has(uid)),
  };
  const moved: JobStatus = {
    ...status,
    uncountedTerminatedPods: {
      ...(left.succeeded.length === 0 ? {} : { succeeded: left.succeeded }),
      ...(left.failed.length === 0 ? {} : { failed: left.failed }),
    },
  };
  setCount(moved, 'succeeded', (status.succeeded ?? 0) + succeeded.length - left.succeeded.length);
  setCount(moved, 'failed', (status.failed ?? 0) + failed.length - left.failed.length);
  return moved;
}

/** A count of 0 is absent. */
export function setCount(status: JobStatus, field: 'active' | 'succeeded' | 'failed', count: number): void {
  if (count === 0) delete status[field];
  else status[field] = count;
}

/** Whether Pods are listed that are not counted. */
export function hasUncounted({ uncountedTerminatedPods: { succeeded = [], failed = [] } = {} }: JobStatus): boolean {
  return succeeded.length + failed.length > 0;
}

function orderOf(pod: Pod): number {
  return completionIndexOf(pod) ?? -1;
}

function conclusionOf(verdict: JobCondition | undefined, nowMs: number): JobCondition | undefined {
  if (verdict === undefined) return undefined;
  const type = verdict.type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed';
  return newCondition(type, 'True', verdict.reason ?? '', verdict.message ?? '', nowMs);
}

class Listing {
  readonly succeeded: string[];
  readonly failed: string[];
  readonly released: Pod[] = [];
  readonly policyActions: string[] = [];
  readonly #job: Job;
  readonly #observation: Observation;
  readonly #verdict: JobCondition | undefined;
  #newIndexes = 0;

  constructor(job: Job, observation: Observation, status: JobStatus, verdict: JobCondition | undefined) {
    this.#job = job;
    this.#observation = observation;
    this.#verdict = verdict;
    this.succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])];
    this.failed = [...(status.uncountedTerminatedPods?.failed ?? [])];
  }

  get isFull(): boolean {
    return this.#newIndexes + this.succeeded.length + this.failed.length >= maxUncounted;
  }

  add(pod: Pod): void {
    const isFailed = isPodFailed(pod, this.#job);
    if (!this.#mayRelease(pod, isFailed)) return;
    this.released.push(pod);
    const uid = pod.metadata.uid ?? '';
    if (pod.status?.phase === 'Succeeded' && !this.failed.includes(uid)) this.#addSucceeded(pod, uid);
    // When a Job fails, what has not ended has failed.
    else if (isFailed || (this.#verdict !== undefined && this.#verdict.type !== 'SuccessCriteriaMet')) {
      this.#addFailed(pod, uid);
    }
  }

  #mayRelease(pod: Pod, isFailed: boolean): boolean {
    const isEnding = this.#job.metadata.deletionTimestamp !== undefined || this.#verdict !== undefined;
    if (isEnding || pod.status?.phase === 'Succeeded') return true;
    if (!isFailed) return false;
    const index = completionIndexOf(pod);
    const kept = index === undefined ? undefined : this.#observation.awaitingSuccessor.get(index);
    return kept?.metadata.uid !== pod.metadata.uid;
  }

  #addSucceeded(pod: Pod, uid: string): void {
    if (!isIndexed(this.#job)) {
      if (!this.succeeded.includes(uid)) this.succeeded.push(uid);
      return;
    }
    // The index itself is in the status: no second Pod of it counts.
    const index = validIndexOf(pod, this.#job);
    if (index !== undefined && !this.#observation.countedIndexes.has(index)) this.#newIndexes++;
  }

  #addFailed(pod: Pod, uid: string): void {
    if (this.failed.includes(uid)) return;
    if (isIndexed(this.#job) && validIndexOf(pod, this.#job) === undefined) return;
    const { action, isCounted } = judgePodFailure(this.#job.spec.podFailurePolicy, pod);
    if (action !== undefined) this.policyActions.push(action);
    if (isCounted) this.failed.push(uid);
  }
}
