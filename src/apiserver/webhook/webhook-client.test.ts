import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Clock } from '../../machinery/clock.ts';
import { realClock } from '../../machinery/clock.ts';
import { seededRandom } from '../../machinery/random.ts';
import { WebhookClient, WebhookError } from './webhook-client.ts';

let server: Server;
let answer: (response: ServerResponse) => void;
let asked: { readonly body: string; readonly authorization: string | undefined }[] = [];

before(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      asked.push({
        body: Buffer.concat(pieces).toString('utf8'),
        authorization: request.headers.authorization,
      });
      answer(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  asked = [];
});
after(() => {
  server.close();
  server.closeAllConnections();
});

function clientWith(waits: number[], timeoutMs = 5000): WebhookClient {
  const clock: Clock = {
    ...realClock,
    sleep(delayMs) {
      waits.push(delayMs);
      return Promise.resolve();
    },
  };
  return new WebhookClient(
    {
      url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/review`),
      ca: undefined,
      serverName: undefined,
      insecureSkipVerify: false,
      certificate: undefined,
      key: undefined,
      authorization: () => 'Bearer t',
    },
    { clock, random: seededRandom('webhook'), timeoutMs, maxAttempts: 3 },
  );
}

describe('a webhook', () => {
  test('is asked with JSON and who one is, and answers with JSON', async () => {
    answer = (response) => response.end('{"yes":true}');
    const client = clientWith([]);
    assert.deepEqual(await client.ask({ question: 1 }), { yes: true });
    assert.deepEqual(asked, [{ body: '{"question":1}', authorization: 'Bearer t' }]);
    client.close();
  });

  test('is asked again, after longer and longer waits, when it fails in a way that may pass', async () => {
    const statuses = [503, 429, 200];
    answer = (response) => response.writeHead(statuses.shift() ?? 500).end('{}');
    const waits: number[] = [];
    const client = clientWith(waits);
    assert.deepEqual(await client.ask({}), {});
    const [one = 0, two = 0] = waits;
    assert.ok(one >= 500 && one <= 600 && two >= 750 && two <= 900 && waits.length === 2, String(waits));
    client.close();
  });

  test('is not asked again when its answer will stay what it is', async () => {
    for (const [reply, message] of [
      [(response: ServerResponse) => response.writeHead(403).end(), /answered with status 403/],
      [(response: ServerResponse) => response.end('no'), /answered with no JSON/],
    ] as const) {
      answer = reply;
      asked = [];
      const client = clientWith([]);
      await assert.rejects(client.ask({}), (error) => error instanceof WebhookError && message.test(error.message));
      assert.equal(asked.length, 1);
      client.close();
    }
  });

  test('that is silent, breaks off or says too much is given up in the end', async () => {
    for (const [reply, message] of [
      [() => {}, /no answer in 50 ms/],
      [(response: ServerResponse) => response.destroy(), /socket hang up/],
      [(response: ServerResponse) => response.end('x'.repeat(1024 * 1024 + 1)), /longer than 1048576 bytes/],
    ] as const) {
      answer = reply;
      asked = [];
      const client = clientWith([], 50);
      await assert.rejects(client.ask({}), (error) => error instanceof WebhookError && message.test(error.message));
      assert.equal(asked.length, 3);
      client.close();
    }
  });
});
