import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { validateLabelName, validateLabelSelector } from '../../machinery/label-validation.ts';
import { isDNS1123Subdomain, isQualifiedName } from '../../machinery/names.ts';
import { Quantity, QuantityError } from '../../machinery/quantity.ts';
import {
  fieldIsImmutable,
  listOf,
  mustNotBeNegative,
  validateByRule,
  validateEnum,
  validateImmutable,
} from '../field-rules.ts';
import type { TopologySelectorTerm } from '../types/core.v1.ts';
import type { CSIStorageCapacity, StorageClass, VolumeAttributesClass } from '../types/storage.v1.ts';

const provisionerPath = root('provisioner');
const parametersPath = root('parameters');
const reclaimPolicyPath = root('reclaimPolicy');
const bindingModePath = root('volumeBindingMode');
const topologiesPath = root('allowedTopologies');
const driverNamePath = root('driverName');
const nodeTopologyPath = root('nodeTopology');
const classNamePath = root('storageClassName');
const capacityPath = root('capacity');
const maxParameters = 512;
const maxParametersBytes = 256 * 1024;
const reclaimPolicies = ['Delete', 'Retain'];
const bindingModes = ['Immediate', 'WaitForFirstConsumer'];

type Parameters = Readonly<Record<string, string>> | null | undefined;

function validateProvisioner(provisioner: string, path: Path, errors: FieldError[]): void {
  if (provisioner === '') errors.push(path.required());
  // Upstream shows the name in lower case.
  else validateByRule(isQualifiedName, provisioner.toLowerCase(), path, errors);
}

function validateParameters(parameters: Parameters, isRequired: boolean, errors: FieldError[]): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > maxParameters) {
    errors.push(parametersPath.tooLong('', maxParameters));
    return;
  }
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.push(parametersPath.invalid(key, 'field can not be empty.'));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > maxParametersBytes) errors.push(parametersPath.tooLong('', maxParametersBytes));
  if (isRequired && entries.length === 0) {
    errors.push(parametersPath.required('must contain at least one key/value pair'));
  }
}

/** The term in a form that can be compared: keys and values without order. */
function validateTerm(term: TopologySelectorTerm, path: Path, errors: FieldError[]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  listOf(term.matchLabelExpressions).forEach((requirement, index) => {
    const at = path.index(index);
    const key = requirement.key ?? '';
    const seen = new Set<string>();
    if (listOf(requirement.values).length === 0) errors.push(at.child('values').required());
    listOf(requirement.values).forEach((value, i) => {
      if (seen.has(value)) errors.push(at.child('values').index(i).duplicate(value));
      seen.add(value);
    });
    errors.push(...validateLabelName(key, at.child('key')));
    if (values.has(key)) errors.push(at.child('key').duplicate(key));
    values.set(key, [...seen].sort());
  });
  return Object.fromEntries(values);
}

function validateTopologies(terms: readonly TopologySelectorTerm[], errors: FieldError[]): void {
  const before: Record<string, string[]>[] = [];
  terms.forEach((term, index) => {
    const path = topologiesPath.index(index).child('matchLabelExpressions');
    const values = validateTerm(term, path, errors);
    // As upstream, where a term without expressions is always one too many.
    const isDuplicate = Object.keys(values).length === 0 || before.some((other) => semanticDeepEqual(other, values));
    if (isDuplicate) errors.push(path.duplicate(''));
    before.push(values);
  });
}

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  validateProvisioner(storageClass.provisioner ?? '', provisionerPath, errors);
  validateParameters(storageClass.parameters, false, errors);
  if (storageClass.reclaimPolicy) {
    validateEnum(storageClass.reclaimPolicy, reclaimPolicies, reclaimPolicyPath, errors);
  }
  const mode = storageClass.volumeBindingMode ?? undefined;
  if (mode === undefined) errors.push(bindingModePath.required());
  else validateEnum(mode, bindingModes, bindingModePath, errors);
  validateTopologies(listOf(storageClass.allowedTopologies), errors);
  return errors;
}

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  if (!semanticDeepEqual(storageClass.parameters ?? {}, old.parameters ?? {})) {
    errors.push(parametersPath.forbidden('updates to parameters are forbidden.'));
  }
  if ((storageClass.provisioner ?? '') !== (old.provisioner ?? '')) {
    errors.push(provisionerPath.forbidden('updates to provisioner are forbidden.'));
  }
  if ((storageClass.reclaimPolicy ?? '') !== (old.reclaimPolicy ?? '')) {
    errors.push(reclaimPolicyPath.forbidden('updates to reclaimPolicy are forbidden.'));
  }
  validateImmutable(storageClass.volumeBindingMode, old.volumeBindingMode, bindingModePath, errors);
  return errors;
}

export function validateVolumeAttributesClass({ driverName, parameters }: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = [];
  validateProvisioner(driverName ?? '', driverNamePath, errors);
  validateParameters(parameters, true, errors);
  return errors;
}

export function validateVolumeAttributesClassUpdate(
  attributesClass: VolumeAttributesClass,
  old: VolumeAttributesClass,
): FieldError[] {
  const errors: FieldError[] = [];
  if ((attributesClass.driverName ?? '') !== (old.driverName ?? '')) {
    errors.push(driverNamePath.forbidden('updates to driverName are forbidden.'));
  }
  if (!semanticDeepEqual(attributesClass.parameters ?? {}, old.parameters ?? {})) {
    errors.push(parametersPath.forbidden('updates to parameters are forbidden.'));
  }
  errors.push(...validateVolumeAttributesClass(attributesClass));
  return errors;
}

function isNegative(text: string): boolean {
  try {
    return Quantity.parse(text).sign < 0;
  } catch (error) {
    // What is no quantity was refused when the object was decoded.
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

export function validateStorageCapacity(object: CSIStorageCapacity): FieldError[] {
  const errors = validateLabelSelector(object.nodeTopology, {}, nodeTopologyPath);
  validateByRule(isDNS1123Subdomain, object.storageClassName ?? '', classNamePath, errors);
  const capacity = object.capacity ?? '0';
  if (isNegative(capacity)) errors.push(capacityPath.invalid(capacity, mustNotBeNegative));
  return errors;
}

/** What the driver was asked with stays; what it answered may change. */
export function validateStorageCapacityUpdate(object: CSIStorageCapacity, old: CSIStorageCapacity): FieldError[] {
  const errors: FieldError[] = [];
  validateImmutable(object.nodeTopology, old.nodeTopology, nodeTopologyPath, errors);
  const className = object.storageClassName ?? '';
  if (className !== (old.storageClassName ?? '')) errors.push(classNamePath.invalid(className, fieldIsImmutable));
  return errors;
}
