/** The template that workloads make Pods of. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabels } from '../../../machinery/label-validation.ts';
import type { PodSpec, PodTemplateSpec } from '../../types/core.v1.ts';
import { hasItems } from '../../field-rules.ts';
import { checkAnnotatedProfiles, checkPodAnnotations } from './pod-annotations.ts';
import { templateUpdateOptions } from './pod-options.ts';
import { checkPodSpec } from './pod-spec.ts';
import { checkAnnotations } from './template-metadata.ts';

const emptySpec: PodSpec = Object.freeze({ containers: null });

/**
 * What is wrong with a pod template.
 * @param path Of the template: `spec.template`, for a PodTemplate `template`.
 * @param old On update, the template as it is stored: what upstream lets an object keep is let pass.
 */
export function validatePodTemplateSpec(
  template: PodTemplateSpec | undefined,
  path: Path,
  old?: PodTemplateSpec,
): FieldError[] {
  const errors: FieldError[] = [];
  const spec = template?.spec ?? emptySpec;
  const { labels, annotations } = template?.metadata ?? {};
  const options = templateUpdateOptions(old);
  if (labels) errors.push(...validateLabels(labels, path.child('labels')));
  if (annotations) {
    checkAnnotations(errors, path.child('annotations'), annotations);
    checkPodAnnotations(errors, path.child('annotations'), annotations, spec, options);
  }
  const specPath = path.child('spec');
  checkPodSpec(errors, specPath, spec, undefined, options);
  checkAnnotatedProfiles(errors, specPath, annotations, spec);
  if (hasItems(spec.ephemeralContainers)) {
    errors.push(specPath.child('ephemeralContainers').forbidden('ephemeral containers not allowed in pod template'));
  }
  return errors;
}
