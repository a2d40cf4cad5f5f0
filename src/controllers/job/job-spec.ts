/** What controllers ask of a Job's spec. */
import type { Job } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';

/** Keeps a Pod until its end is counted in the Job's status (KEP-2307). */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

const builtInController = 'kubernetes.io/job-controller';

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

export function isSuspended({ spec }: Job): boolean {
  return spec.suspend === true;
}

export function hasLimitPerIndex({ spec }: Job): boolean {
  return spec.backoffLimitPerIndex !== undefined;
}

/** Whether somebody else's controller looks after it (KEP-4368). */
export function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== builtInController;
}

/** Whether a Pod is replaced only when it has ended, not as soon as it is being deleted (KEP-3939). */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

export function hasTrackingFinalizer({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** A Pod that is deleted may never reach a final phase: it counts as failed, unless the Job waits for its end. */
export function isPodFailed({ metadata, status }: Pod, job: Job): boolean {
  if (status?.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  return metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded';
}
