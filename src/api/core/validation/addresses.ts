import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { parseWrittenIP } from '../../../machinery/ip-address.ts';

const loopback6 = 1n;

/** Refuses addresses that lead nowhere, or to the node itself: for endpoints and external addresses. */
export function validateNonSpecialIP(address: string, path: Path): FieldError[] {
  const ip = parseWrittenIP(address);
  if (ip === undefined) return [path.invalid(address, 'must be a valid IP address')];
  const { family, value } = ip;
  const isIPv4 = family === 4;
  const errors: FieldError[] = [];
  if (value === 0n) errors.push(path.invalid(address, `may not be unspecified (${address})`));
  if (isIPv4 ? value >> 24n === 127n : value === loopback6) {
    errors.push(path.invalid(address, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  }
  if (isIPv4 ? value >> 16n === 0xa9fen : value >> 118n === 0xfe80n >> 6n) {
    errors.push(path.invalid(address, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  }
  if (isIPv4 ? value >> 8n === 0xe00000n : ((value >> 112n) & 0xff0fn) === 0xff02n) {
    errors.push(path.invalid(address, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  }
  return errors;
}
