// Lists and gets: pages that agree with each other, versions, representations.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { RestClient } from '../../src/client/rest.ts';
import { stillServer, TestServer } from '../support/server.ts';
import { Http1Connection, Http2Connection, type WireAnswer, type WireConnection } from '../support/wire.ts';

interface Item {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: Item[];
}

let server: TestServer;
let client: RestClient;
let http1: WireConnection;
let http2: WireConnection;
let namespaces = 0;

before(async () => {
  server = await TestServer.start({ args: stillServer });
  client = server.client();
  http1 = new Http1Connection(server.config);
  http2 = new Http2Connection(server.config);
});
after(async () => {
  http1?.close();
  http2?.close();
  client?.transport.close();
  await server?.stop();
});

/** The path of the ConfigMaps of a new namespace. */
async function newCollection(): Promise<string> {
  const name = `reads-${++namespaces}`;
  await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
  return `/api/v1/namespaces/${name}/configmaps`;
}

function create(path: string, name: string, fields: object = {}): Promise<Item> {
  return client.request('POST', path, { body: { metadata: { name }, ...fields } });
}

function change(path: string, name: string, value: string): Promise<Item> {
  return client.request('PATCH', `${path}/${name}`, {
    contentType: 'application/merge-patch+json',
    body: { data: { value } },
  });
}

function names(list: List): string[] {
  return list.items.map(({ metadata }) => metadata.name);
}

/** A list's items as name and version: two lists of one version are the same in this. */
function state(items: readonly Item[]): string[] {
  return items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
}

describe('pages', () => {
  test('show one moment, however much changes while they are read', async () => {
    const path = await newCollection();
    const count = 60;
    for (let i = 0; i < count; i++) await create(path, `o-${String(i).padStart(3, '0')}`);
    const done = new AbortController();
    const writing = (async (): Promise<void> => {
      for (let i = 0; !done.signal.aborted; i++) {
        await create(path, `new-${i}`);
        await change(path, `o-${String((i * 7) % count).padStart(3, '0')}`, String(i));
        await client.request('DELETE', `${path}/new-${i}`);
      }
    })();
    for (const limit of [1, 7, 59, 60, 1000]) {
      const first = await client.get<List>(path, { query: { limit } });
      const version = first.metadata.resourceVersion;
      const whole = await client.get<List>(path, {
        query: { resourceVersion: version, resourceVersionMatch: 'Exact' },
      });
      const items = [...first.items];
      let page = first;
      while (page.metadata.continue !== undefined) {
        assert.equal(page.items.length, limit);
        assert.equal(page.metadata.remainingItemCount, whole.items.length - items.length);
        page = await client.get<List>(path, { query: { limit, continue: page.metadata.continue } });
        assert.equal(page.metadata.resourceVersion, version);
        items.push(...page.items);
      }
      assert.equal(page.metadata.remainingItemCount, undefined);
      assert.equal(whole.metadata.resourceVersion, version);
      assert.deepEqual(state(items), state(whole.items));
    }
    done.abort();
    await writing;
  });

  test('of a selection count its objects, and do not tell how many are left', async () => {
    const path = await newCollection();
    for (let i = 0; i < 20; i++) {
      const labels = { parity: i % 2 === 0 ? 'even' : 'odd' };
      await client.request('POST', path, { body: { metadata: { name: `o-${String(i).padStart(2, '0')}`, labels } } });
    }
    const query = { limit: 4, labelSelector: 'parity=even' };
    const found: string[] = [];
    let next: string | undefined;
    do {
      const page: List = await client.get<List>(path, { query: { ...query, continue: next } });
      assert.equal(page.metadata.remainingItemCount, undefined);
      found.push(...names(page));
      next = page.metadata.continue;
    } while (next !== undefined);
    assert.deepEqual(
      found,
      Array.from({ length: 10 }, (_, i) => `o-${String(2 * i).padStart(2, '0')}`),
    );
  });

  test('are refused where they make no sense', async () => {
    const path = await newCollection();
    await create(path, 'a');
    await create(path, 'b');
    const { metadata } = await client.get<List>(path, { query: { limit: 1 } });
    const next = metadata.continue;
    await assert.rejects(client.get(path, { query: { continue: next, resourceVersion: metadata.resourceVersion } }), {
      code: 400,
      message: 'specifying resource version is not allowed when using continue',
    });
    await assert.rejects(client.get(path, { query: { limit: 1, continue: 'nonsense' } }), {
      code: 400,
      message: /^invalid continue token: continue key is not valid: /,
    });
    await assert.rejects(client.get(await newCollection(), { query: { limit: 1, continue: next } }), { code: 400 });
    await assert.rejects(client.get(path, { query: { limit: 'x' } }), { code: 400 });
  });
});

