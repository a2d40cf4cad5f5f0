import { posix } from 'node:path';
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isLabelValue } from '../../../machinery/names.ts';
import type {
  NodeSelectorRequirement,
  PersistentVolume,
  PersistentVolumeSpec,
  ResourceList,
  VolumeNodeAffinity,
} from '../../types/core.v1.ts';
import { quantityOf } from '../resource-list.ts';
import { changedFields } from './changed-fields.ts';
import { checkDNSSubdomain, listOf, type Maybe } from '../../field-rules.ts';
import { checkNodeSelector } from './node-selectors.ts';
import { checkVolumeSource, sourceFields } from './persistent-volume-sources.ts';
import { validateAccessModes, validateBasicAmount, volumeModes } from './persistentvolumeclaims.ts';

const specPath = root('spec');
const reclaimPolicies: ReadonlySet<string> = new Set(['Delete', 'Recycle', 'Retain']);

export function validatePersistentVolume(volume: PersistentVolume): FieldError[] {
  return validateVolumeSpec(volume, undefined);
}

function validateVolumeSpec(
  { metadata, spec = {} }: PersistentVolume,
  old: PersistentVolume | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(specPath.child('accessModes').required());
  validateAccessModes(modes, specPath.child('accessModes'), errors);
  validateCapacity(spec.capacity, specPath.child('capacity'), errors);
  const policy = spec.persistentVolumeReclaimPolicy;
  const policyPath = specPath.child('persistentVolumeReclaimPolicy');
  if (policy && !reclaimPolicies.has(policy)) errors.push(policyPath.notSupported(policy, reclaimPolicies));
  if (spec.nodeAffinity) validateNodeAffinity(spec.nodeAffinity, old?.spec?.nodeAffinity, errors);
  checkVolumeSource(errors, specPath, spec, metadata?.name ?? '');
  if (spec.hostPath && policy === 'Recycle' && posix.normalize(spec.hostPath.path ?? '') === '/') {
    errors.push(policyPath.forbidden("may not be 'recycle' for a hostPath mount of '/'"));
  }
  if (spec.storageClassName) checkDNSSubdomain(errors, specPath.child('storageClassName'), spec.storageClassName);
  const mode = spec.volumeMode;
  if (mode !== undefined && mode !== null && !volumeModes.has(mode)) {
    errors.push(specPath.child('volumeMode').notSupported(mode, volumeModes));
  }
  validateAttributesClass(spec, errors);
  return errors;
}

function validateCapacity(capacity: ResourceList | undefined, path: Path, errors: FieldError[]): void {
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(path.required());
  if (names.length !== 1 || names[0] !== 'storage') errors.push(path.notSupported(capacity ?? null, ['storage']));
  for (const [name, amount] of Object.entries(capacity ?? {})) {
    validateBasicAmount(amount, path.key(name), errors);
    if (quantityOf(amount).sign <= 0) errors.push(path.key(name).invalid(amount, 'must be greater than zero'));
  }
}

function validateAttributesClass(
  { volumeAttributesClassName: name, csi }: PersistentVolumeSpec,
  errors: FieldError[],
): void {
  if (name === undefined || name === null) return;
  const path = specPath.child('volumeAttributesClassName');
  if (name === '') errors.push(path.required('an empty string is disallowed'));
  else checkDNSSubdomain(errors, path, name);
  if (!csi) errors.push(specPath.child('csi').required('has to be specified when using volumeAttributesClassName'));
}

function requirementsOf(affinity: VolumeNodeAffinity | undefined): NodeSelectorRequirement[] {
  return listOf(affinity?.required?.nodeSelectorTerms).flatMap((term) => [...listOf(term.matchExpressions)]);
}

