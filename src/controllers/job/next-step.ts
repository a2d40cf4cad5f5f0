import type { Job } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { compareForDeletion } from '../pods/deletion-order.ts';
import { isPodTerminating } from '../pods/pod-state.ts';
import { IndexSet } from './index-set.ts';
import { hasLimitPerIndex, isIndexed, isSuspended, replacesOnlyFailed } from './job-spec.ts';
import type { Observation } from './observation.ts';
import { remainingMs, remainingOfIndexMs, type FailureRecord } from './pod-back-off.ts';
import { completionIndexOf, indexesOf } from './pod-index.ts';

/** In one round no more Pods than this are created or deleted: upstream's `MaxPodCreateDeletePerSync`. */
const maxPodsPerSync = 500;

/** What brings a Job's Pods closer to what it asks for; in one round Pods are deleted or created, not both. */
export type NextStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'delete'; readonly pods: readonly Pod[] }
  /** One Pod each; undefined: of no index. */
  | { readonly kind: 'create'; readonly indexes: readonly (number | undefined)[] }
  | { readonly kind: 'wait'; readonly afterMs: number };

export function nextStep(job: Job, observation: Observation, record: FailureRecord, nowMs: number): NextStep {
  const { active } = observation;
  // A suspended Job gives up all its Pods in one round, so that it is seen to be suspended.
  if (isSuspended(job)) return deletion([...active]);
  const wanted = wantedActive(job, observation);
  const surplus = surplusOf(job, active, Math.max(0, active.length - wanted), nowMs);
  if (surplus.length > 0) return deletion(surplus.slice(0, maxPodsPerSync));
  const terminating = replacesOnlyFailed(job) ? observation.pods.filter(isPodTerminating).length : 0;
  const missing = wanted - terminating - active.length;
  if (missing <= 0) return { kind: 'none' };
  if (!hasLimitPerIndex(job)) {
    const afterMs = remainingMs(record, nowMs);
    if (afterMs > 0) return { kind: 'wait', afterMs };
  }
  const count = Math.min(missing, maxPodsPerSync);
  if (!isIndexed(job)) return { kind: 'create', indexes: Array.from({ length: count }, () => undefined) };
  const indexes = pendingIndexes(job, observation, count);
  return hasLimitPerIndex(job) ? independent(indexes, observation, nowMs) : creation(indexes);
}

function deletion(pods: readonly Pod[]): NextStep {
  return pods.length === 0 ? { kind: 'none' } : { kind: 'delete', pods };
}

function creation(indexes: readonly number[]): NextStep {
  return indexes.length === 0 ? { kind: 'none' } : { kind: 'create', indexes };
}

/** How many Pods should be active. */
function wantedActive({ spec }: Job, { active, succeeded }: Observation): number {
  const { completions, parallelism = 1 } = spec;
  // Of a work queue, the first success means that there is no more to do: what runs is left to end.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Of indexes that back off each by itself, those that may start now. */
function independent(indexes: readonly number[], { awaitingSuccessor }: Observation, nowMs: number): NextStep {
  const waits = indexes.map((index) => remainingOfIndexMs(awaitingSuccessor.get(index), nowMs));
  const ready = indexes.filter((_, i) => waits[i] === 0);
  if (ready.length > 0 || indexes.length === 0) return creation(ready);
  return { kind: 'wait', afterMs: Math.min(...waits) };
}

/** The lowest indexes that have neither ended nor a Pod. */
function pendingIndexes(job: Job, observation: Observation, count: number): number[] {
  const { pods, active, succeededIndexes, failedIndexes } = observation;
  let taken = succeededIndexes.union(IndexSet.of(indexesOf(active)));
  if (replacesOnlyFailed(job)) taken = taken.union(IndexSet.of(indexesOf(pods.filter(isPodTerminating))));
  if (failedIndexes !== undefined) taken = taken.union(failedIndexes);
  return taken.firstMissing(count, job.spec.completions ?? 0);
}

/** Pods that should go: of an Indexed Job first those of no index or one that has another; then what will be missed least. */
function surplusOf(job: Job, active: readonly Pod[], atLeast: number, nowMs: number): Pod[] {
  const order = { nowMs, rank: () => 0, ignoresCost: true };
  const inOrder = active.toSorted((a, b) => compareForDeletion(a, b, order));
  if (!isIndexed(job)) return inOrder.slice(0, atLeast);
  const completions = job.spec.completions ?? 0;
  const keeper = new Map<number, Pod>();
  for (const pod of inOrder) {
    const index = completionIndexOf(pod);
    if (index !== undefined && index < completions) keeper.set(index, pod);
  }
  const kept = new Set(keeper.values());
  const surplus = inOrder.filter((pod) => !kept.has(pod));
  for (const pod of inOrder) {
    if (surplus.length >= atLeast) break;
    if (kept.has(pod)) surplus.push(pod);
  }
  return surplus;
}
