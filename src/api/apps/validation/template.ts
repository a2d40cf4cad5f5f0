import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import type { LabelSelectorValidationOptions } from '../../../machinery/label-validation.ts';
import { LabelSelector, type LabelSelectorObject } from '../../../machinery/label-selector.ts';
import { LabelSelectorError } from '../../../machinery/label-requirement.ts';
import { orZero, sortedMap } from '../../field-rules.ts';
import type { PodTemplateSpec } from '../../types/core.v1.ts';

const selectorDoesNotMatch = '`selector` does not match template `labels`';
const onlyAlways = ['Always'];

/** The selector to match with; undefined when the object's is not valid. */
export function readSelector(object: LabelSelectorObject | null | undefined): LabelSelector | undefined {
  try {
    return LabelSelector.fromObject(object);
  } catch (error) {
    if (error instanceof LabelSelectorError) return undefined;
    throw error;
  }
}

function isEmpty(selector: LabelSelectorObject): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0;
}

/** `sentence` refuses a selector that is there but selects everything. */
export function validateWorkloadSelector(
  selector: LabelSelectorObject | null | undefined,
  options: LabelSelectorValidationOptions,
  sentence: string,
  path: Path,
  errors: FieldError[],
): void {
  if (selector === undefined || selector === null) {
    errors.push(path.required());
    return;
  }
  errors.push(...validateLabelSelector(selector, options, path));
  if (isEmpty(selector)) errors.push(path.invalid(selector, sentence));
}

/** The pods of a workload must be the ones that it selects. */
export function validateTemplateIsSelected(
  template: PodTemplateSpec | null | undefined,
  selector: LabelSelector,
  path: Path,
  errors: FieldError[],
): void {
  const labels = template?.metadata?.labels;
  if (!selector.matches(labels ?? undefined)) {
    errors.push(path.child('metadata', 'labels').invalid(sortedMap(labels), selectorDoesNotMatch));
  }
}

/** Pods that a workload replaces run until it removes them. `kind` is named in the error. */
export function validateRunsForever(
  template: PodTemplateSpec | null | undefined,
  kind: 'ReplicaSet' | 'StatefulSet' | 'DaemonSet',
  path: Path,
  errors: FieldError[],
): void {
  const { restartPolicy = '', activeDeadlineSeconds } = orZero(template?.spec);
  if (restartPolicy !== 'Always') {
    errors.push(path.child('spec', 'restartPolicy').notSupported(restartPolicy, onlyAlways));
  }
  if (activeDeadlineSeconds !== undefined && activeDeadlineSeconds !== null) {
    errors.push(
      path.child('spec', 'activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${kind} is not Supported`),
    );
  }
}
