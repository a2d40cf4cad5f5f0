/** Pods as they are created and updated; what one of their views may change stands in files of its own. */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import type { Container, Pod, PodSchedulingGate, PodSpec, Toleration } from '../../types/core.v1.ts';
import { changedFields } from './changed-fields.ts';
import { hasItems, listOf, maxInt32, type Maybe } from '../../field-rules.ts';
import { checkImagePadding } from './containers.ts';
import {
  appArmorPrefix,
  checkAnnotatedProfiles,
  checkPodAnnotations,
  mirrorAnnotation,
  type Annotations,
} from './pod-annotations.ts';
import { withOldPlacement } from './pod-placement-update.ts';
import { podCreation, podUpdateOptions, type PodOptions } from './pod-options.ts';
import { checkPodSpec } from './pod-spec.ts';
import { checkTolerations } from './tolerations.ts';

export const podSpecPath = root('spec');
const annotationsPath = root('metadata').child('annotations');
const noSpec: PodSpec = Object.freeze({ containers: null });

/** The spec as Go sees it: with every field at its zero value where it is absent. */
export function specOf({ spec }: Pod): PodSpec {
  return (spec as PodSpec | undefined) ?? noSpec;
}

export function validatePod(pod: Pod): FieldError[] {
  const spec = specOf(pod);
  const errors = validateAnnotationsAndSpec(pod, podCreation);
  if (hasItems(spec.ephemeralContainers)) {
    errors.push(podSpecPath.child('ephemeralContainers').forbidden('cannot be set on create'));
  }
  if (spec.nodeName && hasItems(spec.schedulingGates)) {
    const rule = 'cannot be set until all schedulingGates have been cleared';
    errors.push(podSpecPath.child('nodeName').forbidden(rule));
  }
  checkAnnotatedProfiles(errors, podSpecPath, pod.metadata?.annotations, spec);
  return errors;
}

/** What holds for a Pod at any time. */
export function validateAnnotationsAndSpec(pod: Pod, options: PodOptions): FieldError[] {
  const errors: FieldError[] = [];
  const spec = specOf(pod);
  checkPodAnnotations(errors, annotationsPath, pod.metadata?.annotations, spec, options);
  checkPodSpec(errors, podSpecPath, spec, pod.metadata, options);
  if (!spec.serviceAccountName) refuseTokens(errors, spec);
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of listOf(spec[list]).entries()) {
      if (container.image?.trim() !== container.image) {
        checkImagePadding(errors, podSpecPath.child(list).index(index), container);
      }
    }
  }
  return errors;
}

/** Tokens are those of a service account. */
function refuseTokens(errors: FieldError[], spec: PodSpec): void {
  for (const [index, { projected }] of listOf(spec.volumes).entries()) {
    for (const [position, { serviceAccountToken }] of listOf(projected?.sources).entries()) {
      if (!serviceAccountToken) continue;
      const source = podSpecPath.child('volumes').index(index).child('projected', 'sources').index(position);
      const rule = 'must not be specified when serviceAccountName is not set';
      errors.push(source.child('serviceAccountToken').forbidden(rule));
    }
  }
}

/** The annotations of AppArmor and of mirror Pods stay as they are. */
export function checkAnnotationUpdate(errors: FieldError[], pod: Pod, old: Pod, options: PodOptions): void {
  const before: Annotations = old.metadata?.annotations ?? {};
  const after: Annotations = pod.metadata?.annotations ?? {};
  if (before === after) return;
  for (const key of Object.keys(before)) {
    if (Object.hasOwn(after, key) && after[key] === before[key]) continue;
    if (key.startsWith(appArmorPrefix)) {
      errors.push(annotationsPath.key(key).forbidden('may not remove or update AppArmor annotations'));
    }
    if (key === mirrorAnnotation) {
      errors.push(annotationsPath.key(key).forbidden('may not remove or update mirror pod annotation'));
    }
  }
  for (const key of Object.keys(after)) {
    if (Object.hasOwn(before, key)) continue;
    if (key.startsWith(appArmorPrefix)) {
      errors.push(annotationsPath.key(key).forbidden('may not add AppArmor annotations'));
    }
    if (key === mirrorAnnotation) {
      errors.push(annotationsPath.key(key).forbidden('may not add mirror pod annotation'));
    }
  }
  checkPodAnnotations(errors, annotationsPath, after, specOf(pod), options);
}

const updatableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const [spec, oldSpec] = [specOf(pod), specOf(old)];
  const options = podUpdateOptions(oldSpec, old.metadata);
  const errors = validateAnnotationsAndSpec(pod, options);
  checkAnnotationUpdate(errors, pod, old, options);
  for (const list of ['containers', 'initContainers'] as const) {
    if (!checkContainerUpdate(errors, podSpecPath.child(list), spec[list], oldSpec[list])) return errors;
  }
  if (!checkDeadlineUpdate(errors, podSpecPath.child('activeDeadlineSeconds'), spec, oldSpec)) return errors;
  checkAddedTolerations(errors, podSpecPath.child('tolerations'), spec.tolerations, oldSpec.tolerations, options);
  checkDeletedGates(errors, podSpecPath.child('schedulingGates'), spec.schedulingGates, oldSpec.schedulingGates);
  if (semanticDeepEqual(spec, oldSpec)) return errors;
  const unchanged = withOldPlacement(errors, podSpecPath, withOldUpdatableFields(spec, oldSpec), oldSpec);
  if (!semanticDeepEqual(unchanged, oldSpec)) {
    const rule = `pod updates may not change fields other than ${updatableFields}`;
    errors.push(podSpecPath.forbidden(`${rule}\n${changedFields(oldSpec, unchanged)}`));
  }
  return errors;
}

/** Returns whether there are as many as before: otherwise there is no more to say. */
function checkContainerUpdate(
  errors: FieldError[],
  path: Path,
  containers: Maybe<Container>,
  old: Maybe<Container>,
): boolean {
  if (listOf(containers).length !== listOf(old).length) {
    errors.push(path.forbidden('pod updates may not add or remove containers'));
    return false;
  }
  for (const [index, container] of listOf(containers).entries()) {
    if (!container.image) errors.push(path.index(index).child('image').required());
    checkImagePadding(errors, path.index(index), container);
  }
  return true;
}

/** A deadline can be set, and come sooner. */
function checkDeadlineUpdate(errors: FieldError[], path: Path, spec: PodSpec, oldSpec: PodSpec): boolean {
  const { activeDeadlineSeconds: seconds } = spec;
  const { activeDeadlineSeconds: oldSeconds } = oldSpec;
  if (seconds === undefined) {
    // The text is what upstream prints for a value that is not there.
    if (oldSeconds !== undefined) {
      errors.push(path.invalid('null', 'must not update from a positive integer to nil value'));
    }
    return true;
  }
  if (seconds < 0 || seconds > maxInt32) {
    errors.push(path.invalid(seconds, `must be between 0 and ${maxInt32}, inclusive`));
    return false;
  }
  if (oldSeconds === undefined || seconds <= oldSeconds) return true;
  errors.push(path.invalid(seconds, 'must be less than or equal to previous value'));
  return false;
}

function checkAddedTolerations(
  errors: FieldError[],
  path: Path,
  tolerations: Maybe<Toleration>,
  old: Maybe<Toleration>,
  options: PodOptions,
): void {
  const withoutSeconds = ({ tolerationSeconds: _, ...toleration }: Toleration): object => toleration;
  const next = listOf(tolerations).map(withoutSeconds);
  for (const toleration of listOf(old)) {
    const kept = withoutSeconds(toleration);
    if (next.some((candidate) => semanticDeepEqual(candidate, kept))) continue;
    errors.push(path.forbidden('existing toleration can not be modified except its tolerationSeconds'));
    return;
  }
  checkTolerations(errors, path, tolerations, options);
}

function checkDeletedGates(
  errors: FieldError[],
  path: Path,
  gates: Maybe<PodSchedulingGate>,
  old: Maybe<PodSchedulingGate>,
): void {
  if (!hasItems(gates)) return;
  const known = new Set(listOf(old).map(({ name = '' }) => name));
  for (const [index, { name = '' }] of listOf(gates).entries()) {
    if (known.has(name)) continue;
    const rule = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(path.index(index).child('name').forbidden(rule));
    known.add(name);
  }
}

/** The spec with the stored values of what an update may change. */
function withOldUpdatableFields(spec: PodSpec, old: PodSpec): PodSpec {
  const copy: PodSpec = { ...spec };
  copy.containers = listOf(spec.containers).map((container, index) => withOldImage(container, old.containers?.[index]));
  if (spec.initContainers) {
    copy.initContainers = spec.initContainers.map((container, index) =>
      withOldImage(container, old.initContainers?.[index]),
    );
  }
  for (const field of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const) {
    delete copy[field];
    if (old[field] !== undefined) Object.assign(copy, { [field]: old[field] });
  }
  const oldSeconds = old.terminationGracePeriodSeconds ?? 0;
  if (oldSeconds < 0 && spec.terminationGracePeriodSeconds === 1) copy.terminationGracePeriodSeconds = oldSeconds;
  return copy;
}

function withOldImage(container: Container, old: Container | undefined): Container {
  const { image: _, ...rest } = container;
  return old?.image === undefined ? rest : { ...rest, image: old.image };
}
