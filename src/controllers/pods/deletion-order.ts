import type { Pod } from '../../api/types/core.v1.ts';
import { isPodReady, maxContainerRestarts, readySinceMs } from './pod-state.ts';

/** An annotation by which users say which Pods should go first (KEP-2255); higher costs go later. */
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

function costOf({ metadata }: Pod): number {
  const value = metadata.annotations?.[deletionCost];
  return value === undefined || !/^(?:0|-?[1-9]\d*)$/.test(value) ? 0 : Number(value);
}

/** Time on a scale of powers of two: of Pods about as old as each other, chance decides (KEP-2185). */
function ageBucket(sinceMs: number | undefined, nowMs: number): number {
  if (sinceMs === undefined || Number.isNaN(sinceMs)) return -1;
  const ageNs = (nowMs - sinceMs) * 1e6;
  return ageNs <= 0 ? -1 : Math.floor(Math.log2(ageNs));
}

function created({ metadata }: Pod): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}

export interface DeletionOrder {
  readonly nowMs: number;
  /** How many Pods of related owners are on the same node: of a crowd one goes first. */
  rank(pod: Pod): number;
  /** Of owners for which `pod-deletion-cost` means nothing. */
  readonly ignoresCost?: boolean;
}

/**
 * Which of two Pods should be deleted first when there are too many (upstream's `ActivePodsWithRanks`): negative for
 * `a`. Unassigned before assigned, pending before running, not ready before ready, cheap before dear, crowded before
 * spread, younger in readiness first, more restarts first, younger first.
 */
export function compareForDeletion(a: Pod, b: Pod, { nowMs, rank, ignoresCost = false }: DeletionOrder): number {
  const assigned = Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName));
  if (assigned !== 0) return assigned;
  const phase = (phaseOrder[a.status?.phase ?? ''] ?? 0) - (phaseOrder[b.status?.phase ?? ''] ?? 0);
  if (phase !== 0) return phase;
  const ready = Number(isPodReady(a)) - Number(isPodReady(b));
  if (ready !== 0) return ready;
  const cost = ignoresCost ? 0 : costOf(a) - costOf(b);
  if (cost !== 0) return cost;
  const crowd = rank(b) - rank(a);
  if (crowd !== 0) return crowd;
  if (isPodReady(a) && isPodReady(b) && readySinceMs(a) !== readySinceMs(b)) {
    const age = compareAges(readySinceMs(a), readySinceMs(b), nowMs, a, b);
    if (age !== 0) return age;
  }
  const restartsOfA = maxContainerRestarts(a);
  const restartsOfB = maxContainerRestarts(b);
  if (restartsOfA.regular !== restartsOfB.regular) return restartsOfB.regular - restartsOfA.regular;
  if (restartsOfA.sidecar !== restartsOfB.sidecar) return restartsOfB.sidecar - restartsOfA.sidecar;
  return created(a) === created(b) ? 0 : compareAges(created(a), created(b), nowMs, a, b);
}

/** The younger first; of the same bucket the one whose uid is smaller, which is as good as chance. */
function compareAges(a: number | undefined, b: number | undefined, nowMs: number, podA: Pod, podB: Pod): number {
  const bucketA = ageBucket(a, nowMs);
  const bucketB = ageBucket(b, nowMs);
  if (bucketA !== bucketB) return bucketA - bucketB;
  const [uidA = '', uidB = ''] = [podA.metadata.uid, podB.metadata.uid];
  return uidA < uidB ? -1 : uidA > uidB ? 1 : 0;
}
