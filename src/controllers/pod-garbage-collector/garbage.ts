/** Which Pods nobody will remove if the collector does not. */
import type { Node, Pod } from '../../api/types/core.v1.ts';

const outOfService = 'node.kubernetes.io/out-of-service';
const livingPhases: ReadonlySet<string | undefined> = new Set(['Pending', 'Running', 'Unknown']);

/** Pods that have ended, beyond `threshold`: those that were evicted first, then the oldest. */
export function surplusTerminated(pods: readonly Pod[], threshold: number): Pod[] {
  const ended = pods.filter(({ status }) => !livingPhases.has(status?.phase));
  if (threshold <= 0 || ended.length <= threshold) return [];
  return ended.toSorted(compareAge).slice(0, ended.length - threshold);
}

/** Pods that are to be deleted, but their node was taken out of service before it could do so (KEP-2268). */
export function isStuckOutOfService({ metadata }: Pod, node: Node | undefined): boolean {
  if (metadata.deletionTimestamp === undefined || node === undefined) return false;
  const isReady = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return !isReady && (node.spec?.taints?.some(({ key }) => key === outOfService) ?? false);
}

/** Pods that are to be deleted and have no node that could do so. */
export function isUnscheduledTerminating({ metadata, spec }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && (spec.nodeName ?? '') === '';
}

function compareAge(a: Pod, b: Pod): number {
  const evicted = Number(isEvicted(b)) - Number(isEvicted(a));
  if (evicted !== 0) return evicted;
  const [createdA, createdB] = [a, b].map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '') || 0);
  if (createdA !== createdB) return (createdA ?? 0) - (createdB ?? 0);
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

function isEvicted({ status }: Pod): boolean {
  return status?.phase === 'Failed' && status.reason === 'Evicted';
}
