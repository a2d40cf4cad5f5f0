// What attackers send: refused with the right status, told to nobody but the audit log, and never a fault of the server.
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import type { RestClient } from '../../src/client/rest.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer, type HttpsAnswer, type HttpsRequest } from '../support/https-request.ts';
import { pkiPair } from '../support/identity.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

interface AuditEvent {
  readonly auditID: string;
  readonly user?: { readonly username?: string };
  readonly impersonatedUser?: { readonly username?: string };
  readonly responseStatus?: { readonly code?: number };
}

const namespaces = '/api/v1/namespaces';

let home: string;
let auditLog: string;
let server: TestServer;
let client: RestClient;
/** A good token, and the key that signed it. */
let good: string;
let key: KeyObject;

before(async () => {
  home = await temporaryDirectory();
  auditLog = join(home, 'audit.log');
  const policy = join(home, 'policy.yaml');
  // What answers with secrets is recorded without them: as everybody's policy has it.
  const secret = '{ level: Metadata, resources: [{ group: "", resources: [secrets, serviceaccounts/token] }] }';
  await writeFile(
    policy,
    `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [${secret}, { level: RequestResponse }]\n`,
  );
  server = await TestServer.start({
    args: ['-v=9', `--audit-policy-file=${policy}`, `--audit-log-path=${auditLog}`, '--enable-bootstrap-token-auth'],
  });
  client = server.client();
  await client.request('POST', '/api/v1/namespaces/default/serviceaccounts', { body: { metadata: { name: 'robot' } } });
  const { status } = await client.request<{ status: { token: string } }>(
    'POST',
    '/api/v1/namespaces/default/serviceaccounts/robot/token',
    { body: { spec: { expirationSeconds: 3600 } } },
  );
  good = status.token;
  key = createPrivateKey(await readFile(join(server.directory, 'data/pki/sa.key')));
});
after(async () => {
  client?.transport.close();
  await server?.stop();
  await removeDirectory(home);
});

type Json = Readonly<Record<string, unknown>>;

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function partOf(token: string, index: number): Json {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')) as Json;
}

