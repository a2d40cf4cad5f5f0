import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import type { ReplicationController, ReplicationControllerSpec } from '../../types/core.v1.ts';
import { checkNotNegative } from '../../field-rules.ts';
import { inOrderOfKey } from './pod-placement-update.ts';
import { validatePodTemplateSpec } from './pod-template.ts';

const specPath = root('spec');
const statusPath = root('status');

/** @param old On update, the controller as it is stored. */
export function validateReplicationController(
  controller: ReplicationController,
  old?: ReplicationController,
): FieldError[] {
  const errors: FieldError[] = [];
  const spec: ReplicationControllerSpec = controller.spec ?? {};
  checkNotNegative(errors, specPath, 'minReadySeconds', spec.minReadySeconds);
  const selector = spec.selector ?? {};
  if (Object.keys(selector).length === 0) errors.push(specPath.child('selector').required());
  checkNotNegative(errors, specPath, 'replicas', spec.replicas);
  checkTemplate(errors, specPath.child('template'), spec, selector, old);
  return errors;
}

function checkTemplate(
  errors: FieldError[],
  path: Path,
  { template }: ReplicationControllerSpec,
  selector: Readonly<Record<string, string>>,
  old: ReplicationController | undefined,
): void {
  if (!template) {
    errors.push(path.required());
    return;
  }
  const labels = template.metadata?.labels;
  const isSelected = Object.keys(selector).every(
    (key) => labels !== undefined && Object.hasOwn(labels, key) && labels[key] === selector[key],
  );
  if (!isSelected) {
    const shown = labels === undefined ? null : inOrderOfKey(labels);
    errors.push(path.child('metadata', 'labels').invalid(shown, '`selector` does not match template `labels`'));
  }
  errors.push(...validatePodTemplateSpec(template, path, old?.spec?.template));
  const policy: string = template.spec?.restartPolicy ?? '';
  if (policy !== 'Always') errors.push(path.child('spec', 'restartPolicy').notSupported(policy, ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const rule = 'activeDeadlineSeconds in ReplicationController is not Supported';
    errors.push(path.child('spec', 'activeDeadlineSeconds').forbidden(rule));
  }
}

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
] as const;

export function validateReplicationControllerStatus({ status }: ReplicationController): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of counts) checkNotNegative(errors, statusPath, field, status?.[field]);
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) {
    const count = status?.[field] ?? 0;
    if (count > replicas) errors.push(statusPath.child(field).invalid(count, 'cannot be greater than status.replicas'));
  }
  if (availableReplicas > readyReplicas) {
    const rule = 'cannot be greater than readyReplicas';
    errors.push(statusPath.child('availableReplicas').invalid(availableReplicas, rule));
  }
  return errors;
}
