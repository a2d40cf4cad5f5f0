/** What drivers, pools, devices and their attributes may be called. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isCIdentifier, isDNS1123Label, isDNS1123Subdomain, maxSubdomainLength } from '../../../machinery/names.ts';
import { checkCSIDriverName } from '../../core/validation/volume-sources.ts';
import { addInvalid, listOf } from '../../field-rules.ts';
import type { DeviceClaim } from '../../types/resource.v1.ts';

const maxIdentifierLength = 32;
const uidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const anyUID = /^(urn:uuid:|\{)?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i;
const maxUIDTextLength = 45;

/** A driver is named as a CSI driver is. */
export const checkDriverName = checkCSIDriverName;

export function checkDeviceName(errors: FieldError[], path: Path, name: string): void {
  addInvalid(errors, path, name, isDNS1123Label(name));
}

/** One or more DNS subdomains, separated by slashes. */
export function checkPoolName(errors: FieldError[], path: Path, name: string): void {
  if (name === '') {
    errors.push(path.required());
    return;
  }
  if (name.length > maxSubdomainLength) errors.push(path.tooLong(name, maxSubdomainLength));
  for (const part of name.split('/')) addInvalid(errors, path, part, isDNS1123Subdomain(part));
}

function uidFault(uid: string): string | undefined {
  if (![32, 36, 38, 45].includes(uid.length) || uid.length > maxUIDTextLength) {
    return `error validating uid: invalid UUID length: ${uid.length}`;
  }
  if (!anyUID.test(uid)) return 'error validating uid: invalid UUID format';
  if (uidForm.test(uid)) return undefined;
  return 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
}

export function checkShareID(errors: FieldError[], path: Path, uid: string | undefined): void {
  if (uid === undefined) return;
  const fault = uidFault(uid);
  if (fault !== undefined) errors.push(path.invalid(uid, fault));
}

function checkIdentifier(errors: FieldError[], path: Path, id: string): void {
  if (id.length > maxIdentifierLength) errors.push(path.tooLong(id, maxIdentifierLength));
  addInvalid(errors, path, id, isCIdentifier(id));
}

/** `identifier` or `domain/identifier`: of an attribute or a capacity. */
export function checkQualifiedDeviceName(errors: FieldError[], path: Path, name: string): void {
  const parts = name.split('/');
  const [domain = '', id = ''] = parts;
  if (parts.length === 1) checkIdentifier(errors, path, domain);
  else if (parts.length === 2) {
    if (domain === '') errors.push(path.invalid('', 'the domain must not be empty'));
    else checkDriverName(errors, path, domain);
    if (id === '') errors.push(path.invalid('', 'the name must not be empty'));
    else checkIdentifier(errors, path, id);
  } else errors.push(path.invalid(name, 'must not contain more than one slash'));
}

/** `domain/identifier`. */
export function checkFullyQualifiedDeviceName(errors: FieldError[], path: Path, name: string): void {
  checkQualifiedDeviceName(errors, path, name);
  if (!name.includes('/')) {
    errors.push(path.invalid(name, 'a fully qualified name must be a domain and a name separated by a slash'));
  }
}

/** The requests of a claim, and the alternatives that each of them lists. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

const noAlternatives: ReadonlySet<string> = new Set();

export function requestNamesOf(devices: DeviceClaim | null | undefined): RequestNames {
  const names = new Map<string, ReadonlySet<string>>();
  for (const { name = '', firstAvailable } of listOf(devices?.requests)) {
    const alternatives = listOf(firstAvailable);
    names.set(
      name,
      alternatives.length === 0 ? noAlternatives : new Set(alternatives.map((alternative) => alternative.name ?? '')),
    );
  }
  return names;
}

const unknownRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** `request` or `request/subrequest`, of the same claim. */
export function checkRequestReference(errors: FieldError[], path: Path, name: string, names: RequestNames): void {
  const segments = name.split('/');
  if (segments.length > 2) {
    errors.push(path.invalid(name, unknownRequest));
    return;
  }
  for (const segment of segments) checkDeviceName(errors, path, segment);
  const [request = '', alternative] = segments;
  const alternatives = names.get(request);
  const isKnown = alternatives !== undefined && (alternative === undefined || alternatives.has(alternative));
  if (!isKnown) errors.push(path.invalid(name, unknownRequest));
}