/** The good token with other claims, signed as it was, or with another key. */
function signed(changes: Json, header: Json = {}, by: KeyObject = key): string {
  const body = `${encode({ ...partOf(good, 0), ...header })}.${encode({ ...partOf(good, 1), ...changes })}`;
  return `${body}.${sign('sha256', Buffer.from(body), { key: by, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

async function events(): Promise<AuditEvent[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as AuditEvent);
}

/** Waits for the record of an answer. */
async function eventOf({ headers, status }: HttpsAnswer): Promise<AuditEvent> {
  const id = headers['audit-id'];
  let found: AuditEvent | undefined;
  await eventually(`the audit log has ${String(id)}`, async () => {
    found = (await events()).find(({ auditID, responseStatus }) => auditID === id && responseStatus?.code === status);
    return found !== undefined;
  });
  assert.ok(found);
  return found;
}

describe('a token that is no good is refused, recorded, and told to nobody', () => {
  const sent: string[] = [];
  const nowSeconds = (): number => Math.floor(Date.now() / 1000);
  const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rows: readonly (readonly [what: string, token: () => string | Promise<string>])[] = [
    ['expired', () => signed({ iat: 1_000_000, nbf: 1_000_000, exp: 1_003_600 })],
    ['not yet valid', () => signed({ nbf: nowSeconds() + 3600, exp: nowSeconds() + 7200 })],
    ['for another audience', () => signed({ aud: ['https://elsewhere.example'] })],
    ['of another issuer', () => signed({ iss: 'https://elsewhere.example' })],
    ['without an algorithm', () => `${encode({ ...partOf(good, 0), alg: 'none' })}.${encode(partOf(good, 1))}.`],
    [
      'with an algorithm in other letters',
      () => `${encode({ ...partOf(good, 0), alg: 'NoNe' })}.${encode(partOf(good, 1))}.`,
    ],
    [
      'signed with the public key as a secret',
      async () => {
        const publicKey = await readFile(join(server.directory, 'data/pki/sa.pub'));
        const body = `${encode({ ...partOf(good, 0), alg: 'HS256' })}.${encode(partOf(good, 1))}`;
        return `${body}.${createHmac('sha256', publicKey).update(body).digest('base64url')}`;
      },
    ],
    ['signed by somebody else', () => signed({}, {}, otherKey)],
    ['signed by a key that it brings along', () => signed({}, { jwk: otherKey.export({ format: 'jwk' }) }, otherKey)],
    ['with a key from elsewhere', () => signed({}, { jku: 'https://elsewhere.example/keys', kid: 'x' }, otherKey)],
    ['with extensions that must be understood', () => signed({}, { crit: ['b64'], b64: false })],
    [
      'with other claims under its signature',
      () => `${encode(partOf(good, 0))}.${encode({ ...partOf(good, 1), exp: 9e9 })}.${good.split('.')[2] ?? ''}`,
    ],
    ['cut short', () => good.slice(0, -8)],
    ['with something after it', () => `${good}.x`],
    ['of a wrong type', () => signed({ exp: 'never', sub: 5 })],
    ['no JSON', () => `${Buffer.from('{').toString('base64url')}.e30.c2ln`],
    ['a bootstrap token of nobody', () => 'abcdef.0123456789abcdef'],
    ['very long', () => 'x'.repeat(30_000)],
    ['nonsense', () => '%00%ff{{7*7}}$(id)'],
  ];

  test('the good token is good', async () => {
    assert.equal((await httpsAnswer(server, { path: '/api', token: good })).status, 200);
    assert.equal((await httpsAnswer(server, { path: '/api', token: signed({}) })).status, 200, 'signed as it was');
  });

  for (const [what, make] of rows) {
    test(what, async () => {
      const token = await make();
      sent.push(token);
      const answer = await httpsAnswer(server, { path: namespaces, token });
      assert.equal(answer.status, 401);
      assert.deepEqual(answer.json, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      });
      assert.equal((await eventOf(answer)).user?.username ?? '', '', 'nobody is named');
      // Where nobody needs credentials, wrong ones are refused as well.
      assert.equal((await httpsAnswer(server, { path: '/readyz', token })).status, 401);
    });
  }

  test('no token, good or bad, is in logs or metrics', async () => {
    const { status } = await client.request<{ status: { token: string } }>(
      'POST',
      '/api/v1/namespaces/default/serviceaccounts/robot/token',
      { body: { spec: {} } },
    );
    await httpsAnswer(server, { path: namespaces, token: status.token });
    const metrics = await httpsAnswer(server, { path: '/metrics', certificate: await pkiPair(server, 'admin') });
    assert.equal(metrics.status, 200);
    const texts = [server.log, await readFile(auditLog, 'utf8'), metrics.text];
    // The signature is what makes a token one; the rest says who it is of.
    const secrets = [good, status.token, ...sent].map((token) => token.split('.').at(-1) ?? '');
    for (const secret of secrets.filter((part) => part.length > 8)) {
      for (const text of texts) assert.ok(!text.includes(secret), secret);
    }
    assert.ok(texts[1]?.includes('serviceaccounts/robot/token'), 'that it was given is recorded');
  });
});

describe('what nobody may do is refused and recorded', () => {
  const rows: readonly (readonly [what: string, request: Omit<HttpsRequest, 'token'>, message: RegExp])[] = [
    [
      'reading',
      { path: namespaces },
      /^namespaces is forbidden: User "system:serviceaccount:default:robot" cannot list/,
    ],
    [
      'being somebody else',
      { path: namespaces, headers: { 'impersonate-user': 'admin' } },
      /is forbidden: User "system:serviceaccount:default:robot" cannot impersonate/,
    ],
    [
      'being of another group',
      {
        path: namespaces,
        headers: { 'impersonate-user': 'system:serviceaccount:default:robot', 'impersonate-group': 'system:masters' },
      },
      /is forbidden: User "system:serviceaccount:default:robot" cannot impersonate/,
    ],
    [
      'giving itself rights',
      {
        method: 'POST',
        path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
        body: { metadata: { name: 'x' }, roleRef: { kind: 'ClusterRole', name: 'cluster-admin' } },
      },
      /cannot create resource "clusterrolebindings"/,
    ],
  ];
  for (const [what, request, message] of rows) {
    test(what, async () => {
      const answer = await httpsAnswer(server, { ...request, token: good });
      assert.equal(answer.status, 403);
      assert.match((answer.json as { message: string }).message, message);
      const event = await eventOf(answer);
      assert.equal(event.user?.username, 'system:serviceaccount:default:robot');
    });
  }
});

/** What the server sends back to bytes as they stand, until it closes the connection or has answered once. */
function exchangeBytes(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      { host: hostname, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] },
      () => socket.write(bytes, 'latin1'),
    );
    let received = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`nothing for 10 s after ${JSON.stringify(received)}`)));
    socket.on('data', (piece: Buffer) => {
      received += piece.toString('latin1');
      if (received.includes('\r\n\r\n')) socket.end();
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The server need not listen to the end of what it refuses.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(received);
      else reject(error);
    });
  });
}

describe('bytes that are no request end in 4xx, or the end of the connection', () => {
  const host = 'Host: x\r\n';
  const rows: readonly (readonly [what: string, bytes: string, answer: RegExp])[] = [
    [
      'two lengths',
      `POST /api HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a length and chunks',
      `POST /api HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    ['a length that is no number', `POST /api HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    [
      'a coding that is unknown',
      `POST /api HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n`,
      /^HTTP\/1\.1 [45]\d\d /,
    ],
    ['a space before the colon', `GET /readyz HTTP/1.1\r\n${host}X-A : b\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a name that is none', `GET /readyz HTTP/1.1\r\n${host}X A: b\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a NUL in a value', `GET /readyz HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a line that goes on', `GET /readyz HTTP/1.1\r\n${host}Authorization: Bearer\r\n a\r\n\r\n`, /^HTTP\/1\.1 4\d\d /],
    ['a bare CR', `GET /readyz HTTP/1.1\r\n${host}X-A: a\rX-B: b\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['no host', 'GET /readyz HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['no method', ` /readyz HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 400 /],
    ['an unknown method', `BREW /api HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 4\d\d /],
    ['another version', `GET /readyz HTTP/9.9\r\n${host}\r\n`, /^HTTP\/1\.1 [45]\d\d /],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a path that is too long', `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 4(?:14|31) |^$/],
    [
      'a value that is too long',
      `GET /readyz HTTP/1.1\r\n${host}X-A: ${'a'.repeat(70_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 |^$/,
    ],
    [
      'too many headers',
      `GET /readyz HTTP/1.1\r\n${host}${'X-A: bbbbbbbb\r\n'.repeat(6000)}\r\n`,
      /^HTTP\/1\.1 431 |^$/,
    ],
    [
      'a token that is too long',
      `GET /readyz HTTP/1.1\r\n${host}Authorization: Bearer ${'a'.repeat(70_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 |^$/,
    ],
    [
      'a token of controls',
      `GET /readyz HTTP/1.1\r\n${host}Authorization: Bearer \x01\x02\r\n\r\n`,
      /^HTTP\/1\.1 40[01] /,
    ],
    ['a path that leads out', `GET /../../etc/passwd HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 40[014] /],
    ['a path with broken escapes', `GET /api/v1/namespaces/%zz HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 40[014] /],
    ['an address for a proxy', `GET http://169.254.169.254/latest HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 40[014] /],
    ['a tunnel', `CONNECT 169.254.169.254:80 HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 4\d\d |^$/],
  ];
  for (const [what, bytes, expected] of rows) {
    test(what, async () => {
      const answer = await exchangeBytes(bytes);
      assert.match(answer, expected);
      assert.doesNotMatch(answer, /node:|\.ts:\d|at Object|root:/, 'nothing of the inside');
      assert.equal((await httpsAnswer(server, { path: '/readyz' })).status, 200, 'the server goes on');
    });
  }

  test('nothing of it was a fault', () => {
    assert.doesNotMatch(server.log, /request failed|unhandled|TypeError/i);
  });
});
