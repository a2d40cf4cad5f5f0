import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateDomainPrefixedPath } from '../../../machinery/domain-names.ts';
import { orZero, validateEnum, validateNonnegative } from '../../field-rules.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import type { JobSpec } from '../../types/batch.v1.ts';
import { validatePodFailurePolicy } from './pod-failure-policy.ts';
import { validateSuccessPolicy } from './success-policy.ts';

const maxManagedByBytes = 63;
const maxParallelism = 100_000;
const maxFailedIndexes = 100_000;
/** Beyond so many completions, a Job with a limit for each index has lower limits. */
const manyCompletions = 100_000;
const maxParallelismForMany = 10_000;
const maxFailedIndexesForMany = 10_000;
const completionModes = ['NonIndexed', 'Indexed'];
const replacementPolicies = ['Failed', 'TerminatingOrFailed'];
const restartPolicies = ['OnFailure', 'Never'];

function atMost(path: Path, value: number, max: number, when: string, errors: FieldError[]): void {
  if (value > max) errors.push(path.invalid(value, `must be less than or equal to ${max}${when}`));
}

function validateIndexed(spec: Partial<JobSpec>, path: Path, errors: FieldError[]): void {
  const completions = spec.completions ?? undefined;
  const parallelism = spec.parallelism ?? 0;
  const failed = spec.maxFailedIndexes ?? undefined;
  const parallelismPath = path.child('parallelism');
  const failedPath = path.child('maxFailedIndexes');
  if (completions === undefined) {
    errors.push(path.child('completions').required('when completion mode is Indexed'));
  }
  atMost(parallelismPath, parallelism, maxParallelism, ' when completion mode is Indexed', errors);
  if (completions !== undefined && failed !== undefined && failed > completions) {
    errors.push(failedPath.invalid(failed, 'must be less than or equal to completions'));
  }
  atMost(failedPath, failed ?? 0, maxFailedIndexes, '', errors);
  const isLimitedPerIndex = spec.backoffLimitPerIndex !== undefined && spec.backoffLimitPerIndex !== null;
  if (completions === undefined || completions <= manyCompletions || !isLimitedPerIndex) return;
  if (failed === undefined) {
    errors.push(failedPath.required(`must be specified when completions is above ${manyCompletions}`));
  }
  const when = ` when completions are above ${manyCompletions} and used with backoff limit per index`;
  atMost(parallelismPath, parallelism, maxParallelismForMany, when, errors);
  atMost(failedPath, failed ?? 0, maxFailedIndexesForMany, when, errors);
}

function validateCompletionMode(spec: Partial<JobSpec>, path: Path, errors: FieldError[]): void {
  const mode: string = spec.completionMode ?? 'NonIndexed';
  validateEnum(mode, completionModes, path.child('completionMode'), errors);
  if (mode === 'Indexed') validateIndexed(spec, path, errors);
  if (mode !== 'NonIndexed') return;
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    const value = spec[field] ?? undefined;
    if (value !== undefined) errors.push(path.child(field).invalid(value, 'requires indexed completion mode'));
  }
}

function validateReplacementPolicy(spec: Partial<JobSpec>, path: Path, errors: FieldError[]): void {
  const isOnlyFailed = spec.podFailurePolicy !== undefined && spec.podFailurePolicy !== null;
  validateEnum(spec.podReplacementPolicy, isOnlyFailed ? ['Failed'] : replacementPolicies, path, errors);
}

function validateRestartPolicy(spec: Partial<JobSpec>, path: Path, errors: FieldError[]): void {
  const policy: string = spec.template?.spec?.restartPolicy ?? '';
  if (policy === 'Always' || policy === '') {
    errors.push(path.required('valid values: "OnFailure", "Never"'));
  } else if (!restartPolicies.includes(policy)) {
    errors.push(path.notSupported(policy, restartPolicies));
  } else if (spec.podFailurePolicy && policy !== 'Never') {
    errors.push(path.invalid(policy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
}

function validateManagedBy(managedBy: string | null | undefined, path: Path, errors: FieldError[]): void {
  if (managedBy === undefined || managedBy === null) return;
  errors.push(...validateDomainPrefixedPath(path, managedBy));
  if (Buffer.byteLength(managedBy) > maxManagedByBytes) errors.push(path.tooLong(managedBy, maxManagedByBytes));
}

/** What holds of a Job and of the Jobs that a CronJob makes alike. */
export function validateJobSpecCommon(
  spec: Partial<JobSpec>,
  old: Partial<JobSpec> | undefined,
  path: Path,
  errors: FieldError[],
): void {
  validateNonnegative(spec.parallelism, path.child('parallelism'), errors);
  validateNonnegative(spec.completions, path.child('completions'), errors);
  validateNonnegative(spec.activeDeadlineSeconds, path.child('activeDeadlineSeconds'), errors);
  validateNonnegative(spec.backoffLimit, path.child('backoffLimit'), errors);
  validateNonnegative(spec.ttlSecondsAfterFinished, path.child('ttlSecondsAfterFinished'), errors);
  const { backoffLimitPerIndex, maxFailedIndexes: failed } = orZero(spec);
  validateNonnegative(backoffLimitPerIndex, path.child('backoffLimitPerIndex'), errors);
  validateNonnegative(failed, path.child('maxFailedIndexes'), errors);
  if ((failed ?? undefined) !== undefined && (backoffLimitPerIndex ?? undefined) === undefined) {
    errors.push(path.child('backoffLimitPerIndex').required('when maxFailedIndexes is specified'));
  }
  validateManagedBy(spec.managedBy, path.child('managedBy'), errors);
  validateCompletionMode(spec, path, errors);
  if (spec.podFailurePolicy) validatePodFailurePolicy(spec, path.child('podFailurePolicy'), errors);
  const successPolicy = spec.successPolicy ?? undefined;
  if (successPolicy !== undefined) {
    const at = path.child('successPolicy');
    if (spec.completionMode === 'Indexed') validateSuccessPolicy(spec, at, errors);
    else errors.push(at.invalid(successPolicy, 'requires indexed completion mode'));
  }
  validateReplacementPolicy(spec, path.child('podReplacementPolicy'), errors);
  errors.push(...validatePodTemplateSpec(spec.template, path.child('template'), old?.template));
  validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy'), errors);
}
