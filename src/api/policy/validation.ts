import { root, type FieldError } from '../../machinery/field-error.ts';
import { validateLabelSelector, type LabelSelectorValidationOptions } from '../../machinery/label-validation.ts';
import { validateNotMoreThan100Percent, validatePositiveIntOrPercent } from '../apps/validation/rolling-update.ts';
import { validateConditions } from '../condition-rules.ts';
import { orZero, validateEnum, validateNonnegative } from '../field-rules.ts';
import { hasInvalidLabelValue } from '../label-selector-ratchet.ts';
import type { PodDisruptionBudget } from '../types/policy.v1.ts';

const specPath = root('spec');
const statusPath = root('status');
const selectorPath = specPath.child('selector');
const evictionPolicyPath = specPath.child('unhealthyPodEvictionPolicy');
const bounds = [
  ['minAvailable', specPath.child('minAvailable')],
  ['maxUnavailable', specPath.child('maxUnavailable')],
] as const;
const evictionPolicies = ['AlwaysAllow', 'IfHealthyBudget'];
const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;

function validateSpec(budget: PodDisruptionBudget, options: LabelSelectorValidationOptions): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(budget.spec);
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  if ((minAvailable ?? undefined) !== undefined && (maxUnavailable ?? undefined) !== undefined) {
    // Upstream prints its internal type here, whose fields have Go's names.
    const shown = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
    };
    errors.push(specPath.invalid(shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const [field, path] of bounds) {
    validatePositiveIntOrPercent(spec[field], path, errors);
    validateNotMoreThan100Percent(spec[field], path, errors);
  }
  errors.push(...validateLabelSelector(selector, options, selectorPath));
  validateEnum(unhealthyPodEvictionPolicy, evictionPolicies, evictionPolicyPath, errors);
  return errors;
}

export function validatePodDisruptionBudget(budget: PodDisruptionBudget): FieldError[] {
  return validateSpec(budget, {});
}

export function validatePodDisruptionBudgetUpdate(budget: PodDisruptionBudget, old: PodDisruptionBudget): FieldError[] {
  return validateSpec(budget, { allowInvalidLabelValueInSelector: hasInvalidLabelValue(old.spec?.selector) });
}

export function validatePodDisruptionBudgetStatus(budget: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  const status = orZero(budget.status);
  validateConditions(status.conditions, statusPath.child('conditions'), errors);
  for (const field of counts) validateNonnegative(status[field], statusPath.child(field), errors);
  return errors;
}
