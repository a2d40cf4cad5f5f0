// Front proxies, client certificates, bootstrap tokens and a token webhook, over HTTPS.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { systemRandom } from '../../src/machinery/random.ts';
import { certificatePem, issueSelfSigned } from '../../src/machinery/x509/certificate.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer } from '../support/https-request.ts';
import type { HttpsRequest } from '../support/https-request.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: string[];
  readonly extra?: Record<string, string[]>;
}
interface Pair {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

const dayMs = 24 * 60 * 60 * 1000;
const issuer = 'https://kubernetes.default.svc.cluster.local';

let home: string;
let server: TestServer;
let client: RestClient;
let webhook: Server;
const asked: { token: string; audiences: string[] }[] = [];

before(async () => {
  home = await temporaryDirectory();
  webhook = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(pieces).toString('utf8')) as {
        apiVersion: string;
        spec: (typeof asked)[0];
      };
      asked.push(review.spec);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...review, status: webhookStatus(review.spec.token) }));
    });
  });
  webhook.listen(0, '127.0.0.1');
  await once(webhook, 'listening');
  const { port } = webhook.address() as AddressInfo;
  const config = join(home, 'webhook.yaml');
  await writeFile(
    config,
    `clusters: [{name: w, cluster: {server: 'http://127.0.0.1:${port}/review'}}]
contexts: [{name: c, context: {cluster: w}}]
current-context: c
`,
  );
  server = await TestServer.start({
    args: [
      '--enable-bootstrap-token-auth',
      '--authentication-token-webhook-config-file',
      config,
      '--authentication-token-webhook-version=v1',
    ],
  });
  client = server.client();
});
after(async () => {
  client?.transport.close();
  await server?.stop();
  webhook.close();
  webhook.closeAllConnections();
  await removeDirectory(home);
});

function webhookStatus(token: string): object {
  switch (token) {
    case 'good':
      return {
        authenticated: true,
        user: { username: 'jane', uid: 'u1', groups: ['dev'], extra: { scope: ['a', 'b'] } },
      };
    case 'for-others':
      return { authenticated: true, user: { username: 'jane' }, audiences: ['others'] };
    case 'locked':
      return { authenticated: false, error: 'the account is locked' };
    default:
      return { authenticated: false };
  }
}

