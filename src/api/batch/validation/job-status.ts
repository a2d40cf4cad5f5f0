import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { omitValue, root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { listOf, orZero, validateNonnegative } from '../../field-rules.ts';
import type { Job, JobStatus } from '../../types/batch.v1.ts';
import { firstCommonIndex, IndexesError, parseIndexes, type IndexInterval } from './indexes.ts';
import { isConditionTrue, isJobFinished } from './job-conditions.ts';

const path = root('status');
const conditionsPath = path.child('conditions');
const completionTimePath = path.child('completionTime');
const startTimePath = path.child('startTime');
const completedIndexesPath = path.child('completedIndexes');
const failedIndexesPath = path.child('failedIndexes');
const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** The status that is written, the one that was, and which parts differ: upstream holds only those to newer rules. */
class StatusChange {
  readonly job: Job;
  readonly status: Partial<JobStatus>;
  readonly old: Partial<JobStatus>;
  readonly errors: FieldError[] = [];

  constructor(job: Job, old: Job) {
    this.job = job;
    this.status = orZero(job.status);
    this.old = orZero(old.status);
  }

  is(condition: string): boolean {
    return isConditionTrue(this.status, condition);
  }
  was(condition: string): boolean {
    return isConditionTrue(this.old, condition);
  }
  /** Whether one of the conditions differs. */
  turned(...conditions: readonly string[]): boolean {
    return conditions.some((condition) => this.is(condition) !== this.was(condition));
  }
  changed(...fields: readonly (keyof JobStatus)[]): boolean {
    return fields.some((field) => !semanticDeepEqual(this.status[field] || undefined, this.old[field] || undefined));
  }
  get finishedChanged(): boolean {
    return isJobFinished(this.status) !== isJobFinished(this.old);
  }
  refuse(at: Path, value: unknown, detail: string): void {
    this.errors.push(at.invalid(value, detail));
  }
  refuseConditions(detail: string): void {
    this.refuse(conditionsPath, omitValue, detail);
  }
}

function validateUncounted({ status, errors }: StatusChange): void {
  const seen = new Set<string>();
  for (const kind of ['succeeded', 'failed'] as const) {
    listOf(status.uncountedTerminatedPods?.[kind]).forEach((uid, index) => {
      const at = path.child('uncountedTerminatedPods', kind).index(index);
      if (uid === '') errors.push(at.invalid(uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(at.duplicate(uid));
      else seen.add(uid);
    });
  }
}

function validateTimes(change: StatusChange): void {
  const { status, errors } = change;
  const isComplete = change.is('Complete');
  const { startTime, completionTime } = status;
  const completionChanged = change.turned('Complete') || change.changed('completionTime');
  if (completionChanged && isSet(completionTime) && !isComplete) {
    change.refuse(
      completionTimePath,
      completionTime,
      'cannot set completionTime when there is no Complete=True condition',
    );
  }
  if (completionChanged && !isSet(completionTime) && isComplete) {
    errors.push(completionTimePath.required('completionTime is required for Complete jobs'));
  }
  if (!change.changed('startTime', 'completionTime') || !isSet(startTime) || !isSet(completionTime)) return;
  if (Date.parse(completionTime) < Date.parse(startTime)) {
    change.refuse(completionTimePath, completionTime, 'completionTime cannot be set before startTime');
  }
}

function validateExclusiveConditions(change: StatusChange): void {
  const isComplete = change.is('Complete');
  if (isComplete && change.is('Failed') && change.turned('Complete', 'Failed')) {
    change.refuseConditions('cannot set Complete=True and Failed=true conditions');
  }
  if (isComplete && change.is('FailureTarget') && change.turned('Complete', 'FailureTarget')) {
    change.refuseConditions('cannot set Complete=True and FailureTarget=true conditions');
  }
}

function validateInterimConditions(change: StatusChange): void {
  if (change.is('Failed') && !change.is('FailureTarget') && change.turned('Failed', 'FailureTarget')) {
    change.refuseConditions('cannot set Failed=True condition without the FailureTarget=true condition');
  }
  if (change.is('Complete') && !change.is('SuccessCriteriaMet') && change.turned('Complete', 'SuccessCriteriaMet')) {
    change.refuseConditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  }
}

function validateFinished(change: StatusChange): void {
  const { job, status, errors } = change;
  if (!isJobFinished(status)) return;
  const isNew = change.finishedChanged;
  const active = status.active ?? 0;
  if (active > 0 && (isNew || change.changed('active'))) {
    change.refuse(path.child('active'), active, 'active>0 is invalid for finished job');
  }
  const needsNoPods = job.spec?.suspend === true && job.spec.completions === 0;
  if (!isSet(status.startTime) && (isNew || change.changed('startTime')) && !needsNoPods) {
    errors.push(startTimePath.required('startTime is required for finished job'));
  }
  const uncounted = orZero(status.uncountedTerminatedPods);
  const uncountedCount = listOf(uncounted.failed).length + listOf(uncounted.succeeded).length;
  if (uncountedCount > 0 && (isNew || change.changed('uncountedTerminatedPods'))) {
    const at = path.child('uncountedTerminatedPods');
    change.refuse(at, uncounted, 'uncountedTerminatedPods needs to be empty for finished job');
  }
}

/** The intervals, or undefined when they cannot be read. */
function readIndexes(change: StatusChange, text: string, name: string, at: Path): readonly IndexInterval[] | undefined {
  try {
    return parseIndexes(text, change.job.spec?.completions ?? 0);
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    change.refuse(at, text, `error parsing ${name}: ${error.message}`);
    return undefined;
  }
}

function validateIndexes(change: StatusChange): void {
  const { job, status } = change;
  const { completedIndexes = '', failedIndexes } = status;
  const hasCompletions = isSet(job.spec?.completions);
  const isLimitedPerIndex = isSet(job.spec?.backoffLimitPerIndex);
  const completedChanged = change.changed('completedIndexes');
  const failedChanged = change.changed('failedIndexes') || isSet(failedIndexes) !== isSet(change.old.failedIndexes);
  let completed: readonly IndexInterval[] | undefined;
  let failed: readonly IndexInterval[] | undefined;
  if (hasCompletions && completedChanged) {
    completed = readIndexes(change, completedIndexes, 'completedIndexes', completedIndexesPath);
  }
  if (hasCompletions && failedChanged && isLimitedPerIndex && isSet(failedIndexes)) {
    failed = readIndexes(change, failedIndexes, 'failedIndexes', failedIndexesPath);
  }
  if (completedChanged && completedIndexes !== '' && job.spec?.completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    change.refuse(completedIndexesPath, completedIndexes, detail);
  }
  if (failedChanged && !isLimitedPerIndex && isSet(failedIndexes)) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    change.refuse(failedIndexesPath, failedIndexes, detail);
  }
  if (!hasCompletions || !isSet(failedIndexes) || !(completedChanged || failedChanged)) return;
  const common = commonIndex(change, completed, failed);
  if (common === undefined) return;
  change.refuse(failedIndexesPath, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${common}`);
}

function commonIndex(
  { job, status }: StatusChange,
  completed: readonly IndexInterval[] | undefined,
  failed: readonly IndexInterval[] | undefined,
): number | undefined {
  const completions = job.spec?.completions ?? 0;
  try {
    return firstCommonIndex(
      completed ?? parseIndexes(status.completedIndexes ?? '', completions),
      failed ?? parseIndexes(status.failedIndexes ?? '', completions),
    );
  } catch (error) {
    // What cannot be read was reported when it was written.
    if (error instanceof IndexesError) return undefined;
    throw error;
  }
}

function validatePodCounts(change: StatusChange): void {
  const { status } = change;
  const { terminating = 0, ready = 0, active = 0 } = status;
  if (terminating > 0 && isJobFinished(status) && (change.finishedChanged || change.changed('terminating'))) {
    change.refuse(path.child('terminating'), terminating, 'terminating>0 is invalid for finished job');
  }
  if (ready > active && change.changed('ready', 'active')) {
    change.refuse(path.child('ready'), ready, 'cannot set more ready pods than active');
  }
}

function validateSuccessCriteria(change: StatusChange): void {
  const isMet = change.is('SuccessCriteriaMet');
  if (isMet && change.is('Failed')) {
    change.refuseConditions('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  }
  if (isMet && change.is('FailureTarget')) {
    change.refuseConditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  }
  if (isSet(change.job.spec?.successPolicy) && !isMet && change.is('Complete')) {
    change.refuseConditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
  }
}

function validateProgress(change: StatusChange): void {
  const { job, status, old, errors } = change;
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (change.was(type) && !change.is(type))
      change.refuseConditions(`cannot disable the terminal ${type}=True condition`);
  }
  const { failed = 0, succeeded = 0 } = status;
  if (failed < (old.failed ?? 0)) change.refuse(path.child('failed'), failed, 'cannot decrease the failed counter');
  const { completionMode, completions, parallelism } = orZero(job.spec);
  const mayScaleDown = completionMode === 'Indexed' && completions === parallelism;
  if (!mayScaleDown && succeeded < (old.succeeded ?? 0)) {
    change.refuse(path.child('succeeded'), succeeded, 'cannot decrease the succeeded counter');
  }
  if (isSet(status.completionTime) && isSet(old.completionTime) && status.completionTime !== old.completionTime) {
    change.refuse(completionTimePath, status.completionTime, 'completionTime cannot be mutated');
  }
  // One that is resumed starts anew.
  const isResumed = change.was('Suspended') && !change.is('Suspended');
  if (isSet(old.startTime) && change.changed('startTime') && job.spec?.suspend !== true && !isResumed) {
    errors.push(startTimePath.required('startTime cannot be removed for unsuspended job'));
  }
  const [isMet, wasMet] = [change.is('SuccessCriteriaMet'), change.was('SuccessCriteriaMet')];
  if (wasMet && !isMet) change.refuseConditions('cannot disable the SuccessCriteriaMet=True condition');
  if (change.was('Complete') && !wasMet && isMet) {
    change.refuseConditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
  }
}

/** What a write of a Job's status may say (KEP-4368: other controllers than upstream's may write it). */
export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const change = new StatusChange(job, old);
  for (const field of counts) validateNonnegative(change.status[field], path.child(field), change.errors);
  validateUncounted(change);
  validateExclusiveConditions(change);
  validateTimes(change);
  validateInterimConditions(change);
  validateFinished(change);
  validateIndexes(change);
  validatePodCounts(change);
  validateSuccessCriteria(change);
  validateProgress(change);
  return change.errors;
}
