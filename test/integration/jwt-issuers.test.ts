// Tokens of issuers elsewhere: AuthenticationConfiguration and the older flags, over HTTPS.
import assert from 'node:assert/strict';
import { createHmac, hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { pkiPair } from '../support/identity.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';
import { TokenIssuer } from '../support/token-issuer.ts';

interface UserInfo {
  readonly username: string;
  readonly groups: string[];
}

let home: string;
let file: string;
let issuer: TokenIssuer;
let server: TestServer;
let client: RestClient;

const indent = (text: string, by: number): string => text.replaceAll('\n', `\n${' '.repeat(by)}`);
const configuration = (rest: string, head = ''): string => `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous: {enabled: true, conditions: [{path: /livez}]}
${head}
jwt:
- issuer:
    url: ${issuer.url}
    audiences: [kubernetes, other]
    audienceMatchPolicy: MatchAny
    certificateAuthority: |
      ${indent(issuer.ca, 6)}
${rest}`;
const mappings = `  claimMappings:
    username: {expression: "'jwt:' + claims.sub"}
    groups: {expression: "claims.?roles.orValue([])"}
    uid: {claim: uid}
    extra:
    - {key: example.org/tenant, valueExpression: "claims.?tenant.orValue('')"}
`;
const rules = `  claimValidationRules:
  - {claim: hd, requiredValue: example.org}
  - {expression: "claims.exp - claims.iat <= 86400", message: a day is enough}
  userValidationRules:
  - {expression: "!user.username.startsWith('jwt:system:')", message: reserved}
  - {expression: "user.groups.all(g, !g.startsWith('system:'))", message: no system groups}
`;

before(async () => {
  home = await temporaryDirectory();
  file = join(home, 'authentication.yaml');
  issuer = await TokenIssuer.start();
  await writeFile(file, configuration(mappings + rules));
  server = await TestServer.start({ args: ['--authentication-config', file] });
  client = server.client();
});
after(async () => {
  client?.transport.close();
  await server?.stop();
  issuer?.stop();
  await removeDirectory(home);
});

const good = { sub: 'jane', uid: 'u1', hd: 'example.org', roles: ['dev', '', 'ops'], tenant: 'acme' };

async function whoAmI(token: string, on = server): Promise<UserInfo | number> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answer = await httpsAnswer(on, { method: 'POST', path, token, body: {} });
  return answer.status === 201 ? (answer.json as { status: { userInfo: UserInfo } }).status.userInfo : answer.status;
}

async function reviewError(token: string): Promise<string> {
  const { status } = await client.request<{ status: { error?: string } }>(
    'POST',
    '/apis/authentication.k8s.io/v1/tokenreviews',
    { body: { spec: { token } } },
  );
  return status.error ?? '';
}

