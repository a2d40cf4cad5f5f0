import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { isDNS1123Subdomain, isQualifiedName, rangeError } from '../../machinery/names.ts';
import { checkInlineVolumeSpec } from '../core/validation/inline-volume-spec.ts';
import {
  listOf,
  orZero,
  validateByRule,
  validateEnum,
  validateImmutable,
  validateNonnegative,
} from '../field-rules.ts';
import type {
  CSIDriver,
  CSINode,
  CSINodeDriver,
  TokenRequest,
  VolumeAttachment,
  VolumeError,
} from '../types/storage.v1.ts';

const specPath = root('spec');
const statusPath = root('status');
const driversPath = specPath.child('drivers');
const tokenRequestsPath = specPath.child('tokenRequests');
const lifecycleModesPath = specPath.child('volumeLifecycleModes');
const updatePeriodPath = specPath.child('nodeAllocatableUpdatePeriodSeconds');
const attacherPath = specPath.child('attacher');
const sourcePath = specPath.child('source');
const volumeNamePath = sourcePath.child('persistentVolumeName');
const maxDriverNameBytes = 63;
const maxNodeIDBytes = 256;
const maxAttachmentMetadataBytes = 256 * 1024;
const maxErrorMessageBytes = 1024;
const maxInt32 = 2 ** 31 - 1;
const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;
const minUpdatePeriodSeconds = 10;
const fsGroupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];
/** The fields that defaulting fills, and upstream's names of them. */
const requiredFlags = [
  ['attachRequired', 'attachedRequired'],
  ['podInfoOnMount', 'podInfoOnMount'],
  ['storageCapacity', 'storageCapacity'],
] as const;

function validateDriverName(name: string, path: Path, errors: FieldError[]): void {
  if (name === '') errors.push(path.required());
  if (Buffer.byteLength(name) > maxDriverNameBytes) errors.push(path.tooLong(name, maxDriverNameBytes));
  for (const sentence of isDNS1123Subdomain(name.toLowerCase())) errors.push(path.invalid(name, sentence));
}

function validateTokenRequests(requests: readonly TokenRequest[], errors: FieldError[]): void {
  const audiences = new Set<string>();
  requests.forEach(({ audience = '', expirationSeconds }, index) => {
    const path = tokenRequestsPath.index(index);
    if (audiences.has(audience)) {
      errors.push(path.child('audience').duplicate(audience));
      return;
    }
    audiences.add(audience);
    if (expirationSeconds === undefined || expirationSeconds === null) return;
    const secondsPath = path.child('expirationSeconds');
    if (expirationSeconds < minTokenSeconds) {
      errors.push(secondsPath.invalid(expirationSeconds, 'may not specify a duration less than 10 minutes'));
    }
    if (expirationSeconds > maxTokenSeconds) {
      errors.push(secondsPath.invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
    }
  });
}

export function validateCSIDriver(driver: CSIDriver): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(driver.spec);
  for (const [field, shown] of requiredFlags) {
    if ((spec[field] ?? undefined) === undefined) errors.push(specPath.child(shown).required());
  }
  validateEnum(spec.fsGroupPolicy, fsGroupPolicies, specPath.child('fsGroupPolicy'), errors);
  validateTokenRequests(listOf(spec.tokenRequests), errors);
  for (const mode of listOf(spec.volumeLifecycleModes)) validateEnum(mode, lifecycleModes, lifecycleModesPath, errors);
  if ((spec.seLinuxMount ?? undefined) === undefined) errors.push(specPath.child('seLinuxMount').required());
  const period = spec.nodeAllocatableUpdatePeriodSeconds ?? minUpdatePeriodSeconds;
  if (period < minUpdatePeriodSeconds) {
    errors.push(updatePeriodPath.invalid(period, 'must be greater than or equal to 10 seconds'));
  }
  return errors;
}

export function validateCSIDriverUpdate(driver: CSIDriver, old: CSIDriver): FieldError[] {
  const errors = validateCSIDriver(driver);
  const [spec, stored] = [orZero(driver.spec), orZero(old.spec)];
  validateImmutable(spec.attachRequired, stored.attachRequired, specPath.child('attachedRequired'), errors);
  validateImmutable(spec.volumeLifecycleModes, stored.volumeLifecycleModes, lifecycleModesPath, errors);
  return errors;
}

