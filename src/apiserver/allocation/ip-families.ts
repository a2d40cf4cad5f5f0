/**
 * Which IP families a Service is of: what the user left open is settled by the cluster's networks and by the policy
 * (KEP-563).
 */
import { ipFamilyOf, noClusterIP, validateServiceAddresses } from '../../api/core/validation/service-addresses.ts';
import type { ServiceSpec } from '../../api/types/core.v1.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../machinery/field-error.ts';
import type { IPFamily } from './address-range.ts';

const clusterIPsPath = root('spec').child('clusterIPs');
const ipFamiliesPath = root('spec').child('ipFamilies');
const policyPath = root('spec').child('ipFamilyPolicy');

/** A PreferDualStack Service is left as it is when the cluster changes: only its user gives it another address. */
export function isUnchangedPreference(spec: ServiceSpec, old: ServiceSpec | undefined): boolean {
  if (old === undefined || old.type !== spec.type || spec.type === 'ExternalName') return false;
  if (spec.ipFamilyPolicy !== 'PreferDualStack' || (old.ipFamilyPolicy ?? 'PreferDualStack') !== 'PreferDualStack') {
    return false;
  }
  return isSame(spec, old, 'clusterIPs') && isSame(spec, old, 'ipFamilies');
}

function isSame(spec: ServiceSpec, old: ServiceSpec, field: 'clusterIPs' | 'ipFamilies'): boolean {
  return semanticDeepEqual(spec[field], old[field]);
}

/** Headless and without a selector: addresses of any family may be behind it. */
function isFree({ clusterIP, selector }: ServiceSpec): boolean {
  return clusterIP === noClusterIP && Object.keys(selector ?? {}).length === 0;
}

/**
 * Fills `ipFamilyPolicy` and `ipFamilies`; returns what is wrong with them.
 * @param configured The families of the cluster's service networks, the default one first.
 */
export function settleFamilies(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  configured: readonly IPFamily[],
): FieldError[] {
  if (spec.type === 'ExternalName' || isUnchangedPreference(spec, old)) return [];
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (isFree(spec) ? 'RequireDualStack' : 'SingleStack');
  const malformed = validateServiceAddresses(spec, old);
  if (malformed.length > 0) return malformed;
  const errors: FieldError[] = [];
  if (old !== undefined) followPolicy(spec, old, errors);
  checkPolicy(spec, errors);
  inferFamilies(spec, configured, errors);
  if (errors.length > 0) return errors;
  const [first = 'IPv4'] = configured;
  const families = spec.ipFamilies ?? [];
  if (isFree(spec)) {
    spec.ipFamilies = families.length > 0 ? families : [first];
    if (spec.ipFamilyPolicy !== 'SingleStack') addOtherFamily(spec.ipFamilies);
    return [];
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2) {
    errors.push(policyPath.invalid(spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  }
  for (const [index, family] of families.entries()) {
    if (configured.includes(family as IPFamily)) continue;
    errors.push(ipFamiliesPath.index(index).invalid(family, 'not configured on this cluster'));
  }
  if (errors.length > 0) return errors;
  spec.ipFamilies = families.length > 0 ? families : [first];
  if (spec.ipFamilyPolicy !== 'SingleStack' && configured.length === 2) addOtherFamily(spec.ipFamilies);
  return [];
}

function addOtherFamily(families: string[]): void {
  if (families.length === 1) families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4');
}

/** To become single-stack is to give the second address and family back, and nothing else gives them back. */
function followPolicy(spec: ServiceSpec, old: ServiceSpec, errors: FieldError[]): void {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (isSame(spec, old, 'clusterIPs') && spec.clusterIPs) spec.clusterIPs = spec.clusterIPs.slice(0, 1);
    if (isSame(spec, old, 'ipFamilies') && spec.ipFamilies) spec.ipFamilies = spec.ipFamilies.slice(0, 1);
    return;
  }
  if (isReduced(spec.clusterIPs, old.clusterIPs)) {
    const message = "must be 'SingleStack' to release the secondary cluster IP";
    errors.push(policyPath.invalid(spec.ipFamilyPolicy, message));
  }
  if (isReduced(spec.ipFamilies, old.ipFamilies)) {
    const message = "must be 'SingleStack' to release the secondary IP family";
    errors.push(policyPath.invalid(spec.ipFamilyPolicy, message));
  }
}

function isReduced(list: readonly string[] = [], old: readonly string[] = []): boolean {
  return list.length > 0 && list.length < old.length;
}

function checkPolicy({ ipFamilyPolicy: policy, clusterIPs, ipFamilies }: ServiceSpec, errors: FieldError[]): void {
  if (policy !== 'SingleStack') return;
  const message = (what: string): string =>
    `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  if (clusterIPs?.length === 2) errors.push(policyPath.invalid(policy, message('cluster IPs')));
  if (ipFamilies?.length === 2) errors.push(policyPath.invalid(policy, message('IP families')));
}

/** An address that the user chose says its family. */
function inferFamilies(spec: ServiceSpec, configured: readonly IPFamily[], errors: FieldError[]): void {
  const { clusterIPs = [] } = spec;
  for (const [index, clusterIP] of clusterIPs.entries()) {
    if (clusterIP === noClusterIP) return;
    if (index < (spec.ipFamilies?.length ?? 0)) continue;
    const family = ipFamilyOf(clusterIP) ?? 'IPv4';
    if (configured.includes(family)) (spec.ipFamilies ??= []).push(family);
    else errors.push(clusterIPsPath.index(index).invalid(clusterIPs, `${family} is not configured on this cluster`));
  }
}
