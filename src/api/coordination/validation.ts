import { root, type FieldError } from '../../machinery/field-error.ts';
import { orZero, validateNonnegative } from '../field-rules.ts';
import type { Lease } from '../types/coordination.v1.ts';

const durationPath = root('spec').child('leaseDurationSeconds');
const transitionsPath = root('spec').child('leaseTransitions');

export function validateLease({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: seconds, leaseTransitions } = orZero(spec);
  if (seconds !== undefined && seconds !== null && seconds <= 0) {
    errors.push(durationPath.invalid(seconds, 'must be greater than 0'));
  }
  validateNonnegative(leaseTransitions, transitionsPath, errors);
  return errors;
}
