// Keys of service account tokens: published, changed; and tokens that stand in Secrets, over HTTPS.
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { publicKeyOfJwk } from '../../src/machinery/jwt/jwk.ts';
import { JwtSigner, parseJws, verifyJws } from '../../src/machinery/jwt/jws.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { TestServer } from '../support/server.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';
const accounts = '/api/v1/namespaces/default/serviceaccounts';

let server: TestServer;
let client: RestClient;
let signer: JwtSigner;

interface Answered {
  readonly metadata: { readonly uid: string };
}
interface TokenAnswer {
  readonly status: { readonly token: string };
}
interface Review {
  readonly status: { readonly error?: string };
}

before(async () => {
  server = await TestServer.start();
  client = server.client();
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

function ask(): Promise<TokenAnswer> {
  return client.request('POST', `${accounts}/bob/token`, { body: { spec: {} } });
}

/** 200 for a token that is believed, whatever its user may do. */
async function statusWith(token: string, on = server): Promise<number> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const { status } = await httpsAnswer(on, { method: 'POST', path, token, body: {} });
  return status === 201 ? 200 : status;
}

function review(token: string): Promise<Review> {
  return client.request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token } } });
}

describe('others', () => {
  test('find out how to verify tokens, and can', async () => {
    const configuration = await httpsAnswer(server, { path: '/.well-known/openid-configuration', ...admin() });
    assert.equal(configuration.headers['content-type'], 'application/json');
    assert.equal(configuration.headers['cache-control'], 'public, max-age=3600');
    const { jwks_uri: uri, ...rest } = configuration.json as Record<string, unknown>;
    assert.deepEqual(rest, {
      issuer,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
    assert.match(String(uri), /^https:\/\/[^/]+:\d+\/openid\/v1\/jwks$/);
    const set = await httpsAnswer(server, { path: '/openid/v1/jwks', ...admin() });
    assert.equal(set.headers['content-type'], 'application/jwk-set+json');
    assert.equal(set.headers['cache-control'], 'public, max-age=3600');
    const [jwk] = (JSON.parse(set.text) as { keys: unknown[] }).keys;
    const key = publicKeyOfJwk(jwk);
    const jws = parseJws((await ask()).status.token);
    assert.ok(key !== undefined && jws !== undefined && verifyJws(jws, key.key));
    assert.equal(jws.keyId, key.keyId);
    assert.ok(!set.text.includes('"d"'));
    const posted = await httpsAnswer(server, { method: 'POST', path: '/openid/v1/jwks', ...admin() });
    assert.equal(posted.status, 405);
  });
});

function admin(): { certificate: { cert: Buffer; key: Buffer } } {
  const { certificate: cert, key } = server.config.credentials;
  assert.ok(cert !== undefined && key !== undefined);
  return { certificate: { cert, key } };
}

describe('a token in a Secret', () => {
  const secrets = '/api/v1/namespaces/default/secrets';
  const legacyToken = async (secret: string): Promise<string> => {
    const { metadata } = await client.get<Answered>(`${accounts}/bob`);
    return signer.sign({
      iss: 'kubernetes/serviceaccount',
      sub: 'system:serviceaccount:default:bob',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': secret,
      'kubernetes.io/serviceaccount/service-account.name': 'bob',
      'kubernetes.io/serviceaccount/service-account.uid': metadata.uid,
    });
  };
  const put = (name: string, token: string, labels = {}): Promise<Answered> =>
    create(secrets, 'Secret', name, {
      metadata: { name, labels, annotations: { 'kubernetes.io/service-account.name': 'bob' } },
      type: 'kubernetes.io/service-account-token',
      stringData: { token },
    });

  test('is good as long as the Secret holds it, and its use is noted by the day', async () => {
    const token = await legacyToken('old');
    assert.equal(await statusWith(token), 401);
    await put('old', token);
    assert.equal(await statusWith(token), 200);
    const label = 'kubernetes.io/legacy-token-last-used';
    await eventually('the Secret is labelled with the day', async () => {
      const { metadata } = await client.get<{ metadata: { labels?: Record<string, string> } }>(`${secrets}/old`);
      return metadata.labels?.[label] === new Date().toISOString().slice(0, 10);
    });
    await client.request('PATCH', `${secrets}/old`, {
      body: { stringData: { token: `${token}x` } },
      contentType: 'application/merge-patch+json',
    });
    assert.equal(await statusWith(token), 401);
    assert.equal((await review(token)).status.error, "[invalid bearer token, Token does not match server's copy]");
    await client.request('DELETE', `${secrets}/old`);
    assert.equal(await statusWith(token), 401);
    assert.equal((await review(token)).status.error, '[invalid bearer token, Token has been invalidated]');
  });

  test('that was marked invalid is refused', async () => {
    const token = await legacyToken('marked');
    await put('marked', token, { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' });
    assert.equal(await statusWith(token), 401);
    assert.match(
      (await review(token)).status.error ?? '',
      /the token in secret default\/marked for service account default\/bob has been marked invalid/,
    );
  });
});

test('keys are changed without a restart: tokens of the old one end with it', async () => {
  const own = await TestServer.start();
  const ownClient = own.client();
  try {
    const pki = join(own.directory, 'data/pki');
    const old = new JwtSigner(createPrivateKey(await readFile(join(pki, 'sa.key'))));
    await ownClient.request('POST', accounts, { body: { metadata: { name: 'bob' } } });
    const issue = (): Promise<TokenAnswer> =>
      ownClient.request('POST', `${accounts}/bob/token`, { body: { spec: {} } });
    const first = (await issue()).status.token;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(join(pki, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
    await eventually('the new key signs', async () => parseJws((await issue()).status.token)?.keyId !== old.keyId);
    const second = (await issue()).status.token;
    assert.equal(parseJws(second)?.algorithm, 'RS256');
    assert.equal(await statusWith(second, own), 200);
    assert.equal(await statusWith(first, own), 401);
  } finally {
    ownClient.transport.close();
    await own.stop();
  }
});
