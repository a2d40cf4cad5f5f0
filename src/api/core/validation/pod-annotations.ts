/** Annotations that once were fields to be, and still mean something (seccomp, AppArmor, mirror Pods …). */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { quote } from '../../../machinery/quote.ts';
import type { PodSpec, SeccompProfile, Toleration } from '../../types/core.v1.ts';
import { containersWithPaths } from './all-containers.ts';
import { checkLocalPath } from '../../field-rules.ts';
import { isDeletionCost } from './deletion-cost.ts';
import type { PodOptions } from './pod-options.ts';
import { checkTolerations } from './tolerations.ts';

export type Annotations = Readonly<Record<string, string>>;

/** The static Pod on a node that this object shows. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const tolerationsAnnotation = 'scheduler.alpha.kubernetes.io/tolerations';
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const podSeccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const localhostPrefix = 'localhost/';

/** @param path Of the annotations. */
export function checkPodAnnotations(
  errors: FieldError[],
  path: Path,
  annotations: Annotations | undefined,
  spec: PodSpec,
  options: PodOptions,
): void {
  if (!annotations) return;
  const mirrored = annotations[mirrorAnnotation];
  if (mirrored !== undefined && !spec.nodeName) {
    const rule = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(path.key(mirrorAnnotation).invalid(mirrored, rule));
  }
  const tolerations = annotations[tolerationsAnnotation];
  if (tolerations) checkWrittenTolerations(errors, path, tolerations, options);
  const cost = annotations[deletionCostAnnotation];
  if (cost !== undefined && options.allowInvalidDeletionCost !== true && !isDeletionCost(cost)) {
    errors.push(path.key(deletionCostAnnotation).invalid(cost, 'must be a 32bit integer'));
  }
  const profile = annotations[podSeccompAnnotation];
  if (profile !== undefined) checkWrittenSeccomp(errors, path.child(podSeccompAnnotation), profile);
  for (const key of Object.keys(annotations)) {
    if (key.startsWith(seccompPrefix)) checkWrittenSeccomp(errors, path.child(key), annotations[key] ?? '');
  }
  for (const key of Object.keys(annotations)) {
    if (key.startsWith(appArmorPrefix)) checkWrittenAppArmor(errors, path.key(key), key, annotations[key] ?? '', spec);
  }
}

function checkWrittenTolerations(errors: FieldError[], path: Path, text: string, options: PodOptions): void {
  let tolerations: unknown;
  try {
    tolerations = JSON.parse(text);
  } catch (error) {
    errors.push(path.invalid(tolerationsAnnotation, error instanceof Error ? error.message : String(error)));
    return;
  }
  if (tolerations === null) return;
  const isList = Array.isArray(tolerations) && tolerations.every(isToleration);
  if (!isList) {
    const fault = 'json: cannot unmarshal into Go value of type []core.Toleration';
    errors.push(path.invalid(tolerationsAnnotation, fault));
  } else checkTolerations(errors, path.child(tolerationsAnnotation), tolerations as Toleration[], options);
}

function isToleration(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const areTexts = ['key', 'operator', 'value', 'effect'].every((name) =>
    ['undefined', 'string'].includes(typeof fields[name]),
  );
  return areTexts && ['undefined', 'number'].includes(typeof fields['tolerationSeconds']);
}

function checkWrittenSeccomp(errors: FieldError[], path: Path, profile: string): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith(localhostPrefix)) checkLocalPath(errors, path, profile.slice(localhostPrefix.length));
  else errors.push(path.invalid(profile, 'must be a valid seccomp profile'));
}

function checkWrittenAppArmor(errors: FieldError[], path: Path, key: string, profile: string, spec: PodSpec): void {
  const name = key.slice(appArmorPrefix.length);
  if (!containersWithPaths(spec, path).some(({ container }) => (container.name ?? '') === name)) {
    errors.push(path.invalid(name, 'container not found'));
  }
  if (['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith(localhostPrefix)) return;
  errors.push(path.invalid(profile, `invalid AppArmor profile name: ${quote(profile)}`));
}

/** An annotation and the field that replaced it must say the same. @param path Of the spec. */
export function checkAnnotatedProfiles(
  errors: FieldError[],
  path: Path,
  annotations: Annotations | undefined,
  spec: PodSpec,
): void {
  if (!annotations || !Object.keys(annotations).some(isProfile)) return;
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {};
  if (seccompProfile) {
    checkSame(errors, () => path.child('securityContext', 'seccompProfile'), annotations[podSeccompAnnotation], {
      ...seccompProfile,
      what: 'seccomp',
    });
  }
  const containers = containersWithPaths(spec, path);
  for (const { container, at } of containers) {
    const profile = container.securityContext?.seccompProfile;
    if (!profile) continue;
    const annotation = annotations[seccompPrefix + (container.name ?? '')];
    checkSame(errors, () => at().child('securityContext', 'seccompProfile'), annotation, {
      ...profile,
      what: 'seccomp',
    });
  }
  if (spec.os?.name === 'windows') return;
  for (const { container, at } of containers) {
    const profile = container.securityContext?.appArmorProfile ?? appArmorProfile;
    if (!profile) continue;
    const annotation = annotations[appArmorPrefix + (container.name ?? '')];
    checkSame(errors, () => at().child('securityContext', 'appArmorProfile'), annotation, {
      ...profile,
      what: 'apparmor',
    });
  }
}

function isProfile(key: string): boolean {
  return key === podSeccompAnnotation || key.startsWith(seccompPrefix) || key.startsWith(appArmorPrefix);
}

function checkSame(
  errors: FieldError[],
  at: () => Path,
  annotation: string | undefined,
  { type, localhostProfile, what }: SeccompProfile & { readonly what: 'apparmor' | 'seccomp' },
): void {
  if (annotation === undefined) return;
  const differs = (field: string, word: string): void => {
    errors.push(at().child(field).forbidden(`${what} ${word} in annotation and field must match`));
  };
  if (type === 'Unconfined') {
    if (annotation !== 'unconfined') differs('type', 'type');
  } else if (type === 'RuntimeDefault') {
    const isDefault = annotation === 'runtime/default' || (what === 'seccomp' && annotation === 'docker/default');
    if (!isDefault) differs('type', 'type');
  } else if (type === 'Localhost') {
    if (!annotation.startsWith(localhostPrefix)) differs('type', 'type');
    else if (annotation.slice(localhostPrefix.length) !== localhostProfile) differs('localhostProfile', 'profile');
  }
}
