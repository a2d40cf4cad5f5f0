import { humanDuration } from '../../machinery/human-duration.ts';
import { quote } from '../../machinery/quote.ts';
import { ageColumn, column, labelSelectorCell, nameColumn, podTemplateColumns, wideColumn } from '../columns.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { Job, JobSpec } from '../types/batch.v1.ts';
import { generateJobSelector, inheritTemplateLabels } from './job-selector.ts';
import { validateJobStatus } from './validation/job-status.ts';
import { validateJob, validateJobUpdate } from './validation/job.ts';
import { jobWarnings, newJobWarnings } from '../warnings/jobs.ts';

const unlimited = 2 ** 31 - 1;

function setPodFailurePolicyDefaults(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule?.onPodConditions ?? []) {
      if ((pattern.status ?? '') === '') pattern.status = 'True';
    }
  }
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
}

function defaults(job: Job): void {
  const spec = job.spec;
  if (spec === undefined || spec === null) return;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  // With a limit for each index, the whole Job has none of its own.
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : unlimited;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  setPodFailurePolicyDefaults(spec);
  setPodTemplateDefaults(spec.template);
  inheritTemplateLabels(job);
}

function completionsCell({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined && spec.completions !== null) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationCell({ status }: Job, nowMs: number): string {
  if (!status?.startTime) return '';
  const endMs = status.completionTime ? Date.parse(status.completionTime) : nowMs;
  return humanDuration(endMs - Date.parse(status.startTime));
}

function hasCondition({ status }: Job, type: string): boolean {
  return (status?.conditions ?? []).find((condition) => condition?.type === type)?.status === 'True';
}

function statusCell(job: Job): string {
  if (hasCondition(job, 'Complete')) return 'Complete';
  if (hasCondition(job, 'Failed')) return 'Failed';
  if (job.metadata?.deletionTimestamp) return 'Terminating';
  if (hasCondition(job, 'Suspended')) return 'Suspended';
  return hasCondition(job, 'FailureTarget') ? 'FailureTarget' : 'Running';
}

export const jobs = defineResource<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  namespaced: true,
  defaults,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  prepareForCreate(job) {
    generateJobSelector(job);
    inheritTemplateLabels(job);
  },
  // For the sake of clients that are older than the garbage collector.
  defaultPropagation: 'orphan',
  propagationWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or ' +
    'set propagationPolicy=Orphan to suppress this warning',
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  unselectableField: (field) => `field label ${quote(field)} not supported for batchv1.Job`,
  warningsOnCreate: newJobWarnings,
  warningsOnUpdate: jobWarnings,
  columns: [
    nameColumn,
    column('Status', statusCell),
    column('Completions', completionsCell),
    column('Duration', (job, { nowMs }) => durationCell(job, nowMs)),
    ageColumn,
    ...podTemplateColumns<Job>(({ spec }) => spec?.template?.spec),
    wideColumn('Selector', ({ spec }) => labelSelectorCell(spec?.selector)),
  ],
  subresources: { status: statusSubresource(validateJobStatus) },
});
