import { parseWrittenCIDR } from '../../../machinery/cidr.ts';
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { isDNS1123Subdomain, isPathSegmentName } from '../../../machinery/names.ts';
import { validateCIDR, validateIP } from '../../../machinery/network-validation.ts';
import { fieldIsImmutable, listOf, validateByRule, validateImmutable } from '../../field-rules.ts';
import type { IPAddress, ServiceCIDR } from '../../types/networking.v1.ts';

const parentPath = root('spec').child('parentRef');
const cidrsPath = root('spec').child('cidrs');
const maxCIDRs = 2;

/** The name of an IPAddress is the address, in canonical form. */
export function validateIPAddressName(name: string): string[] {
  return validateIP(root('metadata'), name).map(({ detail }) => detail);
}

export function validateIPAddress({ spec }: IPAddress): FieldError[] {
  const parent = spec?.parentRef ?? undefined;
  if (parent === undefined) return [parentPath.required()];
  const errors: FieldError[] = [];
  const { group = '', resource = '', name = '', namespace = '' } = parent;
  if (group !== '') validateByRule(isDNS1123Subdomain, group, parentPath.child('group'), errors);
  if (resource === '') errors.push(parentPath.child('resource').required());
  else validateByRule(isPathSegmentName, resource, parentPath.child('resource'), errors);
  if (name === '') errors.push(parentPath.child('name').required());
  else validateByRule(isPathSegmentName, name, parentPath.child('name'), errors);
  if (namespace !== '') validateByRule(isPathSegmentName, namespace, parentPath.child('namespace'), errors);
  return errors;
}

export function validateIPAddressUpdate(address: IPAddress, old: IPAddress): FieldError[] {
  const errors: FieldError[] = [];
  validateImmutable(address.spec?.parentRef, old.spec?.parentRef, parentPath, errors);
  return errors;
}

export function validateServiceCIDR({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = listOf(spec?.cidrs);
  // Upstream prints its internal type here, whose field has Go's name.
  const shown = { CIDRs: cidrs };
  if (cidrs.length === 0) return [cidrsPath.required('at least one CIDR required')];
  if (cidrs.length > maxCIDRs) return [cidrsPath.invalid(shown, 'may only hold up to 2 values')];
  if (cidrs.length === 2) {
    const families = cidrs.map((cidr) => parseWrittenCIDR(cidr)?.network.family);
    if (families.includes(undefined) || families[0] === families[1]) {
      const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
      return [cidrsPath.invalid(shown, detail)];
    }
  }
  return cidrs.flatMap((cidr, index) => validateCIDR(cidrsPath.index(index), cidr));
}

/** Networks stay, but a second one may join the first: a cluster may become dual-stack. */
export function validateServiceCIDRUpdate(serviceCIDR: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const cidrs = listOf(serviceCIDR.spec?.cidrs);
  const stored = listOf(old.spec?.cidrs);
  const grows = stored.length === 1 && cidrs.length === 2;
  if (cidrs.length !== stored.length && !grows) return [cidrsPath.invalid(cidrs, fieldIsImmutable)];
  const errors: FieldError[] = [];
  stored.forEach((cidr, index) => {
    if (cidr !== cidrs[index]) errors.push(cidrsPath.index(index).invalid(cidrs[index], fieldIsImmutable));
  });
  if (grows) errors.push(...validateServiceCIDR(serviceCIDR));
  return errors;
}
