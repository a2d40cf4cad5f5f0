// What becomes of an HTTP/1.1 connection when a request is answered before its body has arrived.
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { TestServer } from '../support/server.ts';
import { tlsOptions } from '../support/wire.ts';

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

interface Answer {
  readonly status: number;
  readonly localPort: number | undefined;
  readonly bytes: number;
}

function send(agent: https.Agent, method: string, path: string, body?: readonly Buffer[]): Promise<Answer> {
  const { hostname, port } = server.config.server;
  const headers = body === undefined ? {} : { 'transfer-encoding': 'chunked' };
  return new Promise((resolve, reject) => {
    const request = https.request({ agent, hostname, port, method, path, headers }, (response) => {
      let bytes = 0;
      const localPort = response.socket.localPort;
      response.on('data', (piece: Buffer) => (bytes += piece.length));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, localPort, bytes }));
    });
    request.on('error', reject);
    for (const piece of body ?? []) request.write(piece);
    request.end();
  });
}

test('answers that need no body leave the connection open', async () => {
  const agent = new https.Agent({ ...tlsOptions(server.config), keepAlive: true, maxSockets: 1 });
  const first = await send(agent, 'GET', '/version');
  const body = Array.from({ length: 20 }, () => Buffer.alloc(50_000, 'x'));
  const answers = [
    await send(agent, 'GET', '/metrics', body),
    await send(agent, 'POST', '/api/v1/namespaces/default/nothing', body),
    await send(agent, 'GET', '/version'),
  ];
  agent.destroy();
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 200],
  );
  for (const answer of answers) assert.equal(answer.localPort, first.localPort);
});

test('a body without end is cut off', async () => {
  const agent = new https.Agent({ ...tlsOptions(server.config), keepAlive: true, maxSockets: 1 });
  const piece = Buffer.alloc(1024 * 1024, 'x');
  const outcome = await send(
    agent,
    'POST',
    '/api/v1/namespaces/default/nothing',
    Array.from({ length: 64 }, () => piece),
  ).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  agent.destroy();
  // The client may still be writing when the connection closes: then it sees that instead of the answer.
  assert.ok(outcome === 404 || outcome === 'ECONNRESET' || outcome === 'EPIPE', String(outcome));
  assert.equal((await send(new https.Agent(tlsOptions(server.config)), 'GET', '/version')).status, 200);
});