async function whoAmI(request: Omit<HttpsRequest, 'path'>, on = server): Promise<UserInfo | number> {
  const answer = await httpsAnswer(on, {
    ...request,
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  if (answer.status === 401) assert.match(answer.text, /"message":"Unauthorized"/);
  return answer.status === 201 ? (answer.json as { status: { userInfo: UserInfo } }).status.userInfo : answer.status;
}

async function pairOf(name: string): Promise<Pair> {
  const pki = join(server.directory, 'data/pki');
  return { cert: await readFile(join(pki, `${name}.crt`)), key: await readFile(join(pki, `${name}.key`)) };
}

function selfSigned(commonName: string): Pair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Date.now();
  const der = issueSelfSigned(
    {
      subject: { commonName, organizations: ['system:masters'] },
      notBeforeMs: now - dayMs,
      notAfterMs: now + dayMs,
      purpose: ['clientAuth'],
    },
    privateKey,
    systemRandom,
  );
  return { cert: certificatePem(der), key: privateKey.export({ type: 'sec1', format: 'pem' }) };
}

describe('a front proxy', () => {
  test('says who the user is', async () => {
    const certificate = await pairOf('front-proxy-client');
    const headers = {
      'X-Remote-User': 'jane',
      'X-Remote-Uid': 'u1',
      'X-Remote-Group': ['dev', 'ops, system:masters'],
      'X-Remote-Extra-Scopes': ['view', 'edit'],
      'X-Remote-Extra-Acme.com%2FProject': 'p',
    };
    assert.deepEqual(await whoAmI({ certificate, headers }), {
      username: 'jane',
      uid: 'u1',
      // One header is one group, whatever it holds.
      groups: ['dev', 'ops, system:masters', 'system:authenticated'],
      extra: { scopes: ['view', 'edit'], 'acme.com/project': ['p'] },
    });
  });

  test('is nobody without a user to speak for', async () => {
    assert.equal(await whoAmI({ certificate: await pairOf('front-proxy-client') }), 401);
  });

  test('is not who has another certificate, or none', async () => {
    const headers = { 'X-Remote-User': 'jane', 'X-Remote-Group': 'system:masters' };
    const admin = await whoAmI({ headers, certificate: await pairOf('admin') });
    assert.equal((admin as UserInfo).username, 'kubernetes-admin');
    assert.equal(await whoAmI({ headers }), 401);
    assert.equal(await whoAmI({ headers, certificate: selfSigned('front-proxy-client') }), 401);
  });

  test('may not have a certificate of the same authority under another name', async () => {
    // The authority's own certificate bears another common name than those that are allowed.
    assert.equal(
      await whoAmI({ headers: { 'X-Remote-User': 'jane' }, certificate: await pairOf('front-proxy-ca') }),
      401,
    );
  });
});

test('extension API servers are told whom to believe', async () => {
  const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
  const { data } = await client.get<{ data: Record<string, string> }>(path);
  const { 'client-ca-file': clientCa, 'requestheader-client-ca-file': frontProxyCa, ...rest } = data;
  const pki = join(server.directory, 'data/pki');
  assert.equal(clientCa, await readFile(join(pki, 'ca.crt'), 'utf8'));
  assert.equal(frontProxyCa, await readFile(join(pki, 'front-proxy-ca.crt'), 'utf8'));
  assert.deepEqual(rest, {
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  });
});

describe('a client certificate', () => {
  test('names the user, the groups and itself', async () => {
    const admin = (await whoAmI({ certificate: await pairOf('admin') })) as UserInfo;
    assert.equal(admin.username, 'kubernetes-admin');
    assert.deepEqual(admin.groups, ['system:masters', 'system:authenticated']);
    assert.match(
      admin.extra?.['authentication.kubernetes.io/credential-id']?.join() ?? '',
      /^X509SHA256=[0-9a-f]{64}$/,
    );
  });

  test('of another authority is refused, even where nobody need show any', async () => {
    const certificate = selfSigned('kubernetes-admin');
    assert.equal(await whoAmI({ certificate }), 401);
    assert.equal((await httpsAnswer(server, { path: '/healthz', certificate })).status, 401);
    assert.match(server.log, /x509: certificate signed by unknown authority/);
  });

  test('is believed as soon as its authority is in the file, and no longer than it is', async () => {
    const [first, second] = [selfSigned('first'), selfSigned('second')];
    const own = await TestServer.start();
    try {
      const file = join(own.directory, 'data/pki/ca.crt');
      const others = await readFile(file, 'utf8');
      const names = async (): Promise<string> => {
        const users = [await whoAmI({ certificate: first }, own), await whoAmI({ certificate: second }, own)];
        return users.map((user) => (typeof user === 'number' ? user : user.username)).join();
      };
      assert.equal(await names(), '401,401');
      await writeFile(file, `${others}${first.cert.toString()}`);
      await eventually('the first is believed', async () => (await names()) === 'first,401');
      await writeFile(file, 'nothing');
      await eventually('the log tells of it', () => /holds no certificate/.test(own.log));
      assert.equal(await names(), 'first,401');
      await writeFile(file, `${others}${second.cert.toString()}`);
      await eventually('only the second is believed', async () => (await names()) === '401,second');
    } finally {
      await own.stop();
    }
  });
});

describe('a bootstrap token', () => {
  const secrets = '/api/v1/namespaces/kube-system/secrets';
  const secret = '0123456789abcdef';
  const put = (
    id: string,
    changes: Record<string, string> = {},
    type = 'bootstrap.kubernetes.io/token',
  ): Promise<unknown> =>
    client.request('POST', secrets, {
      body: {
        metadata: { name: `bootstrap-token-${id}` },
        type,
        stringData: {
          'token-id': id,
          'token-secret': secret,
          'usage-bootstrap-authentication': 'true',
          ...changes,
        },
      },
    });

  test('lets a machine in, in the groups of its Secret, until that is gone', async () => {
    await put('aaaaaa', {
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
      expiration: new Date(Date.now() + dayMs).toISOString(),
    });
    const token = `aaaaaa.${secret}`;
    assert.deepEqual(await whoAmI({ token }), {
      username: 'system:bootstrap:aaaaaa',
      groups: ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token', 'system:authenticated'],
    });
    assert.equal(await whoAmI({ token: `aaaaaa.${secret.replace('0', '1')}` }), 401);
    await client.request('DELETE', `${secrets}/bootstrap-token-aaaaaa`);
    assert.equal(await whoAmI({ token }), 401);
  });

  test('is refused when anything about its Secret is wrong', async () => {
    await put('bbbbb1', { expiration: new Date(Date.now() - 1000).toISOString() });
    await put('bbbbb2', { 'usage-bootstrap-authentication': 'false' });
    await put('bbbbb3', { 'token-id': 'bbbbb4' });
    await put('bbbbb5', {}, 'Opaque');
    await put('bbbbb6', { 'auth-extra-groups': 'system:masters' });
    await put('bbbbb7', { expiration: 'tomorrow' });
    for (const id of ['bbbbb1', 'bbbbb2', 'bbbbb3', 'bbbbb5', 'bbbbb6', 'bbbbb7', 'bbbbb8']) {
      assert.equal(await whoAmI({ token: `${id}.${secret}` }), 401, id);
    }
  });
});

describe('a token webhook', () => {
  test('says whose a token is, and is not asked again for a while', async () => {
    const expected = {
      username: 'jane',
      uid: 'u1',
      groups: ['dev', 'system:authenticated'],
      extra: { scope: ['a', 'b'] },
    };
    assert.deepEqual(await whoAmI({ token: 'good' }), expected);
    assert.deepEqual(await whoAmI({ token: 'good' }), expected);
    const questions = asked.filter(({ token }) => token === 'good');
    assert.deepEqual(questions, [{ token: 'good', audiences: [issuer] }]);
  });

  test('that does not know a token, refuses it, or knows it for others is believed', async () => {
    const review = async (token: string, audiences: string[] = []): Promise<unknown> => {
      const body = { spec: { token, audiences } };
      const { status } = await client.request<{ status: unknown }>(
        'POST',
        '/apis/authentication.k8s.io/v1/tokenreviews',
        { body },
      );
      return status;
    };
    for (const token of ['bad', 'locked', 'for-others']) assert.equal(await whoAmI({ token }), 401, token);
    assert.deepEqual(await review('bad'), { user: {}, error: 'invalid bearer token' });
    assert.deepEqual(await review('locked'), { user: {}, error: '[invalid bearer token, the account is locked]' });
    assert.deepEqual(await review('for-others', ['others']), {
      authenticated: true,
      user: { username: 'jane', groups: ['system:authenticated'] },
      audiences: ['others'],
    });
  });
});

test('metrics tell of attempts, under upstream’s names', async () => {
  const { text } = await httpsAnswer(server, { path: '/metrics', certificate: await pairOf('admin') });
  for (const line of [
    /^authentication_attempts\{result="success"\} [1-9]/m,
    /^authentication_attempts\{result="error"\} [1-9]/m,
    /^authentication_duration_seconds_count\{result="success"\} [1-9]/m,
    /^authenticated_user_requests\{username="other"\} [1-9]/m,
    /^apiserver_client_certificate_expiration_seconds_count [1-9]/m,
    /^authentication_token_cache_request_total\{status="miss"\} [1-9]/m,
    /^serviceaccount_legacy_tokens_total \d/m,
  ]) {
    assert.match(text, line);
  }
});
