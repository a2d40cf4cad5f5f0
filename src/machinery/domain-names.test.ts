import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as domains from './domain-names.ts';
import { root } from './field-error.ts';
import type { FieldError, Path } from './field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';

function check(validate: (path: Path, value: string) => FieldError[], value: string, ...expected: string[]): void {
  assert.deepEqual(validate(root('x'), value).map(String), expected, value);
}

test('names and domain names need enough parts', () => {
  check(domains.validateFullyQualifiedName, 'a.example.com');
  check(domains.validateFullyQualifiedName, '', 'x: Required value');
  check(
    domains.validateFullyQualifiedName,
    'example.com',
    'x: Invalid value: "example.com": should be a domain with at least three segments separated by dots',
  );
  check(domains.validateFullyQualifiedDomainName, 'example.com.');
  check(
    domains.validateFullyQualifiedDomainName,
    'local',
    'x: Invalid value: "local": should be a domain with at least two segments separated by dots',
  );
  const long = 'a'.repeat(64);
  check(
    domains.validateFullyQualifiedDomainName,
    `${long}.com`,
    `x: Invalid value: "${long}": ${isDNS1123Label(long).join()}`,
  );
  check(
    domains.validateFullyQualifiedDomainName,
    'A.b',
    `x: Invalid value: "A.b": ${isDNS1123Subdomain('A.b').join()}`,
  );
});

test('paths and keys need a domain before them', () => {
  check(domains.validateDomainPrefixedPath, 'acme.io/foo/bar');
  for (const bad of ['acme.io', 'acme.io/', '/foo']) {
    check(
      domains.validateDomainPrefixedPath,
      bad,
      `x: Invalid value: "${bad}": must be a domain-prefixed path (such as "acme.io/foo")`,
    );
  }
  check(
    domains.validateDomainPrefixedPath,
    'acme.io/a b',
    `x: Invalid value: "a b": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
  );
  check(domains.validateDomainPrefixedKey, 'acme.io/foo');
  check(domains.validateDomainPrefixedKey, '', 'x: Required value');
  check(
    domains.validateDomainPrefixedKey,
    'foo',
    'x: Invalid value: "foo": must be a domain-prefixed key (such as "acme.io/foo")',
  );
  check(
    domains.validateDomainPrefixedKey,
    '/',
    'x: Invalid value: "/": prefix part must be non-empty',
    'x: Invalid value: "/": name part must be non-empty',
    `x: Invalid value: "/": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  );
});
