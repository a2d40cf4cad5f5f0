import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuthenticationConfiguration, JWTAuthenticator } from '../../../api/types/apiserver-config.v1.ts';
import { AuthenticationError } from '../authentication-error.ts';
import { userOfClaims } from './claim-mapping.ts';
import { parseConfiguration } from './configuration-file.ts';
import { validateConfiguration } from './validation.ts';

const base: JWTAuthenticator = {
  issuer: { url: 'https://issuer.example.org', audiences: ['a'] },
  claimMappings: { username: { claim: 'sub', prefix: '' } },
};
const ours = ['https://ours.example.org'];

function problemsOf(...jwt: readonly JWTAuthenticator[]): string[] {
  const validated = validateConfiguration({ jwt: [...jwt] }, ours);
  return validated.ok ? [] : validated.errors.map(String);
}
const withIssuer = (issuer: object): JWTAuthenticator => ({ ...base, issuer: { ...base.issuer, ...issuer } });
const withMappings = (mappings: object): JWTAuthenticator => ({
  ...base,
  claimMappings: { ...base.claimMappings, ...mappings },
});

describe('a configuration', () => {
  test('that is right has nothing against it', () => {
    assert.deepEqual(problemsOf(), []);
    assert.deepEqual(problemsOf(base, withIssuer({ url: 'https://other.example.org' })), []);
    assert.deepEqual(
      problemsOf(
        withMappings({
          username: { expression: 'claims.email_verified ? claims.email : claims.sub' },
          groups: { expression: 'claims.roles' },
          uid: { expression: 'claims.uid' },
          extra: [{ key: 'example.org/x', valueExpression: 'claims.x' }],
        }),
      ),
      [],
    );
  });

  const cases: readonly (readonly [string, JWTAuthenticator, string])[] = [
    ['no issuer', withIssuer({ url: '' }), 'issuer.url: Required value'],
    [
      'our issuer',
      withIssuer({ url: ours[0] }),
      'issuer.url: Invalid value: "https://ours.example.org": URL must not overlap with disallowed issuers: [https://ours.example.org]',
    ],
    ['no https', withIssuer({ url: 'http://x' }), 'issuer.url: Invalid value: "http://x": URL scheme must be https'],
    [
      'a user',
      withIssuer({ url: 'https://a:b@x' }),
      'issuer.url: Invalid value: "https://a:b@x": URL must not contain a username or password',
    ],
    [
      'a query',
      withIssuer({ url: 'https://x?y=z' }),
      'issuer.url: Invalid value: "https://x?y=z": URL must not contain a query',
    ],
    [
      'a fragment',
      withIssuer({ url: 'https://x#y' }),
      'issuer.url: Invalid value: "https://x#y": URL must not contain a fragment',
    ],
    [
      'the same for discovery',
      withIssuer({ discoveryURL: 'https://issuer.example.org/' }),
      'issuer.discoveryURL: Invalid value: "https://issuer.example.org/": discoveryURL must be different from URL',
    ],
    [
      'no audience',
      withIssuer({ audiences: [] }),
      'issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required',
    ],
    ['an empty audience', withIssuer({ audiences: [''] }), 'issuer.audiences[0]: Required value'],
    [
      'many without a policy',
      withIssuer({ audiences: ['a', 'b'] }),
      'issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
    ],
    [
      'another policy',
      withIssuer({ audienceMatchPolicy: 'All' }),
      'issuer.audienceMatchPolicy: Invalid value: "All": audienceMatchPolicy must be empty or MatchAny for single audience',
    ],
    [
      'an egress selector',
      withIssuer({ egressSelectorType: 'cluster' }),
      'issuer.egressSelectorType: Invalid value: "cluster": egress selectors are not implemented',
    ],
    [
      'no username',
      withMappings({ username: {} }),
      'claimMappings.username: Required value: claim or expression is required',
    ],
    [
      'two usernames',
      withMappings({ username: { claim: 'a', expression: 'b' } }),
      'claimMappings.username: Invalid value: "": claim and expression can\'t both be set',
    ],
    [
      'no prefix',
      withMappings({ username: { claim: 'a' } }),
      'claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
    ],
    [
      'a prefix of an expression',
      withMappings({ groups: { expression: 'claims.g', prefix: 'x' } }),
      'claimMappings.groups.prefix: Invalid value: "x": may not be specified when expression is set',
    ],
    [
      'a key of ours',
      withMappings({ extra: [{ key: 'x.k8s.io/y', valueExpression: 'claims.x' }] }),
      'claimMappings.extra[0].key: Invalid value: "x.k8s.io/y": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
    ],
    [
      'a key in capitals',
      withMappings({ extra: [{ key: 'a.io/B', valueExpression: 'claims.x' }] }),
      'claimMappings.extra[0].key: Invalid value: "a.io/B": must be lowercase',
    ],
    [
      'no expression',
      withMappings({ extra: [{ key: 'a.io/b', valueExpression: '' }] }),
      'claimMappings.extra[0].valueExpression: Required value',
    ],
    [
      'a rule of both kinds',
      { ...base, claimValidationRules: [{ claim: 'a', expression: 'b' }] },
      'claimValidationRules[0]: Invalid value: "a": claim and expression can\'t both be set',
    ],
    [
      'a rule of none',
      { ...base, claimValidationRules: [{}] },
      'claimValidationRules[0]: Required value: claim or expression is required',
    ],
    [
      'a message of a claim',
      { ...base, claimValidationRules: [{ claim: 'a', message: 'm' }] },
      'claimValidationRules[0].message: Invalid value: "m": may not be specified when claim is set',
    ],
    [
      'a value of an expression',
      { ...base, claimValidationRules: [{ expression: 'true', requiredValue: 'v' }] },
      'claimValidationRules[0].requiredValue: Invalid value: "v": may not be specified when expression is set',
    ],
    [
      'a rule that is no truth',
      { ...base, claimValidationRules: [{ expression: "'a'" }] },
      'claimValidationRules[0].expression: Invalid value: "\'a\'": must evaluate to bool',
    ],
    [
      'no user rule',
      { ...base, userValidationRules: [{ expression: '' }] },
      'userValidationRules[0].expression: Required value',
    ],
  ];
  for (const [name, authenticator, problem] of cases) {
    test(`is refused for ${name}`, () => {
      assert.deepEqual(problemsOf(authenticator), [`jwt[0].${problem}`]);
    });
  }

  test('is refused for what is there twice, and for too many', () => {
    assert.deepEqual(problemsOf(base, base), ['jwt[1].issuer.url: Duplicate value: "https://issuer.example.org"']);
    const rules = { ...base, userValidationRules: [{ expression: 'true' }, { expression: 'true' }] };
    assert.deepEqual(problemsOf(rules), ['jwt[0].userValidationRules[1].expression: Duplicate value: "true"']);
    assert.match(problemsOf(...Array.from({ length: 65 }, () => base)).join(), /^jwt: Too many: 65/);
  });

  test('is refused for expressions that cannot be compiled, or read what there is not', () => {
    const [syntax = ''] = problemsOf(withMappings({ username: { expression: 'claims.' } }));
    assert.match(
      syntax,
      /^jwt\[0\]\.claimMappings\.username\.expression: Invalid value: "claims\.": compilation failed: ERROR/,
    );
    const [unknown = ''] = problemsOf({ ...base, userValidationRules: [{ expression: 'user.nope == 1' }] });
    assert.match(unknown, /undefined field 'nope'/);
    const [other = ''] = problemsOf({ ...base, userValidationRules: [{ expression: 'claims.sub == 1' }] });
    assert.match(other, /undeclared reference to 'claims'/);
  });

  test('may not take an address for a name without a look at whether it is verified', () => {
    const email = (expression: string, rest: object = {}): string[] =>
      problemsOf({ ...withMappings({ username: { expression } }), ...rest });
    for (const expression of [
      'claims.email',
      "claims.?email.orValue('x')",
      '[claims.email][0]',
      '{1: claims.email}[1]',
    ]) {
      assert.match(email(expression).join(), /claims\.email_verified must be used/, expression);
      assert.deepEqual(
        email(expression, { claimValidationRules: [{ expression: 'claims.?email_verified.orValue(true) == true' }] }),
        [],
        expression,
      );
    }
    assert.deepEqual(email('claims.sub + "email"'), []);
  });

  test('may say conditions of anonymous requests only when it lets them in', () => {
    const refused: AuthenticationConfiguration = {
      jwt: [],
      anonymous: { enabled: false, conditions: [{ path: '/x' }] },
    };
    const validated = validateConfiguration(refused, []);
    assert.ok(!validated.ok);
    assert.match(validated.errors.map(String).join(), /^anonymous\.conditions: .*enabled should be set to true/);
  });
});

