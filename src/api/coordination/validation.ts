import { root, type FieldError } from '../../machinery/field-error.ts';
import { isQualifiedName } from '../../machinery/names.ts';
import { orZero, validateByRule, validateEnum, validateNonnegative } from '../field-rules.ts';
import type { Lease } from '../types/coordination.v1.ts';

const durationPath = root('spec').child('leaseDurationSeconds');
const transitionsPath = root('spec').child('leaseTransitions');
const preferredHolderPath = root('spec').child('preferredHolder');
/** As upstream, which names the field twice. */
const strategyPath = root('spec').child('strategy', 'strategy');
const strategies = ['OldestEmulationVersion'];

/** One of Kubernetes' own, or one with a domain. */
function validateStrategy(strategy: string, errors: FieldError[]): void {
  if (strategy.includes('/')) validateByRule(isQualifiedName, strategy, strategyPath, errors);
  else validateEnum(strategy, strategies, strategyPath, errors);
}

export function validateLease({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: seconds, leaseTransitions, strategy, preferredHolder } = orZero(spec);
  if (seconds !== undefined && seconds !== null && seconds <= 0) {
    errors.push(durationPath.invalid(seconds, 'must be greater than 0'));
  }
  validateNonnegative(leaseTransitions, transitionsPath, errors);
  if (strategy !== undefined) validateStrategy(strategy, errors);
  if (preferredHolder && !strategy) {
    errors.push(preferredHolderPath.forbidden('may only be specified if `strategy` is defined'));
  }
  return errors;
}
