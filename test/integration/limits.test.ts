// What is too much, or no object at all: refused with the right status, and nothing stored.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import type { Status } from '../../src/machinery/status.ts';
import { stillServer, TestServer } from '../support/server.ts';
import { Http1Connection, Http2Connection, type WireAnswer, type WireConnection } from '../support/wire.ts';

interface Item {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}

const configMaps = '/api/v1/namespaces/default/configmaps';

let server: TestServer;
let client: RestClient;
let http1: WireConnection;
let http2: WireConnection;
let count = 0;
/** A name that no other test uses. */
let name: string;

before(async () => {
  server = await TestServer.start({ args: stillServer });
  client = server.client();
  http1 = new Http1Connection(server.config);
  http2 = new Http2Connection(server.config);
});
beforeEach(() => {
  name = `n-${++count}`;
});
after(async () => {
  http1?.close();
  http2?.close();
  client?.transport.close();
  await server?.stop();
});

function create(fields: object): Promise<Item> {
  const { metadata = {}, ...rest } = fields as { metadata?: object };
  return client.request('POST', configMaps, { body: { metadata: { name, ...metadata }, ...rest } });
}

function patch(path: string, body: unknown): Promise<Item> {
  return client.request('PATCH', path, { contentType: 'application/merge-patch+json', body });
}

/** The version of everything: it does not move when nothing is stored. */
async function storeVersion(): Promise<string> {
  const { metadata } = await client.get<{ metadata: { resourceVersion: string } }>('/api/v1/namespaces');
  return metadata.resourceVersion;
}

async function isAbsent(path: string): Promise<void> {
  await assert.rejects(client.get(path), { code: 404 });
}

function statusOf({ body }: WireAnswer): Status {
  return JSON.parse(body.toString('utf8')) as Status;
}

describe('limits', () => {
  const post = (connection: WireConnection, body: Buffer, headers: object = {}): Promise<WireAnswer> =>
    connection.send({
      method: 'POST',
      path: configMaps,
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  test('a body beyond 3 MiB, declared or not: 413', async () => {
    const version = await storeVersion();
    const body = Buffer.from(JSON.stringify({ metadata: { name }, data: { x: 'y'.repeat(3 * 1024 * 1024) } }));
    for (const connection of [http1, http2]) {
      for (const headers of [{}, { 'content-length': String(body.length) }]) {
        const answer = await post(connection, body, headers);
        assert.equal(answer.status, 413);
        assert.equal(statusOf(answer).reason, 'RequestEntityTooLarge');
        assert.match(statusOf(answer).message ?? '', /^Request entity too large: limit is 3145728$/);
      }
    }
    await isAbsent(`${configMaps}/${name}`);
    assert.equal(await storeVersion(), version);
  });

  test('an object beyond 1.5 MiB: 413', async () => {
    const templates = '/api/v1/namespaces/default/podtemplates';
    const template = (size: number): object => ({
      spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'X', value: 'y'.repeat(size) }] }] },
    });
    const make = (size: number): Promise<Item> =>
      client.request('POST', templates, { body: { metadata: { name }, template: template(size) } });
    await assert.rejects(make(1.5 * 1024 * 1024), { code: 413, reason: 'RequestEntityTooLarge' });
    await isAbsent(`${templates}/${name}`);
    // A patch that lets it grow beyond is refused as well.
    const { metadata } = await make(1024 * 1024);
    const grow = (size: number): Promise<Item> => patch(`${templates}/${name}`, { template: template(size) });
    await assert.rejects(grow(1.6 * 1024 * 1024), { code: 413 });
    assert.equal((await client.get<Item>(`${templates}/${name}`)).metadata.resourceVersion, metadata.resourceVersion);
    await grow(1.4 * 1024 * 1024);
  });

  test('annotations beyond 256 KiB: 422', async () => {
    await assert.rejects(create({ metadata: { annotations: { a: 'x'.repeat(256 * 1024) } } }), {
      code: 422,
      message: `ConfigMap "${name}" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes`,
    });
    await isAbsent(`${configMaps}/${name}`);
  });

  test('nesting, aliases and numbers beyond measure: 400', async () => {
    const deep = Buffer.from(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    const answer = await post(http2, deep);
    assert.equal(answer.status, 400);
    const bomb = [
      'a: &a [x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [*a${i === 0 ? '' : i - 1}, *a${i === 0 ? '' : i - 1}]`),
    ];
    const yaml = await post(http2, Buffer.from(bomb.join('\n')), { 'content-type': 'application/yaml' });
    assert.equal(yaml.status, 400);
  });

  test('headers beyond 64 KiB end in 431, or the connection’s end', async () => {
    const answer = await http1.send({ method: 'GET', path: '/healthz', headers: { 'x-long': 'x'.repeat(70_000) } });
    assert.equal(answer.status, 431);
    assert.equal((await http1.send({ method: 'GET', path: '/healthz' })).status, 200);
  });

  test('what is no JSON, no object, of another kind, or of another type: 400, 415', async () => {
    const refused = async (body: string, status: number, message: RegExp, type = 'application/json'): Promise<void> => {
      const answer = await post(http2, Buffer.from(body), { 'content-type': type });
      assert.equal(answer.status, status, body);
      assert.match(statusOf(answer).message ?? '', message);
    };
    await refused('{', 400, /unexpected end of JSON input/);
    await refused('{"metadata":{"name":5}}', 400, /cannot unmarshal number into Go struct field .*name of type string/);
    await refused('[]', 400, /must be of type ConfigMap/);
    await refused('{"kind":"Pod","apiVersion":"v1"}', 400, /Pod in version "v1" cannot be handled as a ConfigMap/);
    await refused(
      '{"kind":"ConfigMap","apiVersion":"v2"}',
      400,
      /no kind "ConfigMap" is registered for version "v2" in scheme/,
    );
    await refused('x', 415, /the body of the request was in an unknown format/, 'text/plain');
    await refused('', 400, /./);
  });
});
