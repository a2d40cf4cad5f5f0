// Bootstrap tokens and a token webhook, over HTTPS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { nameOf, pkiPair, whoAmI } from '../support/identity.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

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
    assert.deepEqual(await whoAmI(server, { token }), {
      username: 'system:bootstrap:aaaaaa',
      groups: ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token', 'system:authenticated'],
    });
    assert.equal(await whoAmI(server, { token: `aaaaaa.${secret.replace('0', '1')}` }), 401);
    await client.request('DELETE', `${secrets}/bootstrap-token-aaaaaa`);
    assert.equal(await whoAmI(server, { token }), 401);
  });

  test('is refused when anything about its Secret is wrong', async () => {
    await put('bbbbb1', { expiration: new Date(Date.now() - 1000).toISOString() });
    await put('bbbbb2', { 'usage-bootstrap-authentication': 'false' });
    await put('bbbbb3', { 'token-id': 'bbbbb4' });
    await put('bbbbb5', {}, 'Opaque');
    await put('bbbbb6', { 'auth-extra-groups': 'system:masters' });
    await put('bbbbb7', { expiration: 'tomorrow' });
    for (const id of ['bbbbb1', 'bbbbb2', 'bbbbb3', 'bbbbb5', 'bbbbb6', 'bbbbb7', 'bbbbb8']) {
      assert.equal(await whoAmI(server, { token: `${id}.${secret}` }), 401, id);
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
    assert.deepEqual(await whoAmI(server, { token: 'good' }), expected);
    assert.deepEqual(await whoAmI(server, { token: 'good' }), expected);
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
    for (const token of ['bad', 'locked', 'for-others']) assert.equal(await whoAmI(server, { token }), 401, token);
    assert.deepEqual(await review('bad'), { user: {}, error: 'invalid bearer token' });
    assert.deepEqual(await review('locked'), { user: {}, error: '[invalid bearer token, the account is locked]' });
    assert.deepEqual(await review('for-others', ['others']), {
      authenticated: true,
      user: { username: 'jane', groups: ['system:authenticated'] },
      audiences: ['others'],
    });
  });
});

test('headers that are no credentials are none', async () => {
  for (const authorization of ['', ' ', 'Bearer', 'Bearer ', 'Basic YTpi', 'good', 'Bearergood', 'Token good', ',']) {
    assert.equal(await whoAmI(server, { headers: { authorization } }), 401, authorization);
  }
  assert.equal(await nameOf(server, { headers: { authorization: '  bearer good' } }), 'jane');
});

test('metrics tell of attempts, under upstream’s names', async () => {
  const { text } = await httpsAnswer(server, { path: '/metrics', certificate: await pkiPair(server, 'admin') });
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
