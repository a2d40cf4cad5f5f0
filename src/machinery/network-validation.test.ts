import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root } from './field-error.ts';
import * as validation from './network-validation.ts';

const path = root('spec').child('x');
const strict = { strict: true };

function check(errors: readonly { toString(): string }[], ...expected: string[]): void {
  assert.deepEqual(errors.map(String), expected);
}

test('addresses', () => {
  check(validation.validateIP(path, '2001:db8::1'));
  check(
    validation.validateIP(path, '2001:DB8::1'),
    'spec.x: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")',
  );
  check(
    validation.validateIP(path, 'x'),
    'spec.x: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  );
  check(validation.validateIPForLegacyField(path, '2001:DB8::1', strict));
  check(
    validation.validateIPForLegacyField(path, '010.0.0.1', strict),
    'spec.x: Invalid value: "010.0.0.1": must not have leading 0s',
  );
  check(
    validation.validateIPForLegacyField(path, '::ffff:1.2.3.4', strict),
    'spec.x: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
  );
  check(validation.validateIPForLegacyField(path, '010.0.0.1', { strict: false }));
  check(validation.validateIPForLegacyField(path, '010.0.0.1', { strict: true, oldValues: ['010.0.0.1'] }));
  check(validation.warningsForIP(path, '10.0.0.1'));
  check(
    validation.warningsForIP(path, '010.0.0.1'),
    'spec.x: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
  );
  check(
    validation.warningsForIP(path, '1::0'),
    'spec.x: IPv6 address "1::0" should be in RFC 5952 canonical format ("1::")',
  );
});

test('networks', () => {
  check(validation.validateCIDR(path, '10.0.0.0/8'));
  check(
    validation.validateCIDR(path, 'FD00::/8'),
    'spec.x: Invalid value: "FD00::/8": must be in canonical form ("fd00::/8")',
  );
  check(
    validation.validateCIDR(path, '10.0.0.0'),
    'spec.x: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  );
  check(
    validation.validateCIDRForLegacyField(path, '10.0.0.0/08', strict),
    'spec.x: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length',
  );
  check(
    validation.validateCIDRForLegacyField(path, '::ffff:10.0.0.0/104', strict),
    'spec.x: Invalid value: "::ffff:10.0.0.0/104": must not have an IPv4-mapped IPv6 address',
  );
  check(
    validation.validateCIDRForLegacyField(path, '10.0.0.1/8', strict),
    'spec.x: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
  );
  check(validation.validateCIDRForLegacyField(path, '10.0.0.1/8', { strict: false }));
  check(validation.warningsForCIDR(path, '10.0.0.0/8'));
  check(
    validation.warningsForCIDR(path, '10.0.0.1/08'),
    'spec.x: CIDR value "10.0.0.1/08" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    'spec.x: non-standard CIDR value "10.0.0.1/08" is invalid: use "10.0.0.0/8"',
  );
  check(
    validation.warningsForCIDR(path, 'FD00::/8'),
    'spec.x: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")',
  );
});

test('addresses of interfaces', () => {
  check(validation.validateInterfaceAddress(path, '192.168.1.5/24'));
  check(
    validation.validateInterfaceAddress(path, '::ffff:192.168.0.1/120'),
    'spec.x: Invalid value: "::ffff:192.168.0.1/120": must be in canonical form ("192.168.0.1/24")',
  );
  check(
    validation.validateInterfaceAddress(path, '1.2.3.4'),
    'spec.x: Invalid value: "1.2.3.4": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
  );
});