describe('a file', () => {
  test('is read in each version, strictly', () => {
    for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
      const text = `apiVersion: apiserver.config.k8s.io/${version}\nkind: AuthenticationConfiguration\njwt: []\n`;
      assert.deepEqual(parseConfiguration(text), { jwt: [] });
    }
    const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';
    assert.throws(
      () => parseConfiguration(`${head}jwt: [{issuer: {urll: x}}]`),
      /unknown field "jwt\[0\]\.issuer\.urll"/,
    );
    assert.throws(() => parseConfiguration(`${head}jwt: []\njwt: []`), /jwt/);
    assert.throws(() => parseConfiguration(`${head}jwt: 7`), /cannot unmarshal number/);
    assert.throws(() => parseConfiguration('[]'), /no object/);
    assert.throws(
      () => parseConfiguration('kind: Pod\napiVersion: v1'),
      /no kind "Pod" is registered for version "v1"/,
    );
  });
});

describe('claims', () => {
  const userOf = (mappings: object, claims: object): unknown => {
    const validated = validateConfiguration({ jwt: [withMappings(mappings)] }, []);
    assert.ok(validated.ok, validated.ok ? '' : validated.errors.join());
    const [issuer] = validated.issuers;
    assert.ok(issuer !== undefined);
    return userOfClaims(issuer.mapping, { sub: 'jane', ...claims });
  };

  test('name a user, with a prefix or by an expression', () => {
    assert.deepEqual(userOf({ username: { claim: 'sub', prefix: 'p:' } }, {}), { username: 'p:jane', groups: [] });
    const groups = { groups: { claim: 'g', prefix: 'p:' } };
    assert.deepEqual(userOf(groups, {}), { username: 'jane', groups: [] });
    assert.deepEqual(userOf(groups, { g: 'a' }), { username: 'jane', groups: ['p:a'] });
    assert.deepEqual(userOf(groups, { g: ['a', 'b'] }), { username: 'jane', groups: ['p:a', 'p:b'] });
    assert.deepEqual(userOf({ groups: { expression: 'null' } }, {}), { username: 'jane', groups: [] });
    const extra = [
      { key: 'a.io/one', valueExpression: "['x', '', 'y']" },
      { key: 'a.io/none', valueExpression: "''" },
    ];
    assert.deepEqual(userOf({ extra }, {}), { username: 'jane', groups: [], extra: { 'a.io/one': ['x', 'y'] } });
  });

  test('of an address that is not verified name nobody', () => {
    const email = { username: { claim: 'email', prefix: '' } };
    assert.deepEqual(userOf(email, { email: 'j@x' }), { username: 'j@x', groups: [] });
    assert.deepEqual(userOf(email, { email: 'j@x', email_verified: true }), { username: 'j@x', groups: [] });
    for (const verified of [false, 'true', null]) {
      assert.throws(() => userOf(email, { email: 'j@x', email_verified: verified }), AuthenticationError);
    }
  });

  test('that are not what they should be name nobody', () => {
    for (const [mappings, claims] of [
      [{}, { sub: 7 }],
      [{}, { sub: undefined }],
      [{ username: { claim: 'constructor', prefix: '' } }, {}],
      [{ username: { expression: "''" } }, {}],
      [{ username: { expression: '7' } }, {}],
      [{ groups: { claim: 'g', prefix: '' } }, { g: { a: 1 } }],
      [{ groups: { expression: '[1]' } }, {}],
      [{ uid: { claim: 'u' } }, {}],
      [{ uid: { expression: '1' } }, {}],
    ] as const) {
      assert.throws(() => userOf(mappings, claims), AuthenticationError, JSON.stringify([mappings, claims]));
    }
  });
});
