import { root, type FieldError } from '../../../machinery/field-error.ts';
import { orZero, validateNonnegative, validateRequiredEnum } from '../../field-rules.ts';
import type { CronJob, CronJobSpec, JobTemplateSpec } from '../../types/batch.v1.ts';
import { validateJobSpecCommon } from './job-spec.ts';
import { isTimeZone, scheduleFault } from './schedule.ts';

const namePath = root('metadata').child('name');
const specPath = root('spec');
const schedulePath = specPath.child('schedule');
const timeZonePath = specPath.child('timeZone');
const startingDeadlinePath = specPath.child('startingDeadlineSeconds');
const concurrencyPolicyPath = specPath.child('concurrencyPolicy');
const jobSpecPath = specPath.child('jobTemplate').child('spec');
const jobSelectorPath = jobSpecPath.child('selector');
const manualSelectorPath = jobSpecPath.child('manualSelector');
const successfulLimitPath = specPath.child('successfulJobsHistoryLimit');
const failedLimitPath = specPath.child('failedJobsHistoryLimit');
const concurrencyPolicies = ['Allow', 'Forbid', 'Replace'];
/** The controller appends a dash and ten digits to make the names of Jobs. */
const maxNameLength = 63 - 11;

/** `allowZone`: CronJobs of old may name a time zone in the schedule. */
function validateSchedule(
  { schedule = '', timeZone }: Partial<CronJobSpec>,
  allowZone: boolean,
  errors: FieldError[],
): void {
  if (schedule === '') {
    errors.push(schedulePath.required());
    return;
  }
  const fault = scheduleFault(schedule);
  if (fault !== undefined) errors.push(schedulePath.invalid(schedule, fault));
  if (!schedule.includes('TZ')) return;
  if (!allowZone) {
    errors.push(schedulePath.invalid(schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  } else if (timeZone !== undefined && timeZone !== null) {
    errors.push(schedulePath.invalid(schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  }
}

/** The parts of a name in the time zone database, as its theory file has them. */
const zoneNamePart = /^[A-Za-z._0-9+][-A-Za-z._0-9+]{0,13}$/;

function validateTimeZone(timeZone: string | null | undefined, errors: FieldError[]): void {
  if (timeZone === undefined || timeZone === null) return;
  const unknown = `unknown time zone ${timeZone}`;
  if (timeZone === '') {
    errors.push(timeZonePath.invalid(timeZone, 'timeZone must be nil or non-empty string'));
  } else if (timeZone.split('/').some((part) => part === '.' || part === '..' || !zoneNamePart.test(part))) {
    errors.push(timeZonePath.invalid(timeZone, unknown));
  } else {
    if (timeZone.toLowerCase() === 'local') {
      const detail = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
      errors.push(timeZonePath.invalid(timeZone, detail));
    }
    if (!isTimeZone(timeZone)) errors.push(timeZonePath.invalid(timeZone, unknown));
  }
}

function validateJobTemplate(
  template: Partial<JobTemplateSpec>,
  old: JobTemplateSpec | undefined,
  errors: FieldError[],
): void {
  const spec = orZero(template.spec);
  validateJobSpecCommon(spec, old?.spec, jobSpecPath, errors);
  if (spec.selector !== undefined && spec.selector !== null) {
    errors.push(jobSelectorPath.invalid(spec.selector, '`selector` will be auto-generated'));
  }
  if (spec.manualSelector === true) errors.push(manualSelectorPath.notSupported(true, ['nil', 'false']));
}

function validateSpec(spec: Partial<CronJobSpec>, old: CronJobSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  validateSchedule(spec, (old?.schedule ?? '').includes('TZ'), errors);
  validateNonnegative(spec.startingDeadlineSeconds, startingDeadlinePath, errors);
  if (old === undefined || (old.timeZone ?? undefined) !== (spec.timeZone ?? undefined)) {
    validateTimeZone(spec.timeZone, errors);
  }
  validateRequiredEnum(spec.concurrencyPolicy, concurrencyPolicies, concurrencyPolicyPath, errors);
  validateJobTemplate(orZero(spec.jobTemplate), old?.jobTemplate, errors);
  validateNonnegative(spec.successfulJobsHistoryLimit, successfulLimitPath, errors);
  validateNonnegative(spec.failedJobsHistoryLimit, failedLimitPath, errors);
  return errors;
}

export function validateCronJob(cronJob: CronJob): FieldError[] {
  const errors = validateSpec(orZero(cronJob.spec), undefined);
  const name = cronJob.metadata?.name ?? '';
  if (name.length > maxNameLength) {
    errors.push(namePath.invalid(name, `must be no more than ${maxNameLength} characters`));
  }
  return errors;
}

/** A name that is too long was accepted once, and cannot change. */
export function validateCronJobUpdate(cronJob: CronJob, old: CronJob): FieldError[] {
  return validateSpec(orZero(cronJob.spec), old.spec ?? undefined);
}
