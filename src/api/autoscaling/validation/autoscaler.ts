import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { Quantity, QuantityError } from '../../../machinery/quantity.ts';
import {
  mustBePositive,
  listOf,
  mustNotBeNegative,
  orZero,
  validateEnum,
  validateNonnegative,
} from '../../field-rules.ts';
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from '../../types/autoscaling.v2.ts';
import { validateMetrics, validateObjectReference } from './metrics.ts';

const specPath = root('spec');
const minReplicasPath = specPath.child('minReplicas');
const maxReplicasPath = specPath.child('maxReplicas');
const targetPath = specPath.child('scaleTargetRef');
const metricsPath = specPath.child('metrics');
const scaleUpPath = specPath.child('behavior').child('scaleUp');
const scaleDownPath = specPath.child('behavior').child('scaleDown');
const statusPath = root('status');
const maxPeriodSeconds = 1800;
const maxStabilizationWindowSeconds = 3600;
const selectPolicies = ['Disabled', 'Max', 'Min'];
const policyTypes = ['Percent', 'Pods'];

function validatePolicy(policy: HPAScalingPolicy, path: Path, errors: FieldError[]): void {
  validateEnum(policy.type ?? '', policyTypes, path.child('type'), errors);
  const { value = 0, periodSeconds = 0 } = policy;
  if (value <= 0) errors.push(path.child('value').invalid(value, mustBePositive));
  const periodPath = path.child('periodSeconds');
  if (periodSeconds <= 0) errors.push(periodPath.invalid(periodSeconds, mustBePositive));
  if (periodSeconds > maxPeriodSeconds) {
    errors.push(periodPath.invalid(periodSeconds, `must be less than or equal to ${maxPeriodSeconds}`));
  }
}

function isNegative(text: string): boolean {
  try {
    return Quantity.parse(text).sign < 0;
  } catch (error) {
    // What is no quantity was refused when the object was decoded.
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

function validateRules(rules: HPAScalingRules | null | undefined, path: Path, errors: FieldError[]): void {
  if (rules === undefined || rules === null) return;
  const windowPath = path.child('stabilizationWindowSeconds');
  const seconds = rules.stabilizationWindowSeconds ?? 0;
  if (seconds < 0) errors.push(windowPath.invalid(seconds, 'must be greater than or equal to zero'));
  if (seconds > maxStabilizationWindowSeconds) {
    errors.push(windowPath.invalid(seconds, `must be less than or equal to ${maxStabilizationWindowSeconds}`));
  }
  validateEnum(rules.selectPolicy, selectPolicies, path.child('selectPolicy'), errors);
  const policies = listOf(rules.policies);
  const policiesPath = path.child('policies');
  if (policies.length === 0) errors.push(policiesPath.required('must specify at least one Policy'));
  policies.forEach((policy, index) => validatePolicy(policy, policiesPath.index(index), errors));
  const tolerance = rules.tolerance ?? '0';
  if (isNegative(tolerance)) errors.push(path.child('tolerance').invalid(tolerance, mustNotBeNegative));
}

function validateSpec({ spec }: HorizontalPodAutoscaler, leastReplicas: 0 | 1): FieldError[] {
  const errors: FieldError[] = [];
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics, behavior } = orZero(spec);
  const min = minReplicas ?? undefined;
  if (min !== undefined && min < leastReplicas) {
    errors.push(minReplicasPath.invalid(min, `must be greater than or equal to ${leastReplicas}`));
  }
  if (maxReplicas < 1) errors.push(maxReplicasPath.invalid(maxReplicas, 'must be greater than 0'));
  if (min !== undefined && maxReplicas < min) {
    errors.push(maxReplicasPath.invalid(maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  validateObjectReference(orZero(scaleTargetRef), targetPath, errors);
  validateMetrics(metrics, min, metricsPath, errors);
  validateRules(behavior?.scaleUp, scaleUpPath, errors);
  validateRules(behavior?.scaleDown, scaleDownPath, errors);
  return errors;
}

export function validateAutoscaler(autoscaler: HorizontalPodAutoscaler): FieldError[] {
  return validateSpec(autoscaler, 1);
}

/** Scaling to zero (KEP-2021) is off by default, but what scales to zero already may go on. */
export function validateAutoscalerUpdate(
  autoscaler: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
): FieldError[] {
  return validateSpec(autoscaler, old.spec?.minReplicas === 0 ? 0 : 1);
}

export function validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): FieldError[] {
  const errors: FieldError[] = [];
  validateNonnegative(status?.currentReplicas, statusPath.child('currentReplicas'), errors);
  validateNonnegative(status?.desiredReplicas, statusPath.child('desiredReplicas'), errors);
  return errors;
}
