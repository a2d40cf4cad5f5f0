import { root, type FieldError } from '../../machinery/field-error.ts';
import { validateImmutable, validateRequiredEnum } from '../field-rules.ts';
import type { PriorityClass } from '../types/scheduling.v1.ts';

const namePath = root('metadata').child('name');
const valuePath = root('value');
const preemptionPolicyPath = root('preemptionPolicy');
const systemPrefix = 'system-';
const highestUserPriority = 1_000_000_000;
const systemValues = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
]);
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];

/** Why a class is not the one of the system that has its name. */
function systemClassFault(name: string, { value, globalDefault }: PriorityClass): string | undefined {
  const expected = systemValues.get(name);
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const name = priorityClass.metadata?.name ?? '';
  if (name.startsWith(systemPrefix)) {
    const fault = systemClassFault(name, priorityClass);
    if (fault !== undefined) {
      const detail = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${fault}`;
      errors.push(namePath.forbidden(detail));
    }
  } else if ((priorityClass.value ?? 0) > highestUserPriority) {
    errors.push(valuePath.forbidden(`maximum allowed value of a user defined priority is ${highestUserPriority}`));
  }
  const policy = priorityClass.preemptionPolicy ?? undefined;
  if (policy !== undefined) validateRequiredEnum(policy, preemptionPolicies, preemptionPolicyPath, errors);
  return errors;
}

export function validatePriorityClassUpdate(priorityClass: PriorityClass, old: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if ((priorityClass.value ?? 0) !== (old.value ?? 0)) {
    errors.push(valuePath.forbidden('may not be changed in an update.'));
  }
  validateImmutable(priorityClass.preemptionPolicy, old.preemptionPolicy, preemptionPolicyPath, errors);
  return errors;
}
