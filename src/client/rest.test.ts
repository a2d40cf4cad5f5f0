import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { StatusError } from '../machinery/status.ts';
import { ConnectionError } from './contract.ts';
import { HttpsTransport } from './https-transport.ts';
import { linesOf } from './lines.ts';
import { RestClient } from './rest.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: http.Server;
let answer: Answer;
let client: RestClient;
const warnings: string[] = [];

function clientOf(port: number): RestClient {
  const transport = new HttpsTransport({
    server: new URL(`http://127.0.0.1:${port}/base/`),
    namespace: 'default',
    tls: { insecureSkipVerify: false },
    credentials: {},
    impersonate: { username: 'jane', groups: ['a', 'b'], extra: { 'x/y': ['1'] } },
  });
  return new RestClient(transport, { userAgent: 'test/1', onWarning: (text) => warnings.push(text) });
}

before(async () => {
  server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => answer(request, response, Buffer.concat(pieces).toString('utf8')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = clientOf((server.address() as AddressInfo).port);
});
after(() => {
  client.transport.close();
  server.closeAllConnections();
  server.close();
});

describe('a request', () => {
  test('goes below the server’s path, with query, body, identity and the program’s name', async () => {
    answer = (request, response, body) => {
      response.end(
        JSON.stringify({ url: request.url, method: request.method, headers: request.headersDistinct, body }),
      );
    };
    const echo = await client.request<{
      url: string;
      method: string;
      headers: Record<string, string[]>;
      body: string;
    }>('PATCH', '/api/v1/x?a=1', {
      body: { é: 1 },
      contentType: 'application/merge-patch+json',
      query: { limit: 5, watch: undefined, labelSelector: 'a=b,c' },
    });
    assert.equal(echo.method, 'PATCH');
    assert.equal(echo.url, '/base/api/v1/x?a=1&limit=5&labelSelector=a%3Db%2Cc');
    assert.equal(echo.body, '{"é":1}');
    assert.deepEqual(echo.headers['content-type'], ['application/merge-patch+json']);
    assert.deepEqual(echo.headers['user-agent'], ['test/1']);
    assert.deepEqual(echo.headers['impersonate-user'], ['jane']);
    assert.deepEqual(echo.headers['impersonate-group'], ['a', 'b']);
    assert.deepEqual(echo.headers['impersonate-extra-x%2fy'], ['1']);
  });

  test('hands on warnings', async () => {
    answer = (_request, response) => {
      response.setHeader('warning', ['299 - "say \\"no\\""', '299 - "b", 299 - "c"']);
      response.end('{}');
    };
    warnings.length = 0;
    await client.get('/x');
    assert.deepEqual(warnings, ['say "no"', 'b', 'c']);
  });

  test('that is refused throws what the server says', async () => {
    answer = (_request, response) => {
      response.writeHead(409);
      response.end(
        JSON.stringify({
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          message: 'it is there',
          reason: 'AlreadyExists',
          details: { name: 'x' },
          code: 409,
        }),
      );
    };
    await assert.rejects(client.request('POST', '/x', { body: {} }), (error) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.message, 'it is there');
      assert.equal(error.reason, 'AlreadyExists');
      assert.equal(error.code, 409);
      assert.deepEqual(error.details, { name: 'x' });
      return true;
    });
  });

  test('that something else than an API server refuses says so', async () => {
    answer = (_request, response) => {
      response.writeHead(503);
      response.end('<h1>no</h1>');
    };
    await assert.rejects(client.get('/x'), {
      name: 'StatusError',
      code: 503,
      reason: 'ServiceUnavailable',
      message: 'an error on the server ("<h1>no</h1>") has prevented the request from succeeding',
    });
  });

  test('whose answer is not JSON, or breaks off, fails', async () => {
    answer = (_request, response) => response.end('hello');
    await assert.rejects(client.get('/x'), /GET \/x: the server's answer is not JSON/);
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"a":');
      response.destroy();
    };
    await assert.rejects(client.get('/x'), ConnectionError);
  });

  test('can be aborted', async () => {
    const abort = new AbortController();
    answer = () => abort.abort(new Error('enough'));
    await assert.rejects(client.get('/x', { signal: abort.signal }), { message: 'enough' });
  });

  test('to nobody names the address', async () => {
    const idle = http.createServer().listen(0, '127.0.0.1');
    await once(idle, 'listening');
    const { port } = idle.address() as AddressInfo;
    idle.close();
    await once(idle, 'close');
    await assert.rejects(clientOf(port).get('/x'), {
      name: 'ConnectionError',
      message: `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`,
    });
  });
});

describe('a watch', () => {
  test('yields events until the server ends it; what was cut off is dropped', async () => {
    answer = (request, response) => {
      assert.equal(request.url, '/base/api/v1/pods?resourceVersion=5&watch=true');
      response.write('{"type":"ADDED","object":{"n":1}}\n{"type":"MOD');
      response.write('IFIED","object":{"n":2}}\n');
      response.end('{"type":"DEL');
    };
    const seen: unknown[] = [];
    for await (const event of client.watch('/api/v1/pods', { query: { resourceVersion: '5' } })) seen.push(event);
    assert.deepEqual(seen, [
      { type: 'ADDED', object: { n: 1 } },
      { type: 'MODIFIED', object: { n: 2 } },
    ]);
  });

  test('throws the error that it is told', async () => {
    answer = (_request, response) => {
      response.end('{"type":"ERROR","object":{"kind":"Status","metadata":{},"reason":"Expired","code":410}}\n');
    };
    await assert.rejects(client.watch('/x').next(), { name: 'StatusError', reason: 'Expired', code: 410 });
  });

  test('ends at the server when its reader leaves', async () => {
    const closed = Promise.withResolvers<void>();
    answer = (_request, response) => {
      response.on('close', () => closed.resolve());
      response.write('{"type":"ADDED","object":{}}\n');
    };
    for await (const event of client.watch('/x')) {
      assert.equal(event.type, 'ADDED');
      break;
    }
    await closed.promise;
  });
});

test('lines are the same however the stream is cut', async () => {
  const line = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\n', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat({ max: 30 })), async (lines, sizes) => {
      const wanted = lines.map((text) => text.toWellFormed()).filter((text) => text !== '');
      const all = Buffer.from(lines.map((text) => `${text.toWellFormed()}\n`).join(''), 'utf8');
      async function* pieces(): AsyncGenerator<Buffer> {
        let at = 0;
        for (const size of sizes) {
          yield all.subarray(at, at + size);
          at += size;
        }
        yield all.subarray(at);
      }
      assert.deepEqual(await Array.fromAsync(linesOf(pieces(), 1000)), wanted);
    }),
  );
});

test('a line without end is refused, not gathered for ever', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.alloc(100);
  }
  await assert.rejects(linesOf(endless(), 1000).next(), /a line is longer than 1000 bytes/);
});
