// What clients see of a server that ends: their requests finish, their watches end well, nothing is accepted anew.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import { ConnectionError } from '../../src/client/contract.ts';
import { eventually } from '../support/eventually.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';
import { openWatch, transports } from '../support/watch-streams.ts';
import { tlsOptions } from '../support/wire.ts';

const path = '/api/v1/namespaces/default/configmaps';
const delayMs = 2000;

let directory: string;
let server: TestServer;

before(async () => {
  directory = await temporaryDirectory();
  server = await TestServer.start({ directory, args: [`--shutdown-delay-duration=${delayMs}ms`] });
});
after(async () => {
  await server?.kill();
  await removeDirectory(directory);
});

/** A POST whose body is not sent to its end yet. */
interface HalfRequest {
  finish(): Promise<number>;
}

function bodyOf(name: string): [string, string] {
  const text = JSON.stringify({ metadata: { name } });
  return [text.slice(0, 5), text.slice(5)];
}

function beginHttp1(name: string): HalfRequest {
  const [start, rest] = bodyOf(name);
  const { hostname, port } = server.config.server;
  const headers = { 'content-type': 'application/json', 'content-length': start.length + rest.length };
  const request = https.request({
    ...tlsOptions(server.config),
    hostname,
    port,
    path,
    method: 'POST',
    headers,
    agent: false,
  });
  const answer = once(request, 'response');
  answer.catch(() => {});
  request.write(start);
  return {
    finish: async () => {
      request.end(rest);
      const [response] = (await answer) as [{ statusCode: number; resume(): void }];
      response.resume();
      return response.statusCode;
    },
  };
}

function beginHttp2(name: string, session: ClientHttp2Session): HalfRequest {
  const [start, rest] = bodyOf(name);
  const stream: ClientHttp2Stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/json',
  });
  const answer = once(stream, 'response');
  answer.catch(() => {});
  stream.write(start);
  return {
    finish: async () => {
      stream.end(rest);
      const [headers] = (await answer) as [http2.IncomingHttpHeaders];
      stream.resume();
      return Number(headers[':status']);
    },
  };
}

describe('a server that is told to end', () => {
  test('says so before it does, ends watches well, finishes requests, and refuses new ones', async () => {
    const client = server.client();
    const { metadata } = await client.get<{ metadata: { resourceVersion: string } }>(path);
    const watches = await Promise.all(
      transports.map((transport) =>
        openWatch(server.config, transport, `${path}?watch=1&resourceVersion=${metadata.resourceVersion}`),
      ),
    );
    const session = http2.connect(server.config.server, tlsOptions(server.config) as http2.SecureClientSessionOptions);
    await once(session, 'connect');
    const goaway = once(session, 'goaway');
    goaway.catch(() => {});

    server.signal('SIGTERM');
    // Load balancers are given time to see it, and meanwhile all goes on.
    await eventually('it is not ready any more', async () => {
      const answer = await client.transport.send({ method: 'GET', path: '/readyz' });
      const text = Buffer.concat(await Array.fromAsync(answer.body)).toString('utf8');
      return answer.status === 500 && text.includes('[-]shutdown failed');
    });
    assert.equal((await client.transport.send({ method: 'GET', path: '/livez' })).status, 200);
    await client.request('POST', path, { body: { metadata: { name: 'during' } } });
    const requests = [beginHttp1('over-http1'), beginHttp2('over-http2', session)];

    for (const watch of watches) {
      const events = await watch.toEnd();
      assert.deepEqual(
        events.map(({ type, object }) => `${type} ${object.metadata.name}`),
        ['ADDED during'],
      );
    }
    await goaway;
    await eventually('new connections are refused', () =>
      client.get('/readyz').then(
        () => false,
        (error: unknown) => error instanceof ConnectionError,
      ),
    );
    assert.deepEqual(await Promise.all(requests.map((request) => request.finish())), [201, 201]);
    client.transport.close();
    session.close();
    assert.deepEqual(await server.exit, { code: 0, signal: null });
  });

  test('has stored what it acknowledged', async () => {
    server = await TestServer.start({ directory });
    const client = server.client();
    const { items } = await client.get<{ items: { metadata: { name: string } }[] }>(path);
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['during', 'over-http1', 'over-http2'],
    );
    client.transport.close();
  });

  test('ends soon though clients keep idle connections', async () => {
    const agent = new https.Agent({ ...tlsOptions(server.config), keepAlive: true });
    const { hostname, port } = server.config.server;
    const [response] = (await once(https.get({ agent, hostname, port, path }), 'response')) as [{ resume(): void }];
    response.resume();
    const session = http2.connect(server.config.server, tlsOptions(server.config) as http2.SecureClientSessionOptions);
    await once(session, 'connect');
    const startedMs = performance.now();
    server.signal('SIGTERM');
    assert.deepEqual(await server.exit, { code: 0, signal: null });
    assert.ok(performance.now() - startedMs < 5000, 'it waited for connections that nobody used');
    agent.destroy();
    session.destroy();
  });
});
