// Client certificates, front proxies, and what their headers hold, over HTTPS.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import type { RestClient } from '../../src/client/rest.ts';
import { systemRandom } from '../../src/machinery/random.ts';
import { certificatePem, issueCertificate, issueSelfSigned } from '../../src/machinery/x509/certificate.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { nameOf, pkiPair, whoAmI } from '../support/identity.ts';
import type { Pair, UserInfo } from '../support/identity.ts';
import { TestServer } from '../support/server.ts';

const dayMs = 24 * 60 * 60 * 1000;

let server: TestServer;
let client: RestClient;

before(async () => {
  server = await TestServer.start();
  client = server.client();
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

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
    const certificate = await pkiPair(server, 'front-proxy-client');
    const headers = {
      'X-Remote-User': 'jane',
      'X-Remote-Uid': 'u1',
      'X-Remote-Group': ['dev', 'ops, system:masters'],
      'X-Remote-Extra-Scopes': ['view', 'edit'],
      'X-Remote-Extra-Acme.com%2FProject': 'p',
    };
    assert.deepEqual(await whoAmI(server, { certificate, headers }), {
      username: 'jane',
      uid: 'u1',
      // One header is one group, whatever it holds.
      groups: ['dev', 'ops, system:masters', 'system:authenticated'],
      extra: { scopes: ['view', 'edit'], 'acme.com/project': ['p'] },
    });
  });

  test('is nobody without a user to speak for', async () => {
    assert.equal(await whoAmI(server, { certificate: await pkiPair(server, 'front-proxy-client') }), 401);
  });

  test('is not who has another certificate, or none', async () => {
    const headers = { 'X-Remote-User': 'jane', 'X-Remote-Group': 'system:masters' };
    const admin = await whoAmI(server, { headers, certificate: await pkiPair(server, 'admin') });
    assert.equal((admin as UserInfo).username, 'kubernetes-admin');
    assert.equal(await whoAmI(server, { headers }), 401);
    assert.equal(await whoAmI(server, { headers, certificate: selfSigned('front-proxy-client') }), 401);
  });

  test('may not have a certificate of the same authority under another name', async () => {
    // The authority's own certificate bears another common name than those that are allowed.
    assert.equal(
      await whoAmI(server, {
        headers: { 'X-Remote-User': 'jane' },
        certificate: await pkiPair(server, 'front-proxy-ca'),
      }),
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
    const admin = (await whoAmI(server, { certificate: await pkiPair(server, 'admin') })) as UserInfo;
    assert.equal(admin.username, 'kubernetes-admin');
    assert.deepEqual(admin.groups, ['system:masters', 'system:authenticated']);
    assert.match(
      admin.extra?.['authentication.kubernetes.io/credential-id']?.join() ?? '',
      /^X509SHA256=[0-9a-f]{64}$/,
    );
  });

  test('of another authority is refused, even where nobody need show any', async () => {
    const certificate = selfSigned('kubernetes-admin');
    assert.equal(await whoAmI(server, { certificate }), 401);
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
        return `${await nameOf(own, { certificate: first })},${await nameOf(own, { certificate: second })}`;
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

test('a client certificate may come with those that lead to its authority', async () => {
  const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const now = Date.now();
  const times = { notBeforeMs: now - dayMs, notAfterMs: now + dayMs };
  const [rootKey, middleKey, leafKey] = [newKey(), newKey(), newKey()];
  const named = (commonName: string): { subject: { commonName: string; organizations: string[] } } => ({
    subject: { commonName, organizations: [] },
  });
  const root = issueSelfSigned({ ...named('root'), ...times, purpose: 'authority' }, rootKey, systemRandom);
  const middle = issueCertificate(
    { ...named('middle'), ...times, purpose: 'authority', publicKey: createPublicKey(middleKey) },
    { certificate: root, key: rootKey },
    systemRandom,
  );
  const leaf = issueCertificate(
    { ...named('leaf'), ...times, purpose: ['clientAuth'], publicKey: createPublicKey(leafKey) },
    { certificate: middle, key: middleKey },
    systemRandom,
  );
  const own = await TestServer.start();
  try {
    const file = join(own.directory, 'data/pki/ca.crt');
    await writeFile(file, `${await readFile(file, 'utf8')}${certificatePem(root)}`);
    const key = leafKey.export({ type: 'sec1', format: 'pem' });
    const chain = { cert: certificatePem(leaf) + certificatePem(middle), key };
    await eventually('the chain is believed', async () => (await whoAmI(own, { certificate: chain })) !== 401);
    assert.equal(await nameOf(own, { certificate: chain }), 'leaf');
    assert.equal(await whoAmI(own, { certificate: { cert: certificatePem(leaf), key } }), 401);
  } finally {
    await own.stop();
  }
});

test('connections are authenticated anew each time: sessions are not resumed', async () => {
  const { cert, key } = await pkiPair(server, 'admin');
  const { hostname, port } = new URL(server.url);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    let session: Buffer | undefined;
    for (let round = 0; round < 2; round++) {
      const socket = tlsConnect({
        host: hostname,
        port: Number(port),
        ca: server.config.tls.ca,
        cert,
        key,
        maxVersion,
        ...(session === undefined ? {} : { session }),
      });
      socket.on('session', (given) => {
        session = given;
      });
      await once(socket, 'secureConnect');
      assert.equal(socket.isSessionReused(), false, maxVersion);
      socket.end('GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      socket.resume();
      await once(socket, 'close');
      session ??= socket.getSession();
    }
  }
});

describe('headers', () => {
  test('that are too long are refused, and the server goes on', async () => {
    // A client that is still sending may find the connection broken before it reads the answer.
    const asked = httpsAnswer(server, { path: '/api', token: 'x'.repeat(80 * 1024) }).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    assert.ok([431, 'ECONNRESET', 'EPIPE'].includes((await asked) ?? ''), String(await asked));
    const certificate = await pkiPair(server, 'admin');
    assert.equal(await nameOf(server, { certificate }), 'kubernetes-admin');
  });

  test('are taken one by one over HTTP/2, too', async () => {
    const { cert, key } = await pkiPair(server, 'front-proxy-client');
    const session = connect(server.url, { ca: server.config.tls.ca, cert, key });
    try {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        'content-type': 'application/json',
        'x-remote-user': 'jane',
        'x-remote-group': ['a, b', 'c'],
      });
      stream.end('{}');
      let text = '';
      for await (const piece of stream) text += String(piece);
      const { status } = JSON.parse(text) as { status: { userInfo: UserInfo } };
      assert.deepEqual(status.userInfo.groups, ['a, b', 'c', 'system:authenticated']);
    } finally {
      session.close();
    }
  });
});
