import type { Pod, PodStatus } from '../../api/types/core.v1.ts';
import type { Verdict } from '../status/pod-status.ts';

/** How long, in ms, until the Pod has been active for too long; Infinity when it may be for ever. */
export function activeDeadlineMs({ spec }: Pod, { startTime }: PodStatus, nowMs: number): number {
  if (spec.activeDeadlineSeconds === undefined || startTime === undefined || startTime === null) return Infinity;
  return Math.max(0, Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - nowMs);
}

export function deadlineExceeded(pod: Pod, status: PodStatus, nowMs: number): Verdict | undefined {
  if (activeDeadlineMs(pod, status, nowMs) > 0) return undefined;
  const message = 'Pod was active on the node longer than the specified deadline';
  return { phase: 'Failed', reason: 'DeadlineExceeded', message };
}