describe('a token of a configured issuer', () => {
  test('names a user by expressions over its claims', async () => {
    assert.deepEqual(await whoAmI(issuer.issue(good)), {
      username: 'jwt:jane',
      uid: 'u1',
      groups: ['dev', 'ops', 'system:authenticated'],
      extra: { 'example.org/tenant': ['acme'] },
    });
    const { roles: _, tenant: __, ...least } = good;
    assert.deepEqual(await whoAmI(issuer.issue({ ...least, aud: ['x', 'other'] })), {
      username: 'jwt:jane',
      uid: 'u1',
      groups: ['system:authenticated'],
    });
  });

  test('is refused for whatever is wrong with it', async () => {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [header = '', claims = '', signature = ''] = issuer.issue(good).split('.');
    const confused = `${part({ alg: 'HS256' })}.${claims}`;
    const bad: Readonly<Record<string, readonly [token: string, error: RegExp]>> = {
      expired: [issuer.issue({ ...good, exp: now - 1 }), /oidc: verify token: oidc: token is expired/],
      'without an end': [issuer.issue({ ...good, exp: undefined }), /oidc: token is expired/],
      'not yet valid': [issuer.issue({ ...good, nbf: now + 310 }), /before the nbf \(not before\) time/],
      'for others': [
        issuer.issue({ ...good, aud: ['x', 'y'] }),
        /oidc: expected audience in \["kubernetes" "other"\] got \["x" "y"\]/,
      ],
      'of another issuer': [issuer.issue({ ...good, iss: `${issuer.url}/` }), /^invalid bearer token$/],
      'of alg none': [`${part({ alg: 'none' })}.${claims}.`, /oidc: malformed jwt/],
      'of a confused algorithm': [
        `${confused}.${createHmac('sha256', issuer.ca).update(confused).digest('base64url')}`,
        /oidc: malformed jwt/,
      ],
      'with other claims': [
        `${header}.${part({ iss: issuer.url, ...good, aud: 'kubernetes', exp: now + 60, sub: 'joe' })}.${signature}`,
        /failed to verify id token signature/,
      ],
      'without a required claim': [
        issuer.issue({ ...good, hd: undefined }),
        /oidc: required claim hd not present in ID token/,
      ],
      'with another value of it': [
        issuer.issue({ ...good, hd: 'example.com' }),
        /required claim hd value does not match\. Got = example\.com, want = example\.org/,
      ],
      'that is good for too long': [
        issuer.issue({ ...good, exp: now + 100_000 }),
        /validation expression 'claims\.exp - claims\.iat <= 86400' failed: a day is enough/,
      ],
      'of a reserved name': [
        issuer.issue({ ...good, sub: 'system:admin' }),
        /error evaluating user info validation rule: validation expression .* failed: reserved/,
      ],
      'of a reserved group': [issuer.issue({ ...good, roles: ['system:masters'] }), /failed: no system groups/],
      'without a name': [issuer.issue({ ...good, sub: undefined }), /no such key: sub/],
      'with a name that is none': [issuer.issue({ ...good, sub: 7 }), /error evaluating username claim expression/],
      'with groups that are none': [
        issuer.issue({ ...good, roles: [7] }),
        /expression must return a string or a list of strings/,
      ],
      'without a uid': [issuer.issue({ ...good, uid: undefined }), /parse uid claim "uid": claim not present/],
    };
    for (const [name, [token, error]] of Object.entries(bad)) {
      assert.equal(await whoAmI(token), 401, name);
      assert.match(await reviewError(token), error, name);
      assert.ok(!server.log.includes(token), name);
    }
  });

  test('is verified with the keys of now: they are fetched when a new one is named', async () => {
    const old = issuer.issue(good);
    assert.notEqual(await whoAmI(old), 401);
    issuer.rotate();
    await eventually('the new key is known', async () => (await whoAmI(issuer.issue(good))) !== 401);
    const before = issuer.fetches;
    for (let count = 0; count < 20; count++) assert.notEqual(await whoAmI(issuer.issue({ ...good, count })), 401);
    assert.equal(issuer.fetches, before);
    assert.equal(await whoAmI(issuer.issue({ ...good, again: true }).replace(/^[^.]+/, '')), 401);
  });

  test('means what the file says now; a file that is wrong changes nothing', async () => {
    const token = issuer.issue(good);
    const nameIs = (name: string) => async (): Promise<boolean> => {
      const user = await whoAmI(token);
      return typeof user !== 'number' && user.username === name;
    };
    await writeFile(file, configuration(mappings.replace("'jwt:'", "'new:'")));
    const before = issuer.fetches;
    await eventually('the new prefix counts', nameIs('new:jane'));
    // The issuer is the same: what is known of it stays.
    assert.equal(issuer.fetches, before);
    await writeFile(file, configuration(mappings.replace('claims.sub', 'claims.')));
    await eventually('the log tells of it', () => /compilation failed/.test(server.log));
    assert.ok(await nameIs('new:jane')());
    await writeFile(file, configuration(mappings + rules));
    await eventually('the first prefix counts', nameIs('jwt:jane'));
  });
});

test('metrics tell issuers apart without naming them', async () => {
  const { cert, key } = await pkiPair(server, 'admin');
  const { text } = await httpsAnswer(server, { path: '/metrics', certificate: { cert, key } });
  const name = 'apiserver_authentication_jwt_authenticator_latency_seconds_count';
  const id = `sha256:${hash('sha256', issuer.url, 'hex')}`;
  for (const result of ['success', 'failure']) {
    assert.match(text, new RegExp(`^${name}{jwt_issuer_hash="${id}",result="${result}"} [1-9]`, 'm'));
  }
  assert.ok(!text.includes(issuer.url));
  for (const status of ['success', 'failure']) {
    const reloads = `apiserver_authentication_config_controller_automatic_reloads_total{status="${status}"`;
    assert.match(text, new RegExp(`^${reloads},apiserver_id_hash="sha256:[0-9a-f]{64}"} [1-9]`, 'm'));
  }
});

