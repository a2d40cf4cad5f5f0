/** Options of containers on Windows. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Subdomain } from '../../../machinery/names.ts';
import type { PodSpec, WindowsSecurityContextOptions } from '../../types/core.v1.ts';
import { addInvalid } from '../../field-rules.ts';
import { containersWithPaths } from './all-containers.ts';

const maxCredentialSpecBytes = 64 * 1024;
/** A domain is shorter than this. */
const domainLengthLimit = 256;
const maxUserLength = 104;

/** Of ASCII, what is not printable. */
const controlCharacters = /[^ -~\u{80}-\u{10ffff}]/u;
const netBIOSName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`);
const onlyDotsAndSpaces = /^[. ]+$/;
const refusedInUserNames = /["/\\:;|=,+*?<>@[\]]/;

export function checkWindowsOptions(
  errors: FieldError[],
  path: Path,
  options: WindowsSecurityContextOptions | undefined,
): void {
  if (!options) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    const at = path.child('gmsaCredentialSpecName');
    addInvalid(errors, at, gmsaCredentialSpecName, isDNS1123Subdomain(gmsaCredentialSpecName));
  }
  if (gmsaCredentialSpec !== undefined) {
    const at = path.child('gmsaCredentialSpec');
    if (gmsaCredentialSpec === '') {
      errors.push(at.invalid(gmsaCredentialSpec, 'gmsaCredentialSpec cannot be an empty string'));
    } else if (Buffer.byteLength(gmsaCredentialSpec) > maxCredentialSpecBytes) {
      errors.push(at.invalid(gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'));
    }
  }
  if (runAsUserName !== undefined) {
    const at = path.child('runAsUserName');
    for (const fault of userNameFaults(runAsUserName)) errors.push(at.invalid(runAsUserName, `runAsUserName${fault}`));
  }
}

/** `DOMAIN\user` or `user`. */
function userNameFaults(name: string): string[] {
  if (name === '') return [' cannot be an empty string'];
  if (controlCharacters.test(name)) return [' cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return [' cannot contain more than one backslash'];
  const domain = parts.length === 2 ? parts[0] : undefined;
  const user = parts.at(-1) ?? '';
  const faults: string[] = [];
  if (domain !== undefined) {
    if (domain.length >= domainLengthLimit) {
      faults.push(`'s Domain length must be under ${domainLengthLimit} characters`);
    }
    if (!netBIOSName.test(domain) && !dnsName.test(domain)) {
      faults.push("'s Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === '') faults.push("'s User cannot be empty");
  else if (user.length > maxUserLength) {
    faults.push(`'s User length must not be longer than ${maxUserLength} characters`);
  }
  if (onlyDotsAndSpaces.test(user)) faults.push("'s User cannot contain only periods or spaces");
  if (refusedInUserNames.test(user)) {
    faults.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return faults;
}

/** Containers that run in the host itself: all of a Pod's or none, and on the host's network (KEP-1981). */
export function checkHostProcess(errors: FieldError[], path: Path, spec: PodSpec): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let isUsed = ofPod !== undefined;
  for (const container of spec.containers ?? []) isUsed ||= container.securityContext?.windowsOptions !== undefined;
  for (const container of spec.initContainers ?? []) isUsed ||= container.securityContext?.windowsOptions !== undefined;
  isUsed ||= spec.ephemeralContainers !== undefined;
  if (!isUsed) return;
  let [count, hostCount] = [0, 0];
  for (const { container, at } of containersWithPaths(spec, path)) {
    count++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(at().child('securityContext', 'windowsOptions', 'hostProcess').invalid(own, detail));
    }
    if (own ?? ofPod ?? false) hostCount++;
  }
  if (hostCount === 0) return;
  if (hostCount !== count) {
    const rule = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(path.invalid('', rule));
  }
  if (spec.hostNetwork !== true) {
    const rule = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(path.child('hostNetwork').invalid(false, rule));
  }
}
