import type { Job } from '../../api/types/batch.v1.ts';
import type { Container, Pod } from '../../api/types/core.v1.ts';
import { jobs } from '../../client/resources.ts';
import { controllerReferenceTo } from '../owner.ts';
import { podFromTemplate } from '../pods/pod-control.ts';
import { hasLimitPerIndex, trackingFinalizer } from './job-spec.ts';
import { judgePodFailure } from './pod-failure-policy.ts';
import {
  completionIndexKey,
  failureCountKey,
  failuresBefore,
  ignoredFailureCountKey,
  ignoredFailuresBefore,
} from './pod-index.ts';

const indexVariable = 'JOB_COMPLETION_INDEX';
/** The longest prefix of a name to which the API server adds its five characters. */
const maxPrefixLength = 58;

/**
 * The Pod that a Job starts.
 * @param index Of an Indexed Job.
 * @param predecessor The Pod of the index that failed last, of a Job with a limit per index.
 */
export function podOf(job: Job, index: number | undefined, predecessor: Pod | undefined): Pod {
  const pod = podFromTemplate(job.spec.template, job, controllerReferenceTo(jobs, job));
  const { metadata, spec } = pod;
  const finalizers = metadata.finalizers ?? [];
  metadata.finalizers = finalizers.includes(trackingFinalizer) ? finalizers : [...finalizers, trackingFinalizer];
  if (index === undefined) return pod;
  const text = String(index);
  const name = job.metadata.name ?? '';
  metadata.generateName = namePrefix(name, index);
  metadata.labels = { ...metadata.labels, [completionIndexKey]: text };
  metadata.annotations = {
    ...metadata.annotations,
    [completionIndexKey]: text,
    ...(hasLimitPerIndex(job) ? failureCounts(job, predecessor) : {}),
  };
  spec.hostname = `${name}-${text}`;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) addIndexVariable(container);
  return pod;
}

function namePrefix(jobName: string, index: number): string {
  const suffix = `-${index}-`;
  return jobName.slice(0, maxPrefixLength - suffix.length) + suffix;
}

function addIndexVariable(container: Container): void {
  if (container.env?.some(({ name }) => name === indexVariable)) return;
  const fieldPath = `metadata.labels['${completionIndexKey}']`;
  container.env = [...(container.env ?? []), { name: indexVariable, valueFrom: { fieldRef: { fieldPath } } }];
}

function failureCounts(job: Job, predecessor: Pod | undefined): Record<string, string> {
  if (predecessor === undefined) return { [failureCountKey]: '0' };
  const { isCounted } = judgePodFailure(job.spec.podFailurePolicy, predecessor);
  const counted = failuresBefore(predecessor) + (isCounted ? 1 : 0);
  const ignored = ignoredFailuresBefore(predecessor) + (isCounted ? 0 : 1);
  return {
    [failureCountKey]: String(counted),
    ...(ignored === 0 ? {} : { [ignoredFailureCountKey]: String(ignored) }),
  };
}
