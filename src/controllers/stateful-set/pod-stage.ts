/** How far a Pod of a StatefulSet has come. */
import type { Pod } from '../../api/types/core.v1.ts';
import { isPodAvailable, isPodReady } from '../pods/pod-state.ts';

/** Whether the API server has it: a Pod that is only planned has no phase. */
export function isCreated({ status }: Pod): boolean {
  return (status?.phase ?? '') !== '';
}

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod);
}

/** Not available, or not for long. */
export function isUnavailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return isTerminating(pod) || !isPodAvailable(pod, minReadySeconds, nowMs);
}
