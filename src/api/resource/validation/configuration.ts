/** Parameters that only a driver understands. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { OpaqueDeviceConfiguration } from '../../types/resource.v1.ts';
import { checkDriverName } from './device-names.ts';

const maxParametersBytes = 10 * 1024;

/** @param isStored The configuration is that of the stored object, which may be larger than a new one. */
export function checkConfiguration(
  errors: FieldError[],
  path: Path,
  opaque: OpaqueDeviceConfiguration | null | undefined,
  isStored: boolean,
): void {
  const at = path.child('opaque');
  if (!opaque) {
    errors.push(at.required());
    return;
  }
  checkDriverName(errors, at.child('driver'), opaque.driver ?? '');
  checkRawObject(errors, at.child('parameters'), opaque.parameters, isStored ? Infinity : maxParametersBytes);
}

/** JSON that must be an object. */
export function checkRawObject(errors: FieldError[], path: Path, value: unknown, maxBytes: number): void {
  if (value === undefined || value === null) errors.push(path.required());
  else if (maxBytes !== Infinity && Buffer.byteLength(JSON.stringify(value)) > maxBytes) {
    errors.push(path.tooLong('', maxBytes));
  } else if (typeof value !== 'object' || Array.isArray(value)) {
    errors.push(path.invalid('<value omitted>', 'must be a valid JSON object'));
  }
}
