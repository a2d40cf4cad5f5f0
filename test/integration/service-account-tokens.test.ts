// Tokens of service accounts, asked for, used, and refused, over HTTPS.
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { JwtSigner, parseJws } from '../../src/machinery/jwt/jws.ts';
import type { JsonObject } from '../../src/machinery/jwt/jws.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { TestServer } from '../support/server.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';
const accounts = '/api/v1/namespaces/default/serviceaccounts';
const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

let server: TestServer;
let client: RestClient;
let signer: JwtSigner;
let warnings: string[] = [];

interface Answered {
  readonly metadata: { readonly uid: string; readonly name: string };
}
interface TokenAnswer {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly audiences: string[]; readonly expirationSeconds: number };
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}
interface Review {
  readonly status: {
    readonly authenticated?: boolean;
    readonly user?: {
      readonly username?: string;
      readonly extra?: Record<string, string[]>;
      readonly groups?: string[];
    };
    readonly audiences?: string[];
    readonly error?: string;
  };
}

before(async () => {
  server = await TestServer.start({
    args: ['--service-account-max-token-expiration', '48h', '--service-account-extend-token-expiration'],
  });
  client = server.client('kubets-test/1', (text) => warnings.push(text));
  signer = new JwtSigner(createPrivateKey(await readFile(join(server.directory, 'data/pki/sa.key'))));
  await create(accounts, 'ServiceAccount', 'bob');
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

function create(path: string, kind: string, name: string, rest: object = {}): Promise<Answered> {
  return client.request('POST', path, { body: { apiVersion: 'v1', kind, metadata: { name }, ...rest } });
}

function ask(spec: object = {}, account = 'bob', metadata: object = {}): Promise<TokenAnswer> {
  return client.request('POST', `${accounts}/${account}/token`, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec },
  });
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => assert.fail('it was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StatusError, String(error));
  return `${error.code} ${error.message}`;
}

/** 200 for a token that is believed, whatever its user may do. */
async function statusWith(token: string): Promise<number> {
  const answer = await httpsAnswer(server, { method: 'POST', path: whoAmI, token, body: {} });
  if (answer.status === 401) {
    assert.deepEqual(answer.json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
  }
  return answer.status === 201 ? 200 : answer.status;
}

function review(token: string, audiences: readonly string[] = []): Promise<Review> {
  return client.request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } },
  });
}

function claimsOf(token: string): Record<string, unknown> {
  return { ...parseJws(token)?.claims };
}

const pod = (name: string, nodeName?: string): object => ({
  metadata: { name },
  spec: { serviceAccountName: 'bob', containers: [{ name: 'c', image: 'i' }], ...(nodeName ? { nodeName } : {}) },
});