describe('versions', () => {
  test('exactly one, at least one, any, the newest', async () => {
    const path = await newCollection();
    await create(path, 'a');
    const old = (await client.get<List>(path)).metadata.resourceVersion;
    await change(path, 'a', 'new');
    await create(path, 'b');
    const list = (query: Readonly<Record<string, string | number>>): Promise<List> => client.get<List>(path, { query });
    const exact = await list({ resourceVersion: old, resourceVersionMatch: 'Exact' });
    assert.deepEqual(names(exact), ['a']);
    assert.equal(exact.items[0]?.data, undefined);
    assert.equal(exact.metadata.resourceVersion, old);
    // A limit without a match means the very version, as it did before there were matches.
    assert.deepEqual(names(await list({ resourceVersion: old, limit: 5 })), ['a']);
    for (const query of [
      {},
      { resourceVersion: '0' },
      { resourceVersion: old },
      { resourceVersion: old, resourceVersionMatch: 'NotOlderThan' },
    ]) {
      const newer = await list(query as Record<string, string>);
      assert.deepEqual(names(newer), ['a', 'b']);
      assert.ok(Number(newer.metadata.resourceVersion) > Number(old));
    }
    assert.equal((await client.get<Item>(`${path}/a`, { query: { resourceVersion: old } })).data?.['value'], 'new');
  });

  test('a version from the future is waited for, and then refused', async () => {
    const path = await newCollection();
    const { metadata } = await create(path, 'a');
    const next = Number(metadata.resourceVersion) + 1;
    const waiting = client.get<List>(path, { query: { resourceVersion: next, resourceVersionMatch: 'NotOlderThan' } });
    await create(path, 'b');
    assert.deepEqual(names(await waiting), ['a', 'b']);
    await assert.rejects(client.get(path, { query: { resourceVersion: next + 1_000_000 } }), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && 'reason' in error && 'details' in error);
      assert.equal(error.code, 504);
      assert.equal(error.reason, 'Timeout');
      assert.match(error.message, new RegExp(`^Too large resource version: ${next + 1_000_000}, current: \\d+$`));
      assert.deepEqual(error.details, {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      });
      return true;
    });
  });

  test('combinations that upstream refuses', async () => {
    const path = await newCollection();
    const refused = async (query: Readonly<Record<string, string>>, message: RegExp): Promise<void> => {
      await assert.rejects(client.get(path, { query }), { name: 'StatusError', code: 422, message });
    };
    await refused(
      { resourceVersionMatch: 'Exact' },
      /resourceVersionMatch is forbidden unless resourceVersion is provided/,
    );
    await refused({ resourceVersionMatch: 'x', resourceVersion: '1' }, /Unsupported value: "x"/);
    await refused({ resourceVersionMatch: 'Exact', resourceVersion: '0' }, /is forbidden for resourceVersion "0"/);
    await refused({ sendInitialEvents: 'true' }, /sendInitialEvents is forbidden for list/);
  });
});