function validateNodeDriver(driver: CSINodeDriver, names: Set<string>, path: Path, errors: FieldError[]): void {
  const { name = '', nodeID = '' } = driver;
  validateDriverName(name, path.child('name'), errors);
  if (nodeID === '') errors.push(path.child('nodeID').required());
  if (Buffer.byteLength(nodeID) > maxNodeIDBytes) {
    errors.push(path.child('nodeID').invalid(nodeID, `must be ${maxNodeIDBytes} characters or less`));
  }
  validateNonnegative(driver.allocatable?.count, path.child('allocatable').child('count'), errors);
  if (names.has(name)) errors.push(path.child('name').duplicate(name));
  names.add(name);
  const keys = new Set<string>();
  for (const key of listOf(driver.topologyKeys)) {
    // Upstream names the driver, not the key's place.
    if (key === '') errors.push(path.required());
    if (keys.has(key)) errors.push(path.duplicate(key));
    keys.add(key);
    validateByRule(isQualifiedName, key, path, errors);
  }
}

export function validateCSINode({ spec }: CSINode): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  listOf(spec?.drivers).forEach((driver, index) => {
    validateNodeDriver(driver, names, driversPath.index(index), errors);
  });
  return errors;
}

/** A driver may come and go, but what it is on the node stays, save how many volumes it can attach (KEP-4876). */
export function validateCSINodeUpdate(node: CSINode, old: CSINode): FieldError[] {
  const errors = validateCSINode(node);
  for (const stored of listOf(old.spec?.drivers)) {
    for (const driver of listOf(node.spec?.drivers)) {
      if ((driver.name ?? '') !== (stored.name ?? '')) continue;
      const [{ allocatable: _, ...present }, { allocatable: __, ...before }] = [driver, stored];
      validateImmutable(present, before, driversPath, errors);
    }
  }
  return errors;
}

function validateSource(attachment: VolumeAttachment, errors: FieldError[]): void {
  const { persistentVolumeName, inlineVolumeSpec } = orZero(attachment.spec?.source);
  const hasName = persistentVolumeName !== undefined && persistentVolumeName !== null;
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (!hasName && !inlineVolumeSpec) errors.push(sourcePath.required(detail));
  else if (hasName && inlineVolumeSpec) errors.push(sourcePath.forbidden(detail));
  else if (persistentVolumeName === '') {
    errors.push(volumeNamePath.required('must specify non empty persistentVolumeName'));
  } else if (inlineVolumeSpec) checkInlineVolumeSpec(errors, sourcePath.child('inlineVolumeSpec'), inlineVolumeSpec);
}

function validateVolumeError(error: VolumeError | null | undefined, path: Path, errors: FieldError[]): void {
  if (error === undefined || error === null) return;
  if (Buffer.byteLength(error.message ?? '') > maxErrorMessageBytes) {
    // The limit that upstream names here is not the one it holds.
    errors.push(path.child('message').tooLong('', maxAttachmentMetadataBytes));
  }
  const code = error.errorCode ?? 0;
  if (code < 0) errors.push(path.child('errorCode').invalid(code, rangeError(0, maxInt32)));
}

function validateStatus({ status }: VolumeAttachment, errors: FieldError[]): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(status?.attachmentMetadata ?? {})) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > maxAttachmentMetadataBytes) {
    errors.push(statusPath.child('attachmentMetadata').tooLong('', maxAttachmentMetadataBytes));
  }
  validateVolumeError(status?.attachError, statusPath.child('attachError'), errors);
  validateVolumeError(status?.detachError, statusPath.child('detachError'), errors);
}

function validateAttachment(attachment: VolumeAttachment): FieldError[] {
  const errors: FieldError[] = [];
  const { attacher = '', nodeName = '' } = orZero(attachment.spec);
  if (attacher === '') errors.push(attacherPath.required());
  validateSource(attachment, errors);
  validateByRule(isDNS1123Subdomain, nodeName, specPath.child('nodeName'), errors);
  validateStatus(attachment, errors);
  return errors;
}

export function validateVolumeAttachment(attachment: VolumeAttachment): FieldError[] {
  const errors = validateAttachment(attachment);
  validateDriverName(attachment.spec?.attacher ?? '', attacherPath, errors);
  const name = attachment.spec?.source?.persistentVolumeName ?? undefined;
  if (name !== undefined) validateByRule(isDNS1123Subdomain, name, volumeNamePath, errors);
  return errors;
}

export function validateVolumeAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  const errors = validateAttachment(attachment);
  if (!semanticDeepEqual(attachment.spec, old.spec)) {
    errors.push(specPath.invalid(attachment.spec, 'field is immutable'));
  }
  return errors;
}
