import type { RollingUpdateStatefulSetStrategy, StatefulSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { scaledValue } from '../../machinery/int-or-string.ts';
import { isPodAvailable } from '../pods/pod-state.ts';
import { isTerminating, isUnavailable } from './pod-stage.ts';
import { revisionOf } from './revisions.ts';

export interface Update {
  readonly set: StatefulSet;
  /** By ordinal, from the first on. */
  readonly replicas: readonly Pod[];
  /** The name of the revision that Pods shall be of. */
  readonly revision: string;
  readonly nowMs: number;
}

/**
 * The Pods that make room for updated ones now, those with the highest ordinals first. Those below the partition stay.
 * Without `maxUnavailable` it is one at a time, and the next goes when the one before it is available again.
 */
export function podsToUpdate(update: Update): Pod[] {
  const { rollingUpdate } = update.set.spec.updateStrategy ?? {};
  if (rollingUpdate?.maxUnavailable === undefined) return oneAtATime(update, rollingUpdate);
  return withinBudget(update, maxUnavailableOf(rollingUpdate, update.replicas.length), rollingUpdate.partition ?? 0);
}

/** At least one, however small the percentage. */
function maxUnavailableOf({ maxUnavailable = 1 }: RollingUpdateStatefulSetStrategy, replicas: number): number {
  return Math.max(scaledValue(maxUnavailable, replicas, 'down'), 1);
}

function isOutdated(pod: Pod, revision: string): boolean {
  return revisionOf(pod) !== revision && !isTerminating(pod);
}

function oneAtATime(
  { set, replicas, revision, nowMs }: Update,
  rollingUpdate: RollingUpdateStatefulSetStrategy | undefined,
): Pod[] {
  for (const pod of replicas.slice(rollingUpdate?.partition ?? 0).reverse()) {
    if (isOutdated(pod, revision)) return [pod];
    if (isUnavailable(pod, set.spec.minReadySeconds ?? 0, nowMs)) return [];
  }
  return [];
}

/** KEP-961. */
function withinBudget({ set, replicas, revision, nowMs }: Update, maxUnavailable: number, partition: number): Pod[] {
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const budget = maxUnavailable - replicas.filter((pod) => isUnavailable(pod, minReadySeconds, nowMs)).length;
  const outdated = replicas.slice(partition).filter((pod) => isOutdated(pod, revision));
  outdated.reverse();
  if (set.spec.podManagementPolicy !== 'Parallel') return outdated.slice(0, Math.max(budget, 0));
  // What does not work yet can go whatever the budget: nothing is lost with it, and it may never work without an update.
  const broken = outdated.filter((pod) => !isPodAvailable(pod, minReadySeconds, nowMs));
  const working = outdated.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs));
  return [...broken, ...working.slice(0, Math.max(budget, 0))];
}
