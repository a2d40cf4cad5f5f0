import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../../../machinery/names.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  ResourceList,
  TypedObjectReference,
} from '../../types/core.v1.ts';
import { quantityOf } from '../resource-list.ts';
import { changedFields } from './changed-fields.ts';
import { isNativeResource } from './resource-kinds.ts';
import { validateResourceQuantity } from './resource-names.ts';

const specPath = root('spec');
const statusPath = root('status');
const accessModes: ReadonlySet<string> = new Set([
  'ReadOnlyMany',
  'ReadWriteMany',
  'ReadWriteOnce',
  'ReadWriteOncePod',
]);
export const volumeModes: ReadonlySet<string> = new Set(['Block', 'Filesystem']);
const resizeStatuses: ReadonlySet<string> = new Set([
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]);
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** What the stored claim holds already, and may keep. */
export interface ClaimValidationOptions {
  readonly allowInvalidLabelValueInSelector?: boolean;
  readonly allowInvalidAPIGroup?: boolean;
}

export function validatePersistentVolumeClaim(claim: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(claim.spec ?? {}, specPath, {});
}

/** Known modes, and no other beside ReadWriteOncePod (KEP-2485). */
export function validateAccessModes(modes: readonly string[], path: Path, errors: FieldError[]): void {
  for (const mode of modes) if (!accessModes.has(mode)) errors.push(path.notSupported(mode, accessModes));
  const isShared = modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.has(mode));
  if (isShared && modes.includes('ReadWriteOncePod')) {
    errors.push(path.forbidden('may not use ReadWriteOncePod with other access modes'));
  }
}

function validateClassName(name: string, path: Path, errors: FieldError[]): void {
  for (const sentence of isDNS1123Subdomain(name)) errors.push(path.invalid(name, sentence));
}

/** The spec of a claim, and of every claim template. */
export function validateClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: Path,
  options: ClaimValidationOptions,
): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  const modesPath = path.child('accessModes');
  if (modes.length === 0) errors.push(modesPath.required('at least 1 access mode is required'));
  errors.push(...validateLabelSelector(spec.selector, options, path.child('selector')));
  validateAccessModes(modes, modesPath, errors);
  validateRequestedStorage(spec.resources?.requests, path.child('resources').key('storage'), errors);
  if (spec.storageClassName) validateClassName(spec.storageClassName, path.child('storageClassName'), errors);
  const mode = spec.volumeMode;
  if (mode !== undefined && mode !== null && !volumeModes.has(mode)) {
    errors.push(path.child('volumeMode').notSupported(mode, volumeModes));
  }
  validateDataSources(spec, path, options, errors);
  const className = spec.volumeAttributesClassName;
  if (className) validateClassName(className, path.child('volumeAttributesClassName'), errors);
  return errors;
}

function validateRequestedStorage(requests: ResourceList | undefined, path: Path, errors: FieldError[]): void {
  const storage = requests?.['storage'];
  if (storage === undefined) errors.push(path.required());
  else if (quantityOf(storage).sign <= 0) errors.push(path.invalid(storage, 'must be greater than zero'));
  else errors.push(...validateResourceQuantity('storage', storage, path));
}

