import { root, type FieldError } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import { orZero, validateImmutable, validateNonnegative } from '../../field-rules.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import { hasInvalidLabelValue } from '../../label-selector-ratchet.ts';
import type { DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from '../../types/apps.v1.ts';
import { intOrPercentValue, validateNotMoreThan100Percent, validatePositiveIntOrPercent } from './rolling-update.ts';
import { validateCollisionCount } from './status-counts.ts';
import { readSelector, validateRunsForever, validateTemplateIsSelected } from './template.ts';

const spec = root('spec');
const selectorPath = spec.child('selector');
const templatePath = spec.child('template');
const minReadySeconds = spec.child('minReadySeconds');
const revisionHistoryLimit = spec.child('revisionHistoryLimit');
const strategyPath = spec.child('updateStrategy');
const rollingUpdatePath = strategyPath.child('rollingUpdate');
const maxUnavailablePath = rollingUpdatePath.child('maxUnavailable');
const maxSurgePath = rollingUpdatePath.child('maxSurge');
const statusPath = root('status');
const strategies = ['RollingUpdate', 'OnDelete'];

function validateRollingUpdate({ maxUnavailable, maxSurge }: RollingUpdateDaemonSet, errors: FieldError[]): void {
  validatePositiveIntOrPercent(maxUnavailable, maxUnavailablePath, errors);
  validatePositiveIntOrPercent(maxSurge, maxSurgePath, errors);
  validateNotMoreThan100Percent(maxUnavailable, maxUnavailablePath, errors);
  validateNotMoreThan100Percent(maxSurge, maxSurgePath, errors);
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0;
  const hasSurge = intOrPercentValue(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.push(maxSurgePath.invalid(maxSurge, 'may not be set when maxUnavailable is non-zero'));
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(maxUnavailablePath.required('cannot be 0 when maxSurge is 0'));
  }
}

function validateStrategy(strategy: DaemonSetUpdateStrategy, errors: FieldError[]): void {
  const rollingUpdate = strategy.rollingUpdate ?? undefined;
  const type: string = strategy.type ?? '';
  if (type === 'OnDelete') return;
  if (type === 'RollingUpdate') {
    if (rollingUpdate === undefined) errors.push(rollingUpdatePath.required());
    else validateRollingUpdate(rollingUpdate, errors);
    return;
  }
  // Upstream prints its internal type here, whose fields have Go's names.
  const { maxUnavailable: MaxUnavailable = 0, maxSurge: MaxSurge = 0 } = orZero(rollingUpdate);
  const RollingUpdate = rollingUpdate === undefined ? null : { MaxUnavailable, MaxSurge };
  errors.push(strategyPath.notSupported({ Type: type, RollingUpdate }, strategies));
}

function validateSpec(daemonSet: DaemonSet, old: DaemonSet | undefined): FieldError[] {
  const allowInvalidLabelValueInSelector = hasInvalidLabelValue(old?.spec?.selector);
  const errors: FieldError[] = [];
  const object = orZero(daemonSet.spec);
  errors.push(...validateLabelSelector(object.selector, { allowInvalidLabelValueInSelector }, selectorPath));
  const selects = readSelector(object.selector);
  if (selects !== undefined) validateTemplateIsSelected(object.template, selects, templatePath, errors);
  if (selects?.isEmpty === true) {
    errors.push(selectorPath.invalid(object.selector, 'empty selector is invalid for daemonset'));
  }
  errors.push(...validatePodTemplateSpec(object.template, templatePath, old?.spec?.template));
  validateRunsForever(object.template, 'DaemonSet', templatePath, errors);
  validateNonnegative(object.minReadySeconds, minReadySeconds, errors);
  validateStrategy(orZero(object.updateStrategy), errors);
  validateNonnegative(object.revisionHistoryLimit, revisionHistoryLimit, errors);
  return errors;
}

export function validateDaemonSet(daemonSet: DaemonSet): FieldError[] {
  return validateSpec(daemonSet, undefined);
}

export function validateDaemonSetUpdate(daemonSet: DaemonSet, old: DaemonSet): FieldError[] {
  const errors = validateSpec(daemonSet, old);
  validateImmutable(daemonSet.spec?.selector, old.spec?.selector, selectorPath, errors);
  return errors;
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const;

export function validateDaemonSetStatus({ status }: DaemonSet, old: DaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  const object = orZero(status);
  for (const field of counts) validateNonnegative(object[field], statusPath.child(field), errors);
  validateCollisionCount(object.collisionCount, old.status?.collisionCount, statusPath, errors);
  return errors;
}