function validateNodeAffinity(
  affinity: VolumeNodeAffinity,
  old: VolumeNodeAffinity | undefined,
  errors: FieldError[],
): void {
  const path = specPath.child('nodeAffinity', 'required');
  if (!affinity.required) {
    errors.push(path.required('must specify required node constraints'));
    return;
  }
  const hadInvalidValue = requirementsOf(old).some(({ values }) =>
    listOf(values).some((value) => isLabelValue(value).length > 0),
  );
  checkNodeSelector(errors, path, affinity.required, hadInvalidValue);
}

export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validateVolumeSpec(volume, old);
  const spec = volume.spec ?? {};
  const oldSpec = old.spec ?? {};
  validateSourceUpdate(spec, oldSpec, errors);
  if ((spec.volumeMode ?? null) !== (oldSpec.volumeMode ?? null)) {
    errors.push(root('volumeMode').invalid(spec.volumeMode ?? null, 'field is immutable'));
  }
  if (oldSpec.nodeAffinity && !semanticDeepEqual(spec.nodeAffinity, withStableLabels(oldSpec.nodeAffinity, spec))) {
    const message = 'field is immutable, except for updating from beta label to GA';
    errors.push(root('nodeAffinity').invalid(shownAffinity(spec.nodeAffinity), message));
  }
  const hadClass = oldSpec.volumeAttributesClassName !== undefined && oldSpec.volumeAttributesClassName !== null;
  if (hadClass && (spec.volumeAttributesClassName ?? null) === null) {
    errors.push(specPath.child('volumeAttributesClassName').forbidden('update from non-nil value to nil is forbidden'));
  }
  return errors;
}

function sourceOf(spec: PersistentVolumeSpec): Partial<PersistentVolumeSpec> {
  return Object.fromEntries(sourceFields.filter((field) => spec[field]).map((field) => [field, spec[field]]));
}

/** The secret for expanding a volume of CSI may be named later. */
function validateSourceUpdate(spec: PersistentVolumeSpec, old: PersistentVolumeSpec, errors: FieldError[]): void {
  const source = sourceOf(spec);
  const oldSource = sourceOf(old);
  if (source.csi?.controllerExpandSecretRef && oldSource.csi && !oldSource.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...csi } = source.csi;
    source.csi = csi;
  }
  if (semanticDeepEqual(source, oldSource)) return;
  const message = 'spec.persistentvolumesource is immutable after creation';
  errors.push(specPath.child('persistentvolumesource').forbidden(`${message}\n${changedFields(oldSource, source)}`));
}

/** Labels of old, and what they became. */
const stableLabels: ReadonlyMap<string, string> = new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
]);

/** `old` with the keys that `spec` has replaced by what they became. */
function withStableLabels(old: VolumeNodeAffinity, { nodeAffinity }: PersistentVolumeSpec): VolumeNodeAffinity {
  const copy = structuredClone(old);
  const terms = listOf(nodeAffinity?.required?.nodeSelectorTerms);
  const follow = (before: Maybe<NodeSelectorRequirement>, after: Maybe<NodeSelectorRequirement>): void => {
    for (const [index, requirement] of listOf(before).entries()) {
      const key = listOf(after)[index]?.key;
      if (key !== undefined && stableLabels.get(requirement.key) === key) requirement.key = key;
    }
  };
  for (const [index, term] of listOf(copy.required?.nodeSelectorTerms).entries()) {
    follow(term.matchExpressions, terms[index]?.matchExpressions);
    follow(term.matchFields, terms[index]?.matchFields);
  }
  return copy;
}

/** As upstream shows it: its internal type. */
function shownAffinity(affinity: VolumeNodeAffinity | undefined): unknown {
  const requirements = (list: Maybe<NodeSelectorRequirement>): object[] | null =>
    list?.map(({ key, operator, values }) => ({ Key: key, Operator: operator, Values: values ?? null })) ?? null;
  if (!affinity) return null;
  const terms = affinity.required?.nodeSelectorTerms?.map(({ matchExpressions, matchFields }) => ({
    MatchExpressions: requirements(matchExpressions),
    MatchFields: requirements(matchFields),
  }));
  return { Required: affinity.required ? { NodeSelectorTerms: terms ?? null } : null };
}