describe('a token', () => {
  test('is for the API and for an hour, unless more is said', async () => {
    const beforeSeconds = Math.floor(Date.now() / 1000);
    const { status, spec, metadata } = await ask();
    assert.equal(metadata.name, 'bob');
    assert.equal(metadata.namespace, 'default');
    assert.deepEqual(spec, { audiences: [issuer], expirationSeconds: 3600, boundObjectRef: null });
    const { iat, nbf, exp, jti, 'kubernetes.io': own, ...rest } = claimsOf(status.token);
    const account = await client.get<Answered>(`${accounts}/bob`);
    assert.deepEqual(rest, { aud: [issuer], iss: issuer, sub: 'system:serviceaccount:default:bob' });
    assert.deepEqual(own, { namespace: 'default', serviceaccount: { name: 'bob', uid: account.metadata.uid } });
    assert.ok(Number(iat) >= beforeSeconds && nbf === iat && exp === Number(iat) + 3600);
    assert.match(String(jti), /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    assert.equal(Date.parse(status.expirationTimestamp), Number(exp) * 1000);
    const answer = await httpsAnswer(server, {
      method: 'POST',
      path: whoAmI,
      token: status.token,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });
    assert.equal(answer.status, 201);
    assert.deepEqual((answer.json as { status: unknown }).status, {
      userInfo: {
        username: 'system:serviceaccount:default:bob',
        uid: account.metadata.uid,
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${String(jti)}`] },
      },
    });
  });

  test('for others is refused here, and reviewed for them', async () => {
    const { status } = await ask({ audiences: ['vault', 'db'] });
    assert.equal(await statusWith(status.token), 401);
    const reviewed = await review(status.token, ['other', 'db']);
    assert.equal(reviewed.status.authenticated, true);
    assert.deepEqual(reviewed.status.audiences, ['db']);
    assert.equal(reviewed.status.user?.username, 'system:serviceaccount:default:bob');
    assert.deepEqual((await review(status.token)).status, {
      user: {},
      error: `[invalid bearer token, token audiences ["vault" "db"] is invalid for the target audiences ["${issuer}"]]`,
    });
  });

  test('that asks for too little, too much, or for another account is refused in upstream’s words', async () => {
    const invalid = '422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ';
    assert.equal(
      await refusal(ask({ expirationSeconds: 599 })),
      `${invalid}599: may not specify a duration less than 10 minutes`,
    );
    assert.equal(
      await refusal(ask({ expirationSeconds: 2 ** 32 + 1 })),
      `${invalid}4294967297: may not specify a duration larger than 2^32 seconds`,
    );
    assert.equal(
      await refusal(ask({}, 'bob', { name: 'alice' })),
      '422 TokenRequest.authentication.k8s.io "bob" is invalid: metadata.name: Invalid value: "alice": must match the service account name if specified',
    );
    assert.equal(
      await refusal(ask({}, 'bob', { namespace: 'kube-system' })),
      '422 TokenRequest.authentication.k8s.io "bob" is invalid: metadata.namespace: Invalid value: "kube-system": must match the service account namespace if specified',
    );
    assert.equal(await refusal(ask({}, 'nobody')), '404 serviceaccounts "nobody" not found');
    assert.equal(
      await refusal(client.get(`${accounts}/bob/token`)),
      '405 the server does not allow this method on the requested resource',
    );
    warnings = [];
    const { spec } = await ask({ expirationSeconds: 30 * 24 * 3600 });
    assert.equal(spec.expirationSeconds, 48 * 3600);
    assert.deepEqual(warnings, ['requested expiration of 2592000 seconds shortened to 172800 seconds']);
  });
});

describe('a bound token', () => {
  test('of a Pod tells of the Pod and its node, and ends with the Pod', async () => {
    const node = await create('/api/v1/nodes', 'Node', 'n1');
    const { metadata } = await create('/api/v1/namespaces/default/pods', 'Pod', 'p1', pod('p1', 'n1'));
    const { status } = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p1', uid: metadata.uid } });
    const { extra } = (await review(status.token)).status.user ?? {};
    assert.deepEqual(
      { ...extra, 'authentication.kubernetes.io/credential-id': undefined },
      {
        'authentication.kubernetes.io/credential-id': undefined,
        'authentication.kubernetes.io/node-name': ['n1'],
        'authentication.kubernetes.io/node-uid': [node.metadata.uid],
        'authentication.kubernetes.io/pod-name': ['p1'],
        'authentication.kubernetes.io/pod-uid': [metadata.uid],
      },
    );
    // The node is only told of.
    await client.request('DELETE', '/api/v1/nodes/n1');
    assert.equal(await statusWith(status.token), 200);
    await client.request('DELETE', '/api/v1/namespaces/default/pods/p1', { body: { gracePeriodSeconds: 0 } });
    assert.equal(await statusWith(status.token), 401);
    assert.equal(
      (await review(status.token)).status.error,
      '[invalid bearer token, service account token has been invalidated]',
    );
    const again = await create('/api/v1/namespaces/default/pods', 'Pod', 'p1', pod('p1'));
    assert.equal(await statusWith(status.token), 401);
    assert.equal(
      (await review(status.token)).status.error,
      `[invalid bearer token, pod UID (${again.metadata.uid}) does not match service account pod ref claim (${metadata.uid})]`,
    );
  });

  test('of a Node or a Secret ends with it', async () => {
    for (const [kind, path] of [
      ['Node', '/api/v1/nodes'],
      ['Secret', '/api/v1/namespaces/default/secrets'],
    ] as const) {
      await create(path, kind, 'bound');
      const { status } = await ask({ boundObjectRef: { kind, apiVersion: 'v1', name: 'bound' } });
      assert.equal(await statusWith(status.token), 200, kind);
      await client.request('DELETE', `${path}/bound`);
      assert.equal(await statusWith(status.token), 401, kind);
    }
  });

  test('is refused where what it names is not there, is another, or cannot be bound to', async () => {
    await create('/api/v1/namespaces/default/pods', 'Pod', 'p2', pod('p2'));
    await create(accounts, 'ServiceAccount', 'eve');
    const to = (kind: string, name: string, rest: object = {}): object => ({
      boundObjectRef: { kind, apiVersion: 'v1', name, ...rest },
    });
    assert.equal(await refusal(ask(to('Pod', 'nope'))), '404 pods "nope" not found');
    assert.equal(await refusal(ask(to('Secret', 'nope'))), '404 secrets "nope" not found');
    assert.equal(
      await refusal(ask(to('Pod', 'p2', { uid: 'x' }))),
      '409 Operation cannot be fulfilled on Pod "p2": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
    );
    assert.equal(
      await refusal(ask(to('Pod', 'p2'), 'eve')),
      '400 cannot bind token for serviceaccount "eve" to pod running with different serviceaccount name.',
    );
    assert.equal(
      await refusal(ask(to('ConfigMap', 'p2'))),
      '400 cannot bind token to object of type /v1, Kind=ConfigMap',
    );
  });

  test('ends with its account, and does not come back with one of the same name', async () => {
    await create(accounts, 'ServiceAccount', 'carol');
    const { status } = await ask({}, 'carol');
    assert.equal(await statusWith(status.token), 200);
    await client.request('DELETE', `${accounts}/carol`);
    assert.equal(await statusWith(status.token), 401);
    await create(accounts, 'ServiceAccount', 'carol');
    assert.equal(await statusWith(status.token), 401);
  });

  test('for the kubelet’s own mount is extended, with a time to warn after', async () => {
    const { status, spec } = await ask({
      expirationSeconds: 3607,
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p2' },
    });
    const { exp, iat, 'kubernetes.io': own } = claimsOf(status.token);
    assert.equal(spec.expirationSeconds, 3607);
    assert.equal(Number(exp) - Number(iat), 365 * 24 * 3600);
    assert.equal((own as { warnafter: number }).warnafter, Number(iat) + 3607);
  });
});

describe('a bad token', () => {
  const now = (): number => Math.floor(Date.now() / 1000);
  const forge = async (changes: JsonObject, key: JwtSigner = signer): Promise<string> => {
    const { status } = await ask();
    return key.sign({ ...claimsOf(status.token), ...changes });
  };
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('is accepted when it is not bad', async () => {
    assert.equal(await statusWith(await forge({})), 200);
    // Within the minute by which clocks may differ.
    assert.equal(await statusWith(await forge({ exp: now() - 30 })), 200);
    assert.equal(await statusWith(await forge({ nbf: now() + 30 })), 200);
  });

  test('is refused with 401 and nothing else', async () => {
    const stranger = new JwtSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const { status } = await ask();
    const [header = '', claims = '', signature = ''] = status.token.split('.');
    const publicPem = await readFile(join(server.directory, 'data/pki/sa.pub'));
    const confused = `${part({ alg: 'HS256', kid: signer.keyId })}.${claims}`;
    const bad: Readonly<Record<string, readonly [token: string, error: string]>> = {
      expired: [await forge({ exp: now() - 61 }), 'service account token has expired'],
      'not yet valid': [await forge({ nbf: now() + 65 }), 'service account token is not valid yet'],
      'of the future': [await forge({ iat: now() + 65 }), 'service account token is issued in the future'],
      'for another audience': [
        await forge({ aud: ['vault'] }),
        `token audiences ["vault"] is invalid for the target audiences ["${issuer}"]`,
      ],
      'of another issuer': [await forge({ iss: 'https://evil.example.org' }), ''],
      'of no issuer': [await forge({ iss: undefined }), ''],
      'of alg none': [`${part({ alg: 'none' })}.${claims}.`, ''],
      'of alg none with a signature': [`${part({ alg: 'none' })}.${claims}.${signature}`, ''],
      'of a confused algorithm': [
        `${confused}.${createHmac('sha256', publicPem).update(confused).digest('base64url')}`,
        '',
      ],
      'signed by another key': [await forge({}, stranger), 'invalid signature, no keys found'],
      'signed by another key under our name': [
        resigned(await forge({}, stranger), header),
        'go-jose/go-jose: error in cryptographic primitive',
      ],
      'with other claims': [
        `${header}.${part({ ...claimsOf(status.token), sub: 'system:admin' })}.${signature}`,
        'go-jose/go-jose: error in cryptographic primitive',
      ],
      'without a signature': [`${header}.${claims}.`, ''],
      'of a key that it brings along': [
        `${part({ alg: 'ES256', jwk: { kty: 'EC' }, jku: 'https://evil.example.org' })}.${claims}.${signature}`,
        'go-jose/go-jose: error in cryptographic primitive',
      ],
      'with claims of wrong types': [
        await forge({ exp: 'tomorrow' }),
        'service account token claims could not be validated due to unexpected validation error',
      ],
      'that is none': ['kubernetes', ''],
      'that is nearly one': ['a.b.c', ''],
    };
    for (const [name, [token, error]] of Object.entries(bad)) {
      assert.equal(await statusWith(token), 401, name);
      const { status: reviewed } = await review(token);
      const expected = error === '' ? 'invalid bearer token' : `[invalid bearer token, ${error}]`;
      assert.deepEqual(reviewed, { user: {}, error: expected }, name);
    }
    for (const [token] of Object.values(bad)) {
      assert.ok(token.length < 20 || !server.log.includes(token), 'the log holds a token');
    }
    assert.match(server.log, /Unable to authenticate the request.*service account token has expired/);
  });

  test('is refused on paths that need no credentials, too', async () => {
    assert.equal((await httpsAnswer(server, { path: '/healthz', token: 'x' })).status, 401);
    assert.equal((await httpsAnswer(server, { path: '/healthz' })).status, 200);
  });
});

function resigned(token: string, header: string): string {
  return [header, ...token.split('.').slice(1)].join('.');
}
