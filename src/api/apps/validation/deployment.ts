import { root, type FieldError } from '../../../machinery/field-error.ts';
import { orZero, validateImmutable, validateNonnegative } from '../../field-rules.ts';
import type { Deployment, DeploymentStrategy, RollingUpdateDeployment } from '../../types/apps.v1.ts';
import { validateSelectorAndTemplate } from './replicaset.ts';
import { intOrPercentValue, validateNotMoreThan100Percent, validatePositiveIntOrPercent } from './rolling-update.ts';
import { validateCollisionCount, validateCounts } from './status-counts.ts';

const spec = root('spec');
const replicas = spec.child('replicas');
const selector = spec.child('selector');
const strategyPath = spec.child('strategy');
const rollingUpdatePath = strategyPath.child('rollingUpdate');
const maxUnavailablePath = rollingUpdatePath.child('maxUnavailable');
const maxSurgePath = rollingUpdatePath.child('maxSurge');
const minReadySecondsPath = spec.child('minReadySeconds');
const revisionHistoryLimit = spec.child('revisionHistoryLimit');
const progressDeadlinePath = spec.child('progressDeadlineSeconds');
const statusPath = root('status');
const strategies = ['Recreate', 'RollingUpdate'];

function validateRollingUpdate({ maxUnavailable, maxSurge }: RollingUpdateDeployment, errors: FieldError[]): void {
  validatePositiveIntOrPercent(maxUnavailable, maxUnavailablePath, errors);
  validatePositiveIntOrPercent(maxSurge, maxSurgePath, errors);
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    errors.push(maxUnavailablePath.invalid(maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
  }
  validateNotMoreThan100Percent(maxUnavailable, maxUnavailablePath, errors);
}

function validateStrategy(strategy: DeploymentStrategy, errors: FieldError[]): void {
  const rollingUpdate = strategy.rollingUpdate ?? undefined;
  // A client may send any text.
  const type: string = strategy.type ?? '';
  if (type === 'Recreate') {
    if (rollingUpdate === undefined) return;
    errors.push(rollingUpdatePath.forbidden("may not be specified when strategy `type` is 'Recreate'"));
  } else if (type === 'RollingUpdate') {
    if (rollingUpdate !== undefined) validateRollingUpdate(rollingUpdate, errors);
    else errors.push(rollingUpdatePath.required('this should be defaulted and never be nil'));
  } else {
    // Upstream prints its internal type here, whose fields have Go's names.
    const { maxUnavailable: MaxUnavailable = 0, maxSurge: MaxSurge = 0 } = orZero(rollingUpdate);
    const RollingUpdate = rollingUpdate === undefined ? null : { MaxUnavailable, MaxSurge };
    errors.push(strategyPath.notSupported({ Type: type, RollingUpdate }, strategies));
  }
}

function validateSpec(deployment: Deployment, old: Deployment | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const object = orZero(deployment.spec);
  validateNonnegative(object.replicas, replicas, errors);
  validateSelectorAndTemplate(object, old?.spec?.template, errors);
  validateStrategy(orZero(object.strategy), errors);
  validateNonnegative(object.minReadySeconds, minReadySecondsPath, errors);
  validateNonnegative(object.revisionHistoryLimit, revisionHistoryLimit, errors);
  const { progressDeadlineSeconds, minReadySeconds = 0 } = object;
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds !== null) {
    validateNonnegative(progressDeadlineSeconds, progressDeadlinePath, errors);
    if (progressDeadlineSeconds <= minReadySeconds) {
      errors.push(progressDeadlinePath.invalid(progressDeadlineSeconds, 'must be greater than minReadySeconds'));
    }
  }
  return errors;
}

export function validateDeployment(deployment: Deployment): FieldError[] {
  return validateSpec(deployment, undefined);
}

export function validateDeploymentUpdate(deployment: Deployment, old: Deployment): FieldError[] {
  const errors = validateSpec(deployment, old);
  validateImmutable(deployment.spec?.selector, old.spec?.selector, selector, errors);
  return errors;
}

const counts = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
] as const;
const within = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;

export function validateDeploymentStatus({ status }: Deployment, old: Deployment): FieldError[] {
  const errors: FieldError[] = [];
  validateCounts(orZero(status), counts, within, 'cannot be greater than readyReplicas', statusPath, errors);
  validateCollisionCount(status?.collisionCount, old.status?.collisionCount, statusPath, errors);
  return errors;
}
