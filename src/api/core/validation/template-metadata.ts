/** Metadata that stands in a template: of Pods, and of claims. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabels } from '../../../machinery/label-validation.ts';
import { isQualifiedName } from '../../../machinery/names.ts';
import type { ObjectMeta } from '../../types/meta.v1.ts';
import { addInvalid } from '../../field-rules.ts';

/** 256 KiB of keys and values together. */
const maxAnnotationBytes = 256 * 1024;

export function checkAnnotations(
  errors: FieldError[],
  path: Path,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  if (!annotations) return;
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    addInvalid(errors, path, key, isQualifiedName(key.toLowerCase()));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  }
  if (bytes > maxAnnotationBytes) errors.push(path.tooLong('', maxAnnotationBytes));
}

/** What a template cannot say of the objects that are made of it, and upstream's names of these fields. */
const refusedFields = [
  ['name', 'name'],
  ['generateName', 'generateName'],
  ['namespace', 'namespace'],
  ['selfLink', 'selfLink'],
  ['uid', 'uID'],
  ['resourceVersion', 'resourceVersion'],
  ['generation', 'generation'],
  ['creationTimestamp', 'creationTimestamp'],
  ['deletionTimestamp', 'deletionTimestamp'],
  ['deletionGracePeriodSeconds', 'deletionGracePeriodSeconds'],
  ['ownerReferences', 'ownerReferences'],
  ['finalizers', 'finalizers'],
  ['managedFields', 'managedFields'],
] as const;

/** Labels and annotations alone: the metadata of a claim template. */
export function checkTemplateMetadata(errors: FieldError[], path: Path, metadata: ObjectMeta | undefined): void {
  if (!metadata) return;
  checkAnnotations(errors, path.child('annotations'), metadata.annotations);
  if (metadata.labels) errors.push(...validateLabels(metadata.labels, path.child('labels')));
  for (const [field, shown] of refusedFields) {
    if (metadata[field]) errors.push(path.child(shown).forbidden('cannot be set'));
  }
}
