import type { FieldError } from '../../../machinery/field-error.ts';
import { root } from '../../../machinery/field-error.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import { orZero, validateImmutable, validateNonnegative } from '../../field-rules.ts';
import type { ReplicaSet } from '../../types/apps.v1.ts';
import type { PodTemplateSpec } from '../../types/core.v1.ts';
import type { LabelSelectorObject } from '../../../machinery/label-selector.ts';
import { validateCounts } from './status-counts.ts';
import { readSelector, validateRunsForever, validateTemplateIsSelected, validateWorkloadSelector } from './template.ts';

const spec = root('spec');
const replicas = spec.child('replicas');
const minReadySeconds = spec.child('minReadySeconds');
const selector = spec.child('selector');
const template = spec.child('template');
const status = root('status');

/** The selector and template of ReplicaSets and of Deployments, which make ReplicaSets of them. */
export function validateSelectorAndTemplate(
  object: { readonly selector?: LabelSelectorObject | null; readonly template?: PodTemplateSpec | null },
  old: PodTemplateSpec | undefined,
  errors: FieldError[],
): void {
  // Upstream says "deployment" for ReplicaSets too.
  validateWorkloadSelector(object.selector, {}, 'empty selector is invalid for deployment', selector, errors);
  const selects = readSelector(object.selector);
  if (selects === undefined) {
    errors.push(selector.invalid(object.selector, 'invalid label selector'));
    return;
  }
  if (!selects.isEmpty) validateTemplateIsSelected(object.template, selects, template, errors);
  errors.push(...validatePodTemplateSpec(object.template ?? undefined, template, old));
  validateRunsForever(object.template, 'ReplicaSet', template, errors);
}

function validateSpec(replicaSet: ReplicaSet, old: ReplicaSet | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const object = orZero(replicaSet.spec);
  validateNonnegative(object.replicas, replicas, errors);
  validateNonnegative(object.minReadySeconds, minReadySeconds, errors);
  validateSelectorAndTemplate(object, old?.spec?.template, errors);
  return errors;
}

export function validateReplicaSet(replicaSet: ReplicaSet): FieldError[] {
  return validateSpec(replicaSet, undefined);
}

export function validateReplicaSetUpdate(replicaSet: ReplicaSet, old: ReplicaSet): FieldError[] {
  const errors = validateSpec(replicaSet, old);
  validateImmutable(replicaSet.spec?.selector, old.spec?.selector, selector, errors);
  return errors;
}

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'terminatingReplicas',
  'observedGeneration',
] as const;
const within = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;

export function validateReplicaSetStatus(replicaSet: ReplicaSet): FieldError[] {
  const errors: FieldError[] = [];
  validateCounts(orZero(replicaSet.status), counts, within, 'cannot be greater than readyReplicas', status, errors);
  return errors;
}
