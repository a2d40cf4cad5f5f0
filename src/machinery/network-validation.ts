import { parseWrittenCIDR } from './cidr.ts';
import { addressBits, formatIP, parseWrittenIP } from './ip-address.ts';
import type { FieldError, Path } from './field-error.ts';
import { quote } from './quote.ts';

/**
 * Checks and warnings for fields that hold addresses and networks, in upstream's words
 * (`k8s.io/apimachinery/pkg/util/validation`). Fields of old ("legacy") accept forms that newer ones do not.
 */

export interface LegacyFieldOptions {
  /** Refuse leading zeros, IPv4 within IPv6 and bits beyond the prefix (the feature `StrictIPCIDRValidation`). */
  readonly strict: boolean;
  /** What the stored object holds already, and may keep. */
  readonly oldValues?: readonly string[];
}

export function validateIPForLegacyField(path: Path, value: string, options: LegacyFieldOptions): FieldError[] {
  if (options.oldValues?.includes(value) === true) return [];
  const ip = parseWrittenIP(value);
  if (ip === undefined) return [path.invalid(value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  if (!options.strict) return [];
  if (ip.hasLeadingZeros) return [path.invalid(value, 'must not have leading 0s')];
  return ip.isMapped ? [path.invalid(value, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** For new fields: the canonical form only. */
export function validateIP(path: Path, value: string): FieldError[] {
  const errors = validateIPForLegacyField(path, value, { strict: true });
  const ip = parseWrittenIP(value);
  if (errors.length > 0 || ip === undefined) return errors;
  const canonical = formatIP(ip);
  return value === canonical ? [] : [path.invalid(value, `must be in canonical form (${quote(canonical)})`)];
}

/** Warnings for an address that `validateIPForLegacyField` let through. */
export function warningsForIP(path: Path, value: string): string[] {
  const ip = parseWrittenIP(value);
  if (ip === undefined) return [];
  const canonical = quote(formatIP(ip));
  if (ip.hasLeadingZeros || ip.isMapped) {
    return [`${path}: non-standard IP address ${quote(value)} is invalid: use ${canonical}`];
  }
  if (ip.family === 4 || quote(value) === canonical) return [];
  return [`${path}: IPv6 address ${quote(value)} should be in RFC 5952 canonical format (${canonical})`];
}

export function validateCIDRForLegacyField(path: Path, value: string, options: LegacyFieldOptions): FieldError[] {
  if (options.oldValues?.includes(value) === true) return [];
  const cidr = parseWrittenCIDR(value);
  if (cidr === undefined) {
    return [path.invalid(value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  }
  if (!options.strict) return [];
  if (cidr.hasLeadingZeros) return [path.invalid(value, 'must not have leading 0s in IP or prefix length')];
  if (cidr.address.isMapped) return [path.invalid(value, 'must not have an IPv4-mapped IPv6 address')];
  if (cidr.network.base !== cidr.address.value) {
    return [path.invalid(value, 'must not have bits set beyond the prefix length')];
  }
  return [];
}

/** For new fields: the canonical form only. */
export function validateCIDR(path: Path, value: string): FieldError[] {
  const errors = validateCIDRForLegacyField(path, value, { strict: true });
  const canonical = parseWrittenCIDR(value)?.network.toString();
  if (errors.length > 0 || canonical === undefined || value === canonical) return errors;
  return [path.invalid(value, `must be in canonical form (${quote(canonical)})`)];
}

/** Warnings for a network that `validateCIDRForLegacyField` let through. */
export function warningsForCIDR(path: Path, value: string): string[] {
  const cidr = parseWrittenCIDR(value);
  if (cidr === undefined) return [];
  const { address, network } = cidr;
  const canonical = quote(network.toString());
  const warnings: string[] = [];
  if (network.family !== address.family || network.base !== address.value) {
    const single = `${formatIP(address)}/${address.isMapped ? 128 : addressBits(address.family)}`;
    warnings.push(
      `${path}: CIDR value ${quote(value)} is ambiguous in this context (should be ${canonical} or ${quote(single)}?)`,
    );
  }
  if (cidr.hasLeadingZeros || address.isMapped) {
    warnings.push(`${path}: non-standard CIDR value ${quote(value)} is invalid: use ${canonical}`);
  }
  if (warnings.length === 0 && address.family === 6 && quote(value) !== canonical) {
    warnings.push(`${path}: IPv6 CIDR value ${quote(value)} should be in RFC 5952 canonical format (${canonical})`);
  }
  return warnings;
}

/** An address with the length of its network's prefix, such as `192.168.1.5/24`. */
export function validateInterfaceAddress(path: Path, value: string): FieldError[] {
  const cidr = parseWrittenCIDR(value);
  if (cidr === undefined) {
    return [path.invalid(value, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')];
  }
  const { address, prefixLength } = cidr;
  const length = address.isMapped && prefixLength > 32 ? prefixLength - 96 : prefixLength;
  const canonical = `${formatIP(address)}/${length}`;
  return value === canonical ? [] : [path.invalid(value, `must be in canonical form (${quote(canonical)})`)];
}
