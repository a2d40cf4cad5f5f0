import {
  age,
  ageColumn,
  column,
  integerColumn,
  labelSelectorCell,
  nameColumn,
  podTemplateColumns,
  wideColumn,
} from '../columns.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { CronJob } from '../types/batch.v1.ts';
import { validateCronJob, validateCronJobUpdate } from './validation/cronjob.ts';
import { cronJobWarnings, newCronJobWarnings } from '../warnings/jobs.ts';

function defaults(cronJob: CronJob): void {
  const spec = cronJob.spec;
  if (spec === undefined || spec === null) return;
  if ((spec.concurrencyPolicy ?? '') === '') spec.concurrencyPolicy = 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  // The Jobs get their own defaults when they are made.
  setPodTemplateDefaults(spec.jobTemplate?.spec?.template);
}

function suspendCell({ spec }: CronJob): string {
  if (spec?.suspend === undefined || spec.suspend === null) return '<unset>';
  return spec.suspend ? 'True' : 'False';
}

export const cronjobs = defineResource<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  defaults,
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warningsOnCreate: newCronJobWarnings,
  warningsOnUpdate: cronJobWarnings,
  columns: [
    nameColumn,
    column('Schedule', ({ spec }) => spec?.schedule ?? ''),
    column('Timezone', ({ spec }) => spec?.timeZone ?? '<none>'),
    { name: 'Suspend', type: 'boolean', cell: suspendCell },
    integerColumn('Active', ({ status }) => (status?.active ?? []).length),
    column('Last Schedule', ({ status }, { nowMs }) =>
      status?.lastScheduleTime ? age(status.lastScheduleTime, nowMs) : '<none>',
    ),
    ageColumn,
    ...podTemplateColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template?.spec),
    wideColumn('Selector', ({ spec }) => labelSelectorCell(spec?.jobTemplate?.spec?.selector)),
  ],
  subresources: { status: statusSubresource() },
});
