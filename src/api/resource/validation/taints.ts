/** Taints of devices, tolerations of requests, and the conditions that binding waits for. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isLabelValue, isQualifiedName } from '../../../machinery/names.ts';
import { addInvalid, listOf, type Maybe } from '../../field-rules.ts';
import type { DeviceTaint, DeviceToleration } from '../../types/resource.v1.ts';
import { checkList } from './bounded-lists.ts';

const maxTaints = 16;
const maxTolerations = 16;
const maxConditions = 4;
const effects = ['NoExecute', 'NoSchedule', 'None'];
const operators = ['Equal', 'Exists'];

function checkLabelKey(errors: FieldError[], path: Path, key: string): void {
  addInvalid(errors, path, key, isQualifiedName(key));
}

export function checkTaints(errors: FieldError[], path: Path, taints: Maybe<DeviceTaint>): void {
  checkList(errors, path, taints, maxTaints, checkTaint);
}

function checkTaint(errors: FieldError[], path: Path, taint: DeviceTaint): void {
  const { key = '', value = '' } = taint;
  const effect: string = taint.effect ?? '';
  checkLabelKey(errors, path.child('key'), key);
  if (value !== '') addInvalid(errors, path.child('value'), value, isLabelValue(value));
  if (effect === '') errors.push(path.child('effect').required());
  else if (!effects.includes(effect)) errors.push(path.child('effect').notSupported(effect, effects));
}

export function checkDeviceTolerations(errors: FieldError[], path: Path, tolerations: Maybe<DeviceToleration>): void {
  checkList(errors, path, tolerations, maxTolerations, checkToleration);
}

function checkToleration(errors: FieldError[], path: Path, toleration: DeviceToleration): void {
  const { key = '', value = '' } = toleration;
  const operator: string = toleration.operator ?? '';
  const effect: string = toleration.effect ?? '';
  if (key !== '') checkLabelKey(errors, path.child('key'), key);
  if (operator === 'Exists') {
    if (value !== '') errors.push(path.child('value').invalid(value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') addInvalid(errors, path.child('value'), value, isLabelValue(value));
  else if (operator === '') errors.push(path.child('operator').required());
  else errors.push(path.child('operator').notSupported(operator, operators));
  if (effect !== '' && !effects.includes(effect)) errors.push(path.child('effect').notSupported(effect, effects));
}

interface BindingParameters {
  readonly bindingConditions?: string[];
  readonly bindingFailureConditions?: string[];
}

/** Conditions that binding waits for, and those that end it: both or neither, and no condition in both. */
export function checkBindingConditions(errors: FieldError[], path: Path, parameters: BindingParameters): void {
  const conditions = listOf(parameters.bindingConditions);
  const failures = listOf(parameters.bindingFailureConditions);
  if (conditions.length === 0 && failures.length === 0) return;
  const conditionsPath = path.child('bindingConditions');
  const failuresPath = path.child('bindingFailureConditions');
  checkList(errors, conditionsPath, conditions, maxConditions, checkLabelKey);
  checkList(errors, failuresPath, failures, maxConditions, checkLabelKey);
  const known = new Set<string>();
  for (const [index, condition] of conditions.entries()) {
    if (known.has(condition)) errors.push(conditionsPath.index(index).duplicate(condition));
    known.add(condition);
  }
  const knownFailures = new Set<string>();
  for (const [index, condition] of failures.entries()) {
    const at = failuresPath.index(index);
    if (knownFailures.has(condition)) errors.push(at.duplicate(condition));
    knownFailures.add(condition);
    if (known.has(condition)) {
      errors.push(at.invalid(condition, 'bindingFailureConditions must not overlap with bindingConditions'));
    }
  }
  if (conditions.length === 0) {
    const rule = 'bindingConditions are required to use bindingFailureConditions';
    errors.push(conditionsPath.invalid(parameters.bindingConditions ?? null, rule));
  }
  if (failures.length === 0) {
    const rule = 'bindingFailureConditions are required to use bindingConditions';
    errors.push(failuresPath.invalid(parameters.bindingFailureConditions ?? null, rule));
  }
}
