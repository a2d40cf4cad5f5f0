import { root, type FieldError } from '../../../machinery/field-error.ts';
import { validateImmutable, validateNonnegative } from '../../field-rules.ts';
import type { ControllerRevision } from '../../types/apps.v1.ts';

const data = root('data');
const revision = root('revision');

export function validateControllerRevision(object: ControllerRevision): FieldError[] {
  const errors: FieldError[] = [];
  if (object.data === undefined || object.data === null) errors.push(data.required('data is mandatory'));
  validateNonnegative(object.revision, revision, errors);
  return errors;
}

export function validateControllerRevisionUpdate(object: ControllerRevision, old: ControllerRevision): FieldError[] {
  const errors = validateControllerRevision(object);
  validateImmutable(object.data, old.data, data, errors);
  return errors;
}
