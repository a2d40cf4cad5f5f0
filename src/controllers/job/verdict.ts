import type { Job, JobCondition } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { newCondition, trueCondition } from './conditions.ts';
import { isIndexed, isPodFailed, isSuspended } from './job-spec.ts';
import type { Observation } from './observation.ts';
import { judgePodFailure } from './pod-failure-policy.ts';
import { matchSuccessPolicy } from './success-policy.ts';

/**
 * Whether a Job ends before all its Pods have: the condition that says so, `FailureTarget` or `SuccessCriteriaMet` when
 * it is new, `Failed` when the first of them was said already. Undefined: it goes on.
 */
export function verdictOn(job: Job, observation: Observation, nowMs: number): JobCondition | undefined {
  const { spec, status } = job;
  const isMet = trueCondition(status, 'SuccessCriteriaMet');
  if (isMet !== undefined) return isMet;
  const target = trueCondition(status, 'FailureTarget');
  if (target !== undefined) return newCondition('Failed', 'True', target.reason ?? '', target.message ?? '', nowMs);
  const failure = failureOf(job, observation, nowMs) ?? indexFailureOf(job, observation);
  if (failure !== undefined) return newCondition('FailureTarget', 'True', ...failure, nowMs);
  if (!isIndexed(job)) return undefined;
  const success = matchSuccessPolicy(spec.successPolicy, spec.completions ?? 0, observation.succeededIndexes);
  return success === undefined
    ? undefined
    : newCondition('SuccessCriteriaMet', 'True', 'SuccessPolicy', success, nowMs);
}

/** In how many ms a Job that runs comes to its deadline; undefined: it has none. */
export function deadlineInMs({ spec, status }: Job, nowMs: number): number | undefined {
  const startTime = status?.startTime;
  if (spec.activeDeadlineSeconds === undefined || startTime === undefined || spec.suspend === true) return undefined;
  return Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - nowMs;
}

type ReasonAndMessage = readonly [reason: string, message: string];

function failureOf(job: Job, { pods, failed }: Observation, nowMs: number): ReasonAndMessage | undefined {
  for (const pod of pods) {
    if (!isPodFailed(pod, job)) continue;
    const { failJobMessage } = judgePodFailure(job.spec.podFailurePolicy, pod);
    if (failJobMessage !== undefined) return ['PodFailurePolicy', failJobMessage];
  }
  if (failed > (job.spec.backoffLimit ?? 6) || hasTooManyRestarts(job, pods)) {
    return ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'];
  }
  const deadlineMs = deadlineInMs(job, nowMs);
  if (!isSuspended(job) && deadlineMs !== undefined && deadlineMs <= 0) {
    return ['DeadlineExceeded', 'Job was active longer than specified deadline'];
  }
  return undefined;
}

function indexFailureOf({ spec }: Job, { failedIndexes, succeededIndexes }: Observation): ReasonAndMessage | undefined {
  if (failedIndexes === undefined || failedIndexes.size === 0) return undefined;
  if (spec.maxFailedIndexes !== undefined && failedIndexes.size > spec.maxFailedIndexes) {
    return ['MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes'];
  }
  const isAllDone = failedIndexes.size + succeededIndexes.size >= (spec.completions ?? 0);
  return isAllDone ? ['FailedIndexes', 'Job has failed indexes'] : undefined;
}

/** Of Pods that kubelets restart in place, the restarts count against the limit. */
function hasTooManyRestarts({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const { restartCount } of containers) restarts += restartCount;
  }
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}
