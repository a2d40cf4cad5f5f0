import type { FieldError, Path } from '../machinery/field-error.ts';
import { validateLabelName } from '../machinery/label-validation.ts';
import { formError } from '../machinery/names.ts';
import { listOf, validateEnum } from './field-rules.ts';
import type { Condition } from './types/meta.v1.ts';

const statuses = ['False', 'True', 'Unknown'];
const reason = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonPattern = new RegExp(`^${reason}$`);
const reasonError = formError(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  reason,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);
const maxReasonBytes = 1024;
const maxMessageBytes = 32 * 1024;

function validateCondition(condition: Condition, path: Path, errors: FieldError[]): void {
  const { type = '', status = '', observedGeneration = 0, message = '', reason: why = '' } = condition;
  errors.push(...validateLabelName(type, path.child('type')));
  validateEnum(status, statuses, path.child('status'), errors);
  if (observedGeneration < 0) {
    errors.push(path.child('observedGeneration').invalid(observedGeneration, 'must be greater than or equal to zero'));
  }
  if (!condition.lastTransitionTime) errors.push(path.child('lastTransitionTime').required('must be set'));
  const reasonPath = path.child('reason');
  if (why === '') errors.push(reasonPath.required('must be set'));
  else {
    if (!reasonPattern.test(why)) errors.push(reasonPath.invalid(why, reasonError));
    if (Buffer.byteLength(why) > maxReasonBytes) errors.push(reasonPath.tooLong(why, maxReasonBytes));
  }
  if (Buffer.byteLength(message) > maxMessageBytes) {
    errors.push(path.child('message').tooLong(message, maxMessageBytes));
  }
}

/** `metav1.Condition`s, of which each type is there once. */
export function validateConditions(
  conditions: readonly Condition[] | null | undefined,
  path: Path,
  errors: FieldError[],
): void {
  const types = new Set<string>();
  listOf(conditions).forEach((condition, index) => {
    const at = path.index(index);
    const type = condition.type ?? '';
    if (types.has(type)) errors.push(at.child('type').duplicate(type));
    types.add(type);
    validateCondition(condition, at, errors);
  });
}