function validateDataSources(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: Path,
  options: ClaimValidationOptions,
  errors: FieldError[],
): void {
  if (dataSource) validateDataSource(dataSource, path.child('dataSource'), options, errors);
  if (!dataSourceRef) return;
  const refPath = path.child('dataSourceRef');
  const { namespace } = dataSourceRef;
  validateDataSource(dataSourceRef, refPath, options, errors);
  if (namespace) {
    for (const sentence of isDNS1123Label(namespace))
      errors.push(refPath.child('namespace').invalid(namespace, sentence));
  }
  if (!dataSource) return;
  // Upstream shows the path of the other field for a value, of which Go prints nothing.
  if (namespace) {
    errors.push(path.invalid({}, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if (
    (dataSource.apiGroup ?? null) !== (dataSourceRef.apiGroup ?? null) ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  ) {
    errors.push(path.invalid({}, 'must match dataSourceRef'));
  }
}

function validateDataSource(
  { name, kind = '', apiGroup }: Partial<TypedObjectReference>,
  path: Path,
  options: ClaimValidationOptions,
  errors: FieldError[],
): void {
  if (!name) errors.push(path.child('name').required());
  if (!kind) errors.push(path.child('kind').required());
  if (!apiGroup) {
    if (kind === 'PersistentVolumeClaim') return;
    errors.push(path.invalid(kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  } else if (options.allowInvalidAPIGroup !== true) {
    for (const sentence of isDNS1123Subdomain(apiGroup))
      errors.push(path.child('apiGroup').invalid(apiGroup, sentence));
  }
}

function optionsFor({ spec }: PersistentVolumeClaim): ClaimValidationOptions {
  const hasGroup = (source: { apiGroup?: string } | undefined): boolean => (source?.apiGroup ?? null) !== null;
  return {
    allowInvalidLabelValueInSelector: validateLabelSelector(spec?.selector, {}, specPath).length > 0,
    allowInvalidAPIGroup: hasGroup(spec?.dataSource) || hasGroup(spec?.dataSourceRef),
  };
}

export function validatePersistentVolumeClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const spec = claim.spec ?? {};
  const oldSpec = old.spec ?? {};
  const errors = validateClaimSpec(spec, specPath, optionsFor(old));
  const compared = { ...spec };
  const comparedOld = { ...oldSpec };
  // A claim is bound to a volume once.
  if (!oldSpec.volumeName) setOrDelete(comparedOld, 'volumeName', spec.volumeName);
  forgiveStorageClass(claim, old, compared, errors);
  if (claim.status?.phase === 'Bound') forgiveExpansion(compared, oldSpec);
  if (!semanticDeepEqual(compared, comparedOld)) {
    const message =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(specPath.forbidden(`${message}\n${changedFields(comparedOld, compared)}`));
  }
  validateSizeUpdate(claim, old, errors);
  if ((spec.volumeMode ?? null) !== (oldSpec.volumeMode ?? null)) {
    errors.push(root('volumeMode').invalid(spec.volumeMode, 'field is immutable'));
  }
  validateAttributesClassUpdate(spec.volumeAttributesClassName, oldSpec.volumeAttributesClassName, errors);
  return errors;
}

function setOrDelete<T extends object, K extends keyof T>(object: T, field: K, value: T[K] | undefined): void {
  if (value === undefined) delete object[field];
  else object[field] = value;
}

/** A class may be set where there was none, or where the annotation that preceded the field names the same. */
function forgiveStorageClass(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  compared: PersistentVolumeClaimSpec,
  errors: FieldError[],
): void {
  const annotation = claim.metadata?.annotations?.[classAnnotation];
  const oldAnnotation = old.metadata?.annotations?.[classAnnotation];
  const oldClass = old.spec?.storageClassName ?? undefined;
  const name = claim.spec?.storageClassName ?? undefined;
  const isSetNow = oldClass === undefined && name !== undefined;
  if (isSetNow && oldAnnotation === name && (annotation === undefined || annotation === oldAnnotation)) {
    delete compared.storageClassName;
    return;
  }
  if ((annotation ?? '') !== (oldAnnotation ?? '')) {
    const path = root('metadata').child('annotations', classAnnotation);
    errors.push(path.invalid(annotation ?? '', 'field is immutable'));
  }
  if (isSetNow && (oldAnnotation === undefined || oldAnnotation === name)) delete compared.storageClassName;
}

/** A bound claim may ask for another size and another class of attributes. */
function forgiveExpansion(compared: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec): void {
  const requests = compared.resources?.requests;
  if (requests) {
    const { storage: _, ...others } = requests;
    const storage = old.resources?.requests?.['storage'];
    compared.resources = { ...compared.resources, requests: storage === undefined ? others : { ...others, storage } };
  }
  if (compared.volumeAttributesClassName !== undefined && compared.volumeAttributesClassName !== null) {
    setOrDelete(compared, 'volumeAttributesClassName', old.volumeAttributesClassName);
  }
}

/** A size may shrink to what an expansion that failed had asked for, never to what the volume has (KEP-1790). */
function validateSizeUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: FieldError[]): void {
  const size = quantityOf(claim.spec?.resources?.requests?.['storage']);
  if (size.compare(quantityOf(old.spec?.resources?.requests?.['storage'])) >= 0) return;
  if (size.compare(quantityOf(old.status?.capacity?.['storage'])) > 0) return;
  const path = specPath.child('resources', 'requests', 'storage');
  errors.push(path.forbidden('field can not be less than status.capacity'));
}

function validateAttributesClassUpdate(
  name: string | undefined | null,
  old: string | undefined | null,
  errors: FieldError[],
): void {
  if (old === undefined || old === null) return;
  const path = specPath.child('volumeAttributesClassName');
  if (name === undefined || name === null) {
    errors.push(path.forbidden('update from non-nil value to nil is forbidden'));
  } else if (name === '' && old !== '') {
    errors.push(path.forbidden('update from non-nil value to an empty string is forbidden'));
  }
}

export function validatePersistentVolumeClaimStatus({ spec, status }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec?.accessModes ?? []).length === 0) errors.push(root('Spec').child('accessModes').required());
  for (const [name, amount] of Object.entries(status?.capacity ?? {})) {
    validateBasicAmount(amount, statusPath.child('capacity').key(name), errors);
  }
  const statusesPath = statusPath.child('allocatedResourceStatus');
  for (const [name, resizeStatus] of Object.entries(status?.allocatedResourceStatuses ?? {})) {
    validateClaimResource(name, statusesPath, errors);
    if (!resizeStatuses.has(resizeStatus)) errors.push(statusesPath.notSupported(name, resizeStatuses));
  }
  const allocatedPath = statusPath.child('allocatedResources');
  for (const [name, amount] of Object.entries(status?.allocatedResources ?? {})) {
    if (!validateClaimResource(name, allocatedPath, errors)) continue;
    if (!validateBasicAmount(amount, allocatedPath.key(name), errors)) continue;
    errors.push(...validateResourceQuantity('storage', amount, allocatedPath.key(name)));
  }
  return errors;
}

/** Not negative, once it is rounded up to a whole number. */
export function validateBasicAmount(text: string, path: Path, errors: FieldError[]): boolean {
  const value = quantityOf(text).ceilNumber();
  if (value < 0) errors.push(path.invalid(value, 'must be a valid resource quantity'));
  return value >= 0;
}

function validateClaimResource(name: string, path: Path, errors: FieldError[]): boolean {
  const sentences = isQualifiedName(name);
  for (const sentence of sentences) errors.push(path.invalid(name, sentence));
  if (sentences.length > 0) return false;
  if (!isNativeResource(name) || name === 'storage') return true;
  errors.push(path.notSupported(name, ['storage']));
  return false;
}
