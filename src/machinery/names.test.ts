import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import * as names from './names.ts';

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const key =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** What upstream answers. */
const answers: [rule: names.NameRule, value: string, sentences: string[]][] = [
  [names.isDNS1123Label, 'my-name-1', []],
  [names.isDNS1123Label, 'a'.repeat(63), []],
  [names.isDNS1123Label, 'a'.repeat(64), ['must be no more than 63 characters']],
  [names.isDNS1123Label, 'a.b', ['must not contain dots']],
  [names.isDNS1123Label, 'My_Name', [label]],
  [names.isDNS1123Label, '', [label]],
  [names.isDNS1123Label, 'a\n', [label]],
  [names.isDNS1123Label, 'é'.repeat(32), ['must be no more than 63 characters', label]],
  [names.isDNS1123Subdomain, 'a.b-c.d1', []],
  [names.isDNS1123Subdomain, 'a..b', [subdomain]],
  [names.isDNS1123Subdomain, 'a'.repeat(254), ['must be no more than 253 characters']],
  [names.isDNS1123SubdomainWithUnderscore, '_tcp.my_app', []],
  [names.isDNS1035Label, 'a1', []],
  [
    names.isDNS1035Label,
    '1a',
    [
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [names.isWildcardDNS1123Subdomain, '*.example.com', []],
  [
    names.isWildcardDNS1123Subdomain,
    '*.*.com',
    [
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [names.isQualifiedName, 'app', []],
  [names.isQualifiedName, 'app.kubernetes.io/name', []],
  [
    names.isQualifiedName,
    'a/b/c',
    [`a valid label key ${key} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
  ],
  [names.isQualifiedName, '/a', ['prefix part must be non-empty']],
  [names.isQualifiedName, 'UP/a', [`prefix part ${subdomain}`]],
  [names.isQualifiedName, 'a/', ['name part must be non-empty', `name part ${key}`]],
  [names.isQualifiedName, `a/${'b'.repeat(64)}`, ['name part must be no more than 63 bytes']],
  [names.isLabelValue, '', []],
  [names.isLabelValue, 'v1.2_3-x', []],
  [names.isLabelValue, 'a'.repeat(64), ['must be no more than 63 bytes']],
  [
    names.isLabelValue,
    '-x',
    [
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [names.isCIdentifier, '_a1', []],
  [
    names.isCIdentifier,
    '1a',
    [
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')",
    ],
  ],
  [names.isPercent, '50%', []],
  [
    names.isPercent,
    '50',
    [
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [names.isHTTPHeaderName, 'X-Token', []],
  [
    names.isHTTPHeaderName,
    'X Token',
    [
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ],
  ],
  [names.isPortName, 'http-alt', []],
  [
    names.isPortName,
    '-1--2-',
    [
      'must contain at least one letter (a-z)',
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ],
  ],
  [
    names.isPortName,
    'LONG_name_of_a_port',
    ['must be no more than 15 characters', 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
  ],
  [
    names.isPortName,
    '',
    [
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
    ],
  ],
  [names.isEnvVarName, 'MY_ENV.NAME', []],
  [names.isEnvVarName, '..a', ["must not start with '..'"]],
  [
    names.isEnvVarName,
    '1A',
    [
      "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
    ],
  ],
  [names.isRelaxedEnvVarName, '1 odd:name!', []],
  [names.isRelaxedEnvVarName, '', ['environment variable name must be non-empty']],
  [
    names.isRelaxedEnvVarName,
    'a=b',
    ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
  ],
  [names.isConfigMapKey, 'app.properties', []],
  [names.isConfigMapKey, '.', ["must not be '.'"]],
  [names.isConfigMapKey, '..', ["must not be '..'"]],
  [
    names.isConfigMapKey,
    'a/b',
    [
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
  [names.isPathSegmentName, 'system:node', []],
  [names.isPathSegmentName, '..', ["may not be '..'"]],
  [names.isPathSegmentName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
  [names.isPathSegmentPrefix, '..', []],
];

test('says upstream’s sentences', () => {
  for (const [rule, value, sentences] of answers) assert.deepEqual(rule(value), sentences, value);
});

describe('agrees with a reading of the rules character by character', () => {
  const isAlphanumeric = (character: string | undefined): boolean => /^[a-z0-9]$/.test(character ?? '');
  const isLabel = (value: string): boolean =>
    value !== '' &&
    [...value].every((character) => isAlphanumeric(character) || character === '-') &&
    isAlphanumeric(value[0]) &&
    isAlphanumeric(value.at(-1));
  const text = fc.string({ unit: fc.constantFrom(...'ab01-.A_*/ é'), maxLength: 12 });

  test('labels and subdomains', () => {
    fc.assert(
      fc.property(text, (value) => {
        assert.equal(names.isDNS1123Label(value).length === 0, isLabel(value));
        assert.equal(names.isDNS1123Subdomain(value).length === 0, value.split('.').every(isLabel));
        assert.equal(names.isDNS1035Label(value).length === 0, isLabel(value) && /^[a-z]/.test(value));
        const isWildcard = value.startsWith('*.') && value.slice(2).split('.').every(isLabel);
        assert.equal(names.isWildcardDNS1123Subdomain(value).length === 0, isWildcard);
      }),
      { numRuns: 500 },
    );
  });

  test('keys and values of labels', () => {
    const isName = (value: string): boolean =>
      value !== '' &&
      [...value].every((character) => isAlphanumeric(character.toLowerCase()) || '-_.'.includes(character)) &&
      isAlphanumeric(value[0]?.toLowerCase()) &&
      isAlphanumeric(value.at(-1)?.toLowerCase());
    fc.assert(
      fc.property(text, (value) => {
        const parts = value.split('/');
        const isKey =
          (parts.length === 1 && isName(value)) ||
          (parts.length === 2 && (parts[0] ?? '').split('.').every(isLabel) && isName(parts[1] ?? ''));
        assert.equal(names.isQualifiedName(value).length === 0, isKey);
        assert.equal(names.isLabelValue(value).length === 0, value === '' || isName(value));
      }),
      { numRuns: 500 },
    );
  });
});

test('a very long name is refused quickly', () => {
  const long = `${'a-'.repeat(500_000)}!`;
  const startMs = performance.now();
  for (const [rule] of answers) rule(long);
  assert.ok(performance.now() - startMs < 2000);
});

test('a prefix for generated names may end in a dash', () => {
  const rule = names.asPrefix(names.isDNS1123Label);
  assert.deepEqual(rule('web-'), []);
  assert.deepEqual(rule('web'), []);
  assert.deepEqual(rule('-'), [label]);
  assert.deepEqual(rule('Web-'), [label]);
});

test('numbers keep to their ranges', () => {
  assert.deepEqual(names.isPortNumber(65535), []);
  assert.deepEqual(names.isPortNumber(0), ['must be between 1 and 65535, inclusive']);
  assert.deepEqual(names.isUserID(2 ** 31), ['must be between 0 and 2147483647, inclusive']);
});
