import { root, type Path } from '../../machinery/field-error.ts';
import type { CronJob, Job, JobSpec } from '../types/batch.v1.ts';
import { podNameWarnings } from './names.ts';
import { podTemplateWarnings } from './pod-template.ts';
import { isNewGeneration } from './workloads.ts';

/** More indexes than these, worked on by more Pods than those, may not fit into a Job's status. */
const manyCompletions = 100_000;
const manyPods = 10_000;

const spec = root('spec');
const jobSpec = spec.child('jobTemplate', 'spec');

function jobSpecWarnings(job: JobSpec | null | undefined, path: Path): string[] {
  if (!job) return [];
  const warnings = podTemplateWarnings(job.template, path.child('template'));
  const { completionMode, completions, parallelism } = job;
  const isLarge = (completions ?? 0) > manyCompletions && (parallelism ?? 0) > manyPods;
  if (completionMode !== 'Indexed' || !isLarge) return warnings;
  const size = 'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4';
  const risk = 'Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [`${path}: ${size}, ${risk}`, ...warnings];
}

export function newJobWarnings(job: Job): string[] {
  return [...podNameWarnings(job), ...jobSpecWarnings(job.spec, spec)];
}

export function jobWarnings(job: Job, old: Job): string[] {
  return isNewGeneration(job, old) ? jobSpecWarnings(job.spec, spec) : [];
}

export function newCronJobWarnings(cronJob: CronJob): string[] {
  return [
    ...podNameWarnings(cronJob),
    ...jobSpecWarnings(cronJob.spec?.jobTemplate?.spec, jobSpec),
    ...scheduleWarnings(cronJob),
  ];
}

export function cronJobWarnings(cronJob: CronJob, old: CronJob): string[] {
  const changed = isNewGeneration(cronJob, old) ? jobSpecWarnings(cronJob.spec?.jobTemplate?.spec, jobSpec) : [];
  return [...changed, ...scheduleWarnings(cronJob)];
}

function scheduleWarnings(cronJob: CronJob): string[] {
  if (cronJob.spec?.schedule?.includes('TZ') !== true) return [];
  const page = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
  // Upstream's path, with one name twice.
  return [`cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${page} for more details`];
}
