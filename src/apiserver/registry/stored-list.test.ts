import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { Frame, Headers, ResponseStream } from '../contract.ts';
import { BaseExchange } from '../http/exchange.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { ObjectForm } from './object-bytes.ts';
import { sendStoredList } from './stored-list.ts';

const form = new ObjectForm({ kind: 'ConfigMap' }, '', 'v1');
const head = { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' } };

/** A client that takes what was written only when it is told to: until then the server may not touch the bytes. */
class SlowExchange extends BaseExchange {
  readonly httpVersion = '1.1';
  readonly answer = Promise.withResolvers<Buffer>();
  readonly #headers: Readonly<Record<string, string>>;
  readonly #read: Buffer[] = [];
  readonly #readChunks: Buffer[] = [];
  readonly #leaveAfter: number;
  sent: Headers = {};

  /** @param leaveAfter Pieces after which the client is gone. */
  constructor(headers: Readonly<Record<string, string>> = {}, leaveAfter = Infinity) {
    super('GET', '/', { clientCertificate: undefined, remoteAddress: '', memory: new Map() }, undefined);
    this.#headers = headers;
    this.#leaveAfter = leaveAfter;
  }

  /** The answer as HTTP/1.1 chunks. */
  get chunks(): Buffer {
    return Buffer.concat(this.#readChunks);
  }
  header(name: string): string | undefined {
    return this.#headers[name];
  }
  headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }
  headerValues(): readonly string[] {
    return [];
  }

  readBody(): Promise<Buffer> {
    return Promise.resolve(Buffer.alloc(0));
  }
  protected send(_status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void {
    this.sent = headers;
    this.answer.resolve(Buffer.isBuffer(body) ? body : Buffer.concat(body ?? []));
  }
  protected open(_status: number, headers: Headers): ResponseStream {
    this.sent = headers;
    let drained: (() => void)[] = [];
    let taken = 0;
    return {
      pendingBytes: 0,
      write: (frame: Frame) => {
        setImmediate(() => {
          if (++taken > this.#leaveAfter) {
            this.closed();
            this.answer.resolve(Buffer.concat(this.#read));
            return;
          }
          this.#read.push(Buffer.from(frame.bytes));
          this.#readChunks.push(Buffer.from(frame.chunk));
          for (const listener of drained) listener();
        });
        return false;
      },
      onDrain: (listener) => void (drained = [...drained, listener]),
      end: () => this.answer.resolve(Buffer.concat(this.#read)),
      destroy: () => this.closed(),
    };
  }
}

function objectsOf(sizes: readonly number[]): { cached: CachedObject[]; items: unknown[] } {
  const cached: CachedObject[] = [];
  const items: unknown[] = [];
  for (const [i, size] of sizes.entries()) {
    const object = { metadata: { name: `n${i}` }, data: { a: String(i % 10).repeat(size) } };
    const revision = 10 ** (i % 15) + i;
    const value = form.encode(object as Parameters<typeof form.encode>[0]);
    cached.push({
      key: `k${i}`,
      revision,
      value,
      namespace: '',
      name: `n${i}`,
      labels: undefined,
      fields: undefined,
    });
    items.push({ ...object, metadata: { resourceVersion: String(revision), name: `n${i}` } });
  }
  return { cached, items };
}

/** Undoes HTTP/1.1's chunked coding, strictly. */
function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    assert.equal(bytes.toString('latin1', end + 2 + size, end + 4 + size), '\r\n');
    at = end + 4 + size;
  }
  return Buffer.concat(parts);
}

test('a list of any length and sizes comes whole, however it is cut', async () => {
  const size = fc.oneof(fc.nat(100), fc.nat(20_000), fc.integer({ min: 250_000, max: 270_000 }), fc.nat(1_000_000));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 40 }), async (sizes) => {
      const { cached, items } = objectsOf(sizes);
      const exchange = new SlowExchange();
      await sendStoredList(exchange, { form, head, objects: cached });
      const bytes = await exchange.answer.promise;
      assert.deepEqual(JSON.parse(bytes.toString()), { ...head, items });
      assert.ok(exchange.chunks.length === 0 || unchunk(exchange.chunks).equals(bytes));
    }),
    { numRuns: 30 },
  );
});

test('lists that are sent at the same time do not share buffers', async () => {
  const lists = [1, 2, 3, 4].map((n) => objectsOf(Array.from({ length: 400 }, (_, i) => 3000 + i * n)));
  const exchanges = lists.map(() => new SlowExchange());
  for (let round = 0; round < 3; round++) {
    await Promise.all(
      lists.map(({ cached }, i) => sendStoredList(exchangeAt(exchanges, i), { form, head, objects: cached })),
    );
    for (const [i, { items }] of lists.entries()) {
      const bytes = await exchangeAt(exchanges, i).answer.promise;
      assert.deepEqual(JSON.parse(bytes.toString()), { ...head, items });
    }
    exchanges.splice(0, exchanges.length, ...lists.map(() => new SlowExchange()));
  }
});

function exchangeAt(exchanges: readonly SlowExchange[], index: number): SlowExchange {
  const exchange = exchanges[index];
  assert.ok(exchange);
  return exchange;
}

test('a client that goes in the middle of a list ends its making', async () => {
  const { cached } = objectsOf(Array.from({ length: 400 }, () => 5000));
  const exchange = new SlowExchange({}, 3);
  await sendStoredList(exchange, { form, head, objects: cached });
  assert.ok((await exchange.answer.promise).length < 1_000_000);
});

test('a long list is compressed for those who take it', async () => {
  const { cached, items } = objectsOf(Array.from({ length: 400 }, () => 5000));
  const exchange = new SlowExchange({ 'accept-encoding': 'gzip' });
  await sendStoredList(exchange, { form, head, objects: cached });
  assert.equal(exchange.sent['content-encoding'], 'gzip');
  assert.deepEqual(JSON.parse(gunzipSync(await exchange.answer.promise).toString()), { ...head, items });
});