describe('representations', () => {
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<WireAnswer> =>
    http2.send({ method: 'GET', path, headers });
  const json = (answer: WireAnswer): unknown => JSON.parse(answer.body.toString('utf8'));

  test('a table, and the columns of a wide one', async () => {
    const answer = await ask('/api/v1/namespaces/default/services', {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    const table = json(answer) as {
      kind: string;
      metadata: { resourceVersion: string };
      columnDefinitions: { name: string; priority: number; type: string; format: string }[];
      rows: { cells: unknown[]; object: { kind: string; metadata: { name: string } } }[];
    };
    assert.equal(table.kind, 'Table');
    assert.match(table.metadata.resourceVersion, /^\d+$/);
    assert.deepEqual(
      table.columnDefinitions.map(({ name, priority }) => [name, priority]),
      [
        ['Name', 0],
        ['Type', 0],
        ['Cluster-IP', 0],
        ['External-IP', 0],
        ['Port(s)', 0],
        ['Age', 0],
        ['Selector', 1],
      ],
    );
    assert.equal(table.columnDefinitions[0]?.format, 'name');
    assert.deepEqual(table.rows[0]?.cells.slice(0, 5), ['kubernetes', 'ClusterIP', '10.96.0.1', '<none>', '443/TCP']);
    assert.equal(table.rows[0]?.object.kind, 'PartialObjectMetadata');
    assert.equal(table.rows[0]?.object.metadata.name, 'kubernetes');
  });

  test('what a table’s rows carry of their objects', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const rowOf = async (includeObject: string): Promise<unknown> => {
      const answer = await ask(`/api/v1/namespaces/default?includeObject=${includeObject}`, { accept });
      return (json(answer) as { rows: { object?: { kind: string } }[] }).rows[0]?.object?.kind;
    };
    assert.equal(await rowOf('Object'), 'Namespace');
    assert.equal(await rowOf('Metadata'), 'PartialObjectMetadata');
    assert.equal(await rowOf('None'), undefined);
    const none = await ask('/api/v1/namespaces/default?includeObject=None', { accept });
    assert.equal((json(none) as { rows: { object?: unknown }[] }).rows[0]?.object, null);
    const refused = await ask('/api/v1/namespaces/default?includeObject=x', { accept });
    assert.equal(
      `${refused.status} ${(json(refused) as { message: string }).message}`,
      "400 Unable to convert to Table as requested: includeObject: Invalid value: \"x\": must be 'Metadata', 'Object', 'None', or empty",
    );
  });

  test('metadata alone', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const list = json(await ask('/api/v1/namespaces', { accept })) as { kind: string; items: object[] };
    assert.equal(list.kind, 'PartialObjectMetadataList');
    assert.deepEqual(
      new Set(list.items.flatMap((item) => Object.keys(item))),
      new Set(['kind', 'apiVersion', 'metadata']),
    );
    const one = json(await ask('/api/v1/namespaces/default', { accept: accept.replace('List', '') })) as {
      kind: string;
      apiVersion: string;
    };
    assert.equal(one.kind, 'PartialObjectMetadata');
    assert.equal(one.apiVersion, 'meta.k8s.io/v1');
  });

  test('YAML, pretty JSON, and nothing that the server cannot send', async () => {
    const yaml = await ask('/api/v1/namespaces/default', { accept: 'application/yaml' });
    assert.equal(yaml.headers['content-type'], 'application/yaml');
    assert.match(yaml.body.toString('utf8'), /^kind: Namespace$/m);
    const plain = (await ask('/api/v1/namespaces/default')).body.toString('utf8');
    assert.ok(!plain.trimEnd().includes('\n'));
    for (const answer of [
      await ask('/api/v1/namespaces/default?pretty=true'),
      await ask('/api/v1/namespaces/default', { 'user-agent': 'curl/8.0' }),
    ]) {
      const text = answer.body.toString('utf8');
      assert.match(text, /^\{\n {2}"kind": "Namespace",\n/);
      assert.deepEqual(JSON.parse(text), JSON.parse(plain));
    }
    assert.match(
      (await ask('/api/v1/namespaces?pretty=1')).body.toString('utf8'),
      /^\{\n {2}"kind": "NamespaceList",\n/,
    );
    const refused = await ask('/api/v1/namespaces', { accept: 'text/html' });
    assert.equal(refused.status, 406);
    assert.match(refused.body.toString('utf8'), /only the following media types are accepted: application\/json/);
  });

  test('compressed where it pays', async () => {
    const path = await newCollection();
    for (let i = 0; i < 4; i++) await create(path, `o-${i}`, { data: { x: `${i}-`.repeat(100_000) } });
    for (const [one, size] of [
      [path, 'list'],
      [`${path}/o-0`, 'object'],
    ] as const) {
      for (const connection of [http1, http2]) {
        const plain = await connection.send({ method: 'GET', path: one });
        const packed = await connection.send({ method: 'GET', path: one, headers: { 'accept-encoding': 'gzip' } });
        assert.equal(plain.headers['content-encoding'], undefined);
        assert.equal(packed.headers['content-encoding'], 'gzip', size);
        assert.equal(packed.headers['vary'], 'Accept-Encoding');
        assert.ok(packed.body.length < plain.body.length / 10);
        assert.deepEqual(gunzipSync(packed.body), plain.body);
      }
    }
    const small = await ask('/api/v1/namespaces/default', { 'accept-encoding': 'gzip' });
    assert.equal(small.headers['content-encoding'], undefined);
    const refused = await ask(path, { 'accept-encoding': 'gzip;q=0, identity' });
    assert.equal(refused.headers['content-encoding'], undefined);
  });

  test('HEAD has no body, and the connection goes on', async () => {
    const path = await newCollection();
    await create(path, 'a', { data: { x: 'y'.repeat(1_000_000) } });
    const one = new Http1Connection(server.config, 1);
    for (const target of [path, `${path}/a`, `${path}?watch=1`, '/healthz', `${path}/none`]) {
      const answer = await one.send({ method: 'HEAD', path: target });
      assert.equal(answer.status, target.endsWith('none') ? 404 : 200, target);
      assert.equal(answer.body.length, 0);
      assert.equal((await one.send({ method: 'GET', path: '/healthz' })).body.toString('utf8'), 'ok');
    }
    one.close();
  });
});
