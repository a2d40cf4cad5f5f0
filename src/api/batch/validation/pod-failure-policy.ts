import { omitValue, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isQualifiedName } from '../../../machinery/names.ts';
import { quote } from '../../../machinery/quote.ts';
import { listOf, orZero, validateByRule, validateEnum } from '../../field-rules.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../../types/batch.v1.ts';

const maxRules = 20;
const maxPatterns = 20;
const maxExitCodes = 255;
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];

/** Required with what may stand there, as upstream prints it. */
function requiredOneOf(path: Path, values: readonly string[]): FieldError {
  return path.required(`valid values: [${values.map(quote).join(' ')}]`);
}

function validateOneOf(value: string, values: readonly string[], path: Path, errors: FieldError[]): void {
  if (value === '') errors.push(requiredOneOf(path, values));
  else validateEnum(value, values, path, errors);
}

function validateExitCodes(
  requirement: PodFailurePolicyOnExitCodesRequirement,
  containers: ReadonlySet<string>,
  path: Path,
  errors: FieldError[],
): void {
  validateOneOf(requirement.operator ?? '', operators, path.child('operator'), errors);
  const { containerName } = requirement;
  if (containerName !== undefined && containerName !== null && !containers.has(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(path.child('containerName').invalid(containerName, detail));
  }
  const values = listOf(requirement.values);
  const valuesPath = path.child('values');
  if (values.length === 0)
    errors.push(valuesPath.invalid(requirement.values ?? null, 'at least one value is required'));
  else if (values.length > maxExitCodes) errors.push(valuesPath.tooMany(values.length, maxExitCodes));
  const seen = new Set<number>();
  let isOrdered = true;
  values.forEach((value, index) => {
    if (requirement.operator === 'In' && value === 0) {
      errors.push(valuesPath.index(index).invalid(value, 'must not be 0 for the In operator'));
    }
    if (seen.has(value)) errors.push(valuesPath.index(index).duplicate(value));
    else seen.add(value);
    if (index > 0 && (values[index - 1] ?? 0) > value) isOrdered = false;
  });
  if (!isOrdered) errors.push(valuesPath.invalid(values, 'must be ordered'));
}

function validatePodConditions(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: Path,
  errors: FieldError[],
): void {
  if (patterns.length > maxPatterns) errors.push(path.tooMany(patterns.length, maxPatterns));
  patterns.forEach((pattern, index) => {
    const at = path.index(index);
    validateByRule(isQualifiedName, pattern.type ?? '', at.child('type'), errors);
    validateOneOf(pattern.status ?? '', statuses, at.child('status'), errors);
  });
}

function validateRule(
  rule: PodFailurePolicyRule,
  spec: Partial<JobSpec>,
  containers: ReadonlySet<string>,
  path: Path,
  errors: FieldError[],
): void {
  const action: string = rule.action ?? '';
  const limitPerIndex = spec.backoffLimitPerIndex ?? undefined;
  if (action !== 'FailIndex') validateOneOf(action, actions, path.child('action'), errors);
  else if (limitPerIndex === undefined) {
    errors.push(path.child('action').invalid(action, 'requires the backoffLimitPerIndex to be set'));
  }
  const onExitCodes = rule.onExitCodes ?? undefined;
  const patterns = listOf(rule.onPodConditions);
  if (onExitCodes !== undefined) validateExitCodes(onExitCodes, containers, path.child('onExitCodes'), errors);
  if (patterns.length > 0) validatePodConditions(patterns, path.child('onPodConditions'), errors);
  if (onExitCodes !== undefined && patterns.length > 0) {
    errors.push(path.invalid(omitValue, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (onExitCodes === undefined && patterns.length === 0) {
    errors.push(path.invalid(omitValue, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
}

/** What is to happen when pods of a Job fail. `path` is that of the policy. */
export function validatePodFailurePolicy(spec: Partial<JobSpec>, path: Path, errors: FieldError[]): void {
  const rules = listOf(spec.podFailurePolicy?.rules);
  const rulesPath = path.child('rules');
  if (rules.length > maxRules) errors.push(rulesPath.tooMany(rules.length, maxRules));
  const { containers, initContainers } = orZero(spec.template?.spec);
  const names = new Set<string>();
  for (const { name } of [...listOf(containers), ...listOf(initContainers)]) names.add(name ?? '');
  rules.forEach((rule, index) => validateRule(rule, spec, names, rulesPath.index(index), errors));
}
