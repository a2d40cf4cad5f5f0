/** The `ephemeralcontainers` view of a Pod: containers are added, and never changed or removed (KEP-277). */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { quote } from '../../../machinery/quote.ts';
import type { Pod } from '../../types/core.v1.ts';
import { changedFields } from './changed-fields.ts';
import { listOf } from '../../field-rules.ts';
import { mirrorAnnotation } from './pod-annotations.ts';
import { podUpdateOptions } from './pod-options.ts';
import { checkAnnotationUpdate, podSpecPath, specOf, validateAnnotationsAndSpec } from './pods.ts';

export function validatePodEphemeralContainers(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata?.annotations?.[mirrorAnnotation] !== undefined) {
    return [root('[]').forbidden('static pods do not support ephemeral containers')];
  }
  const options = podUpdateOptions(specOf(old), old.metadata);
  const errors = validateAnnotationsAndSpec(pod, options);
  checkAnnotationUpdate(errors, pod, old, options);
  const path = podSpecPath.child('ephemeralContainers');
  const next = new Map(listOf(specOf(pod).ephemeralContainers).map((container) => [container.name ?? '', container]));
  for (const container of listOf(specOf(old).ephemeralContainers)) {
    const { name = '' } = container;
    const kept = next.get(name);
    if (kept === undefined) {
      errors.push(path.forbidden(`existing ephemeral containers ${quote(name)} may not be removed\n`));
    } else if (!semanticDeepEqual(kept, container)) {
      const rule = `existing ephemeral containers ${quote(name)} may not be changed`;
      errors.push(path.forbidden(`${rule}\n${changedFields(container, kept)}`));
    }
  }
  return errors;
}