test('anonymous requests are let in where the file says, and nowhere else', async () => {
  assert.equal((await httpsAnswer(server, { path: '/livez' })).status, 200);
  for (const path of ['/healthz', '/readyz', '/livez/ping', '/version', '/api']) {
    assert.equal((await httpsAnswer(server, { path })).status, 401, path);
  }
});

test('the older flags describe one issuer', async () => {
  const ca = join(home, 'issuer-ca.crt');
  await writeFile(ca, issuer.ca);
  const own = await TestServer.start({
    args: [
      `--oidc-issuer-url=${issuer.url}`,
      '--oidc-client-id=kubernetes',
      `--oidc-ca-file=${ca}`,
      '--oidc-signing-algs=ES256',
      '--oidc-groups-claim=roles',
      '--oidc-groups-prefix=oidc:',
      '--oidc-required-claim=hd=example.org',
    ],
  });
  try {
    assert.deepEqual(await whoAmI(issuer.issue({ ...good, roles: 'dev' }), own), {
      username: `${issuer.url}#jane`,
      groups: ['oidc:dev', 'system:authenticated'],
    });
    assert.equal(await whoAmI(issuer.issue({ ...good, hd: 'example.com' }), own), 401);
  } finally {
    await own.stop();
  }
});

test('groups may be claimed elsewhere', async () => {
  const config = join(home, 'distributed.yaml');
  const claims = `  claimMappings:
    username: {claim: sub, prefix: ''}
    groups: {claim: groups, prefix: 'p:'}
`;
  await writeFile(config, configuration(claims));
  const own = await TestServer.start({ args: ['--authentication-config', config] });
  const elsewhere = (endpoint: string, token?: string): string =>
    issuer.issue({
      sub: 'jane',
      jti: `${endpoint} ${token}`,
      _claim_names: { groups: 'src' },
      _claim_sources: { src: { endpoint, access_token: token } },
    });
  try {
    const groupsOf = async (token: string): Promise<readonly string[] | number> => {
      const user = await whoAmI(token, own);
      return typeof user === 'number' ? user : user.groups;
    };
    const endpoint = `${issuer.url}/groups`;
    assert.deepEqual(await groupsOf(elsewhere(endpoint, 'groups-token')), ['p:a', 'p:b', 'system:authenticated']);
    assert.deepEqual(await groupsOf(issuer.issue({ sub: 'jane', groups: ['c'] })), ['p:c', 'system:authenticated']);
    assert.equal(await groupsOf(elsewhere(endpoint, 'another')), 401);
    assert.equal(await groupsOf(elsewhere(`${issuer.url}/keys`)), 401);
    assert.equal(await groupsOf(issuer.issue({ sub: 'jane', _claim_names: { groups: 'src' } })), 401);
    assert.match(own.log, /oidc: could not expand distributed claims: while getting distributed claim \\"groups\\"/);
  } finally {
    await own.stop();
  }
});

test('a server does not start with a configuration that is wrong, and says what is', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [configuration('  claimMappings: {username: {claim: sub}}'), /jwt\[0\]\.claimMappings\.username\.prefix: Required/],
    [configuration(mappings, 'frob: 1'), /strict decoding error: unknown field "frob"/],
    [configuration(mappings).replace('config.k8s.io/v1', 'config.k8s.io/v7'), /no kind "AuthenticationConfiguration"/],
    [
      configuration(mappings).replace(issuer.url, 'https://kubernetes.default.svc.cluster.local'),
      /URL must not overlap with disallowed issuers/,
    ],
    [
      configuration(mappings.replace('claims.sub', 'claims.email')),
      /claims\.email_verified must be used in claimMappings\.username\.expression/,
    ],
  ];
  for (const [text, message] of cases) {
    const bad = join(home, 'bad.yaml');
    await writeFile(bad, text);
    await assert.rejects(TestServer.start({ args: ['--authentication-config', bad] }), message);
  }
});
