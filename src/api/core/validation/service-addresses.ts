/** What clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy of a Service must say, each and together. */
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { parseWrittenIP } from '../../../machinery/ip-address.ts';
import { validateIPForLegacyField } from '../../../machinery/network-validation.ts';
import type { ServiceSpec } from '../../types/core.v1.ts';

export const noClusterIP = 'None';
const families: ReadonlySet<string> = new Set(['IPv4', 'IPv6']);
const policies: ReadonlySet<string> = new Set(['PreferDualStack', 'RequireDualStack', 'SingleStack']);

const clusterIPsPath = root('spec').child('clusterIPs');
const ipFamiliesPath = root('spec').child('ipFamilies');
const ipFamilyPolicyPath = root('spec').child('ipFamilyPolicy');

export function isHeadless({ clusterIPs }: ServiceSpec): boolean {
  return clusterIPs?.length === 1 && clusterIPs[0] === noClusterIP;
}

/** The family of an address that is written well; undefined for any other text. */
export function ipFamilyOf(address: string): 'IPv4' | 'IPv6' | undefined {
  const ip = parseWrittenIP(address);
  if (ip === undefined) return undefined;
  return ip.family === 4 ? 'IPv4' : 'IPv6';
}

/** Upstream's ValidateServiceClusterIPsRelatedFields: it is asked before addresses are given out, too. */
export function validateServiceAddresses(spec: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  validateFirstClusterIP(spec, errors);
  validateFamilies(spec, errors);
  if (!validateClusterIPs(spec, old, errors)) return errors;
  const { clusterIPs = [] } = spec;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(ipFamilyOf)).size < 2) {
    errors.push(clusterIPsPath.invalid(clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  if (!isHeadless(spec)) validateFamiliesOfClusterIPs(spec, errors);
  return errors;
}

function validateFirstClusterIP({ clusterIP, clusterIPs = [] }: ServiceSpec, errors: FieldError[]): void {
  if (!clusterIP) {
    if (clusterIPs.length === 0) return;
    errors.push(clusterIPsPath.invalid(clusterIPs, 'must be empty when `clusterIP` is not specified'));
  } else if (clusterIPs.length === 0) errors.push(clusterIPsPath.required());
  else if (clusterIPs[0] !== clusterIP) {
    errors.push(clusterIPsPath.invalid(clusterIPs, 'first value must match `clusterIP`'));
  }
}

function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const [index, family] of ipFamilies.entries()) {
    if (!families.has(family)) errors.push(ipFamiliesPath.index(index).notSupported(family, families));
    if (seen.has(family)) errors.push(ipFamiliesPath.index(index).duplicate(family));
    seen.add(family);
  }
  if (ipFamilyPolicy === undefined || ipFamilyPolicy === null || policies.has(ipFamilyPolicy)) return;
  errors.push(ipFamilyPolicyPath.notSupported(ipFamilyPolicy, policies));
}

/** False when an address is none: what is wrong with the families would only confuse. */
function validateClusterIPs(
  { clusterIPs = [] }: ServiceSpec,
  old: ServiceSpec | undefined,
  errors: FieldError[],
): boolean {
  let areValid = true;
  for (const [index, clusterIP] of clusterIPs.entries()) {
    if (index === 0 && clusterIP === noClusterIP) {
      if (clusterIPs.length === 1) continue;
      areValid = false;
      errors.push(clusterIPsPath.invalid(clusterIPs, "'None' must be the first and only value"));
      continue;
    }
    const oldValues = old?.clusterIPs ?? [];
    const wrong = validateIPForLegacyField(clusterIPsPath.index(index), clusterIP, { strict: true, oldValues });
    areValid &&= wrong.length === 0;
    errors.push(...wrong);
  }
  if (clusterIPs.length > 2) errors.push(clusterIPsPath.invalid(clusterIPs, 'may only hold up to 2 values'));
  return areValid;
}

function validateFamiliesOfClusterIPs({ clusterIPs = [], ipFamilies = [] }: ServiceSpec, errors: FieldError[]): void {
  for (const [index, clusterIP] of clusterIPs.entries()) {
    const expected = ipFamilies[index];
    if (expected === undefined) return;
    const isIPv6 = ipFamilyOf(clusterIP) === 'IPv6';
    if (!families.has(expected) || (expected === 'IPv6') === isIPv6) continue;
    const message = `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(clusterIPsPath.index(index).invalid(clusterIP, message));
  }
}

const mayNotChange = 'may not change once set';

/** A second address may come and go, the first one stays. */
export function validateClusterIPsUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  if (isHeadless(spec) && isHeadless(old)) return [];
  const { clusterIPs = [] } = spec;
  const before = old.clusterIPs ?? [];
  const errors: FieldError[] = [];
  if (clusterIPs.length === before.length) {
    for (const [index, clusterIP] of before.entries()) {
      if (clusterIP !== clusterIPs[index]) errors.push(clusterIPsPath.index(index).invalid(clusterIPs, mayNotChange));
    }
    return errors;
  }
  if (clusterIPs.length === 0) {
    errors.push(clusterIPsPath.index(0).invalid(clusterIPs, 'primary clusterIP can not be unset'));
  } else if (before.length > 0 && clusterIPs[0] !== before[0]) {
    errors.push(clusterIPsPath.index(0).invalid(clusterIPs, mayNotChange));
  }
  if (clusterIPs.length === 1 && before.length > 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const message = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(ipFamilyPolicyPath.invalid(spec.ipFamilyPolicy, message));
  }
  return errors;
}

/** A second family may come and go, the first one stays. */
export function validateIPFamiliesUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  // A headless Service may change its families, and so may one that becomes headless or ceases to be.
  if (isHeadless(spec) || isHeadless(old)) return [];
  const { ipFamilies = [], clusterIPs = [] } = spec;
  const before = old.ipFamilies ?? [];
  const first = ipFamiliesPath.index(0);
  const errors: FieldError[] = [];
  if (ipFamilies.length === before.length) {
    for (const [index, family] of before.entries()) {
      if (family !== ipFamilies[index]) errors.push(first.invalid(ipFamilies, mayNotChange));
    }
    return errors;
  }
  const isReduced = before.length > ipFamilies.length;
  if (isReduced && clusterIPs.length === 0) {
    errors.push(first.invalid(ipFamilies, 'primary ipFamily can not be unset'));
  }
  if (ipFamilies.length > 0 && before.length > 0 && ipFamilies[0] !== before[0]) {
    // Upstream shows the addresses here.
    errors.push(first.invalid(clusterIPs, mayNotChange));
  }
  if (isReduced && ipFamilies.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const message = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    errors.push(ipFamilyPolicyPath.invalid(spec.ipFamilyPolicy, message));
  }
  return errors;
}
