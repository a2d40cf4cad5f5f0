// Writes: what is refused is not stored, and what is stored is what was agreed.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import type { Status } from '../../src/machinery/status.ts';
import { stillServer, TestServer } from '../support/server.ts';
import { Http1Connection, Http2Connection, type WireAnswer, type WireConnection } from '../support/wire.ts';

interface Item {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly replicas?: number };
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

let server: TestServer;
let client: RestClient;
let http1: WireConnection;
let http2: WireConnection;
const warnings: string[] = [];
let count = 0;
/** A name that no other test uses. */
let name: string;

before(async () => {
  server = await TestServer.start({ args: stillServer });
  client = server.client('kubets-test/1', (text) => warnings.push(text));
  http1 = new Http1Connection(server.config);
  http2 = new Http2Connection(server.config);
});
beforeEach(() => {
  name = `n-${++count}`;
  warnings.length = 0;
});
after(async () => {
  http1?.close();
  http2?.close();
  client?.transport.close();
  await server?.stop();
});

function create(fields: object = {}, query: Readonly<Record<string, string>> = {}): Promise<Item> {
  const { metadata = {}, ...rest } = fields as { metadata?: object };
  return client.request('POST', configMaps, { body: { metadata: { name, ...metadata }, ...rest }, query });
}

function patch(path: string, body: unknown, query: Readonly<Record<string, string>> = {}): Promise<Item> {
  return client.request('PATCH', path, { contentType: 'application/merge-patch+json', body, query });
}

function deployment(fields: object = {}): object {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  return { metadata: { name }, spec: { selector: { matchLabels: { app: 'x' } }, template, ...fields } };
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

describe('preconditions', () => {
  test('an update from an old version: 409 with upstream’s text', async () => {
    const created = await create();
    await patch(`${configMaps}/${name}`, { data: { x: '1' } });
    const put = (body: object): Promise<Item> => client.request('PUT', `${configMaps}/${name}`, { body });
    await assert.rejects(put({ ...created, data: { x: '2' } }), {
      code: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on configmaps "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    });
    assert.deepEqual((await client.get<Item>(`${configMaps}/${name}`)).data, { x: '1' });
    // Without a version, whatever is there is replaced.
    assert.deepEqual((await put({ metadata: { name }, data: { x: '3' } })).data, { x: '3' });
  });

  test('an object that was made anew is not the one that was meant', async () => {
    const { metadata } = await create();
    const put = client.request('PUT', `${configMaps}/${name}`, { body: { metadata: { name, uid: 'other' } } });
    await assert.rejects(put, {
      code: 409,
      message: `Operation cannot be fulfilled on configmaps "${name}": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ${metadata.uid}`,
    });
    const remove = (preconditions: object): Promise<unknown> =>
      client.request('DELETE', `${configMaps}/${name}`, { body: { preconditions } });
    await assert.rejects(remove({ uid: 'other' }), { code: 409 });
    await assert.rejects(remove({ resourceVersion: '1' }), {
      code: 409,
      message: `Operation cannot be fulfilled on ConfigMap "${name}": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    });
    await remove({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
    await isAbsent(`${configMaps}/${name}`);
  });

  test('one of many writers from one version wins', async () => {
    const created = await create();
    const writers = Array.from({ length: 20 }, (_, i) =>
      client.request('PUT', `${configMaps}/${name}`, { body: { ...created, data: { i: String(i) } } }),
    );
    const results = await Promise.allSettled(writers);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test('patches of many writers all count', async () => {
    await create();
    const writers = 20;
    await Promise.all(
      Array.from({ length: writers }, async (_, i) => {
        // Upstream, too, gives up on a very busy object; a client then tries again.
        for (;;) {
          try {
            await patch(`${configMaps}/${name}`, { data: { [`k${i}`]: 'x' } });
            return;
          } catch (error) {
            if (!(error instanceof Error && 'code' in error && error.code === 409)) throw error;
          }
        }
      }),
    );
    assert.equal(Object.keys((await client.get<Item>(`${configMaps}/${name}`)).data ?? {}).length, writers);
  });

  test('names that do not fit', async () => {
    await create();
    await assert.rejects(create(), {
      code: 409,
      reason: 'AlreadyExists',
      message: `configmaps "${name}" already exists`,
    });
    await assert.rejects(client.request('PUT', `${configMaps}/${name}`, { body: { metadata: { name: 'other' } } }), {
      code: 400,
      message: `the name of the object (other) does not match the name on the URL (${name})`,
    });
    await assert.rejects(create({ metadata: { namespace: 'kube-system', name: 'x' } }), {
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    });
    await assert.rejects(
      client.request('POST', '/api/v1/namespaces/none/configmaps', { body: { metadata: { name } } }),
      {
        code: 404,
        message: 'namespaces "none" not found',
      },
    );
    await assert.rejects(create({ metadata: { name: 'other', resourceVersion: '5' } }), {
      code: 400,
      message: 'resourceVersion should not be set on objects to be created',
    });
  });

  test('names that the server makes', async () => {
    const made = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.request<Item>('POST', configMaps, { body: { metadata: { generateName: `${name}-` } } }),
      ),
    );
    assert.equal(new Set(made.map(({ metadata }) => metadata.name)).size, 10);
    for (const { metadata } of made)
      assert.match(metadata.name, new RegExp(`^${name}-[bcdfghjklmnpqrstvwxz2456789]{5}$`));
  });
});

describe('dry run', () => {
  const dryRun = { dryRun: 'All' };

  test('shows what would be, and stores nothing', async () => {
    const existing = await client.request<Item>('POST', deployments, { body: deployment({ replicas: 2 }) });
    const target = `${deployments}/${name}`;
    const version = await storeVersion();
    const made = await client.request<Item>('POST', configMaps, { body: { metadata: { name } }, query: dryRun });
    assert.equal(made.metadata.name, name);
    assert.ok(made.metadata.uid);
    assert.equal((await patch(target, { spec: { replicas: 5 } }, dryRun)).spec?.replicas, 5);
    const put = await client.request<Item>('PUT', target, { body: deployment({ replicas: 6 }), query: dryRun });
    assert.equal(put.spec?.replicas, 6);
    assert.equal(put.metadata.generation, 2);
    const scaled = await patch(`${target}/scale`, { spec: { replicas: 7 } }, dryRun);
    assert.equal(scaled.spec?.replicas, 7);
    await client.request('DELETE', target, { query: dryRun });
    await client.request('DELETE', target, { body: { dryRun: ['All'] } });
    await client.request('DELETE', configMaps, { query: dryRun });
    assert.deepEqual(await client.get(target), existing);
    await isAbsent(`${configMaps}/${name}`);
    assert.equal(await storeVersion(), version);
  });

  test('refuses what would be refused', async () => {
    await create();
    await assert.rejects(create({}, dryRun), { code: 409 });
    await assert.rejects(create({ metadata: { name: 'A_' } }, dryRun), { code: 422 });
    await assert.rejects(create({ metadata: { name: 'other' } }, { dryRun: 'x' }), {
      code: 422,
      message: /dryRun: Unsupported value: .*supported values: "All"/,
    });
  });
});

describe('field validation', () => {
  const body = (): Buffer => Buffer.from(`{"data":{"a":"1","a":"2"},"metadata":{"name":"${name}","nome":"x"}}`);
  const send = (fieldValidation: string | undefined): Promise<WireAnswer> =>
    http2.send({
      method: 'POST',
      path: `${configMaps}${fieldValidation === undefined ? '' : `?fieldValidation=${fieldValidation}`}`,
      headers: { 'content-type': 'application/json' },
      body: body(),
    });

  test('Strict refuses, with every field', async () => {
    const answer = await send('Strict');
    assert.equal(answer.status, 400);
    assert.equal(
      statusOf(answer).message,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ' +
        'duplicate field "data.a", unknown field "metadata.nome"',
    );
    await isAbsent(`${configMaps}/${name}`);
  });

  test('Warn warns, and is what happens when nothing is said', async () => {
    for (const fieldValidation of ['Warn', undefined]) {
      const answer = await send(fieldValidation);
      assert.equal(answer.status, 201);
      const { warning = '' } = answer.headers;
      assert.deepEqual(
        [...warning.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text?.replaceAll('\\"', '"')),
        ['duplicate field "data.a"', 'unknown field "metadata.nome"'],
      );
      const stored = await client.get<Item>(`${configMaps}/${name}`);
      assert.deepEqual(stored.data, { a: '2' });
      await client.request('DELETE', `${configMaps}/${name}`);
    }
  });

  test('Ignore says nothing', async () => {
    const answer = await send('Ignore');
    assert.equal(answer.status, 201);
    assert.equal(answer.headers['warning'], undefined);
  });

  test('holds for updates and patches too', async () => {
    await create();
    const path = `${configMaps}/${name}`;
    await assert.rejects(
      client.request('PUT', path, { body: { metadata: { name }, x: 1 }, query: { fieldValidation: 'Strict' } }),
      {
        code: 400,
        message: /strict decoding error: unknown field "x"$/,
      },
    );
    await assert.rejects(patch(path, { x: 1 }, { fieldValidation: 'Strict' }), {
      code: 422,
      message: /unknown field "x"/,
    });
    await patch(path, { x: 1 });
    assert.deepEqual(warnings, ['unknown field "x"']);
    await assert.rejects(create({}, { fieldValidation: 'x' }), { code: 422, message: /Unsupported value: "x"/ });
  });
});

describe('what deletion waits for', () => {
  test('finalizers', async () => {
    await create({ metadata: { finalizers: ['example.com/a', 'example.com/b'] } });
    const path = `${configMaps}/${name}`;
    const deleting = await client.request<Item>('DELETE', path);
    assert.ok(deleting.metadata.deletionTimestamp);
    await assert.rejects(
      patch(path, { metadata: { finalizers: ['example.com/a', 'example.com/b', 'example.com/c'] } }),
      {
        code: 422,
        message: /no new finalizers can be added if the object is being deleted/,
      },
    );
    await patch(path, { metadata: { finalizers: ['example.com/b'] } });
    assert.ok((await client.get<Item>(path)).metadata.deletionTimestamp);
    await patch(path, { metadata: { finalizers: [] } });
    await isAbsent(path);
  });

  test('a collection is deleted by selector, and the objects are told', async () => {
    for (const color of ['red', 'blue']) {
      await create({ metadata: { name: `${name}-${color}`, labels: { color, test: name } } });
    }
    const deleted = await client.request<{ kind: string; items: Item[] }>('DELETE', configMaps, {
      query: { labelSelector: `test=${name},color=red` },
    });
    assert.equal(deleted.kind, 'ConfigMapList');
    assert.deepEqual(
      deleted.items.map(({ metadata }) => metadata.name),
      [`${name}-red`],
    );
    await isAbsent(`${configMaps}/${name}-red`);
    assert.ok(await client.get(`${configMaps}/${name}-blue`));
  });
});

test('who wrote what, and what they changed', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  await create({ data: { x: '1' } });
  const path = `${configMaps}/${name}`;
  await client.request('PATCH', path, {
    contentType: 'application/merge-patch+json',
    body: { data: { x: '2' } },
    headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'kubets-cause-revision': '7', 'audit-id': 'request-1' },
  });
  await client.request('DELETE', path);
  const { items } = await client.get<{ items: { type: string; provenance: object; changes: object[] }[] }>(path, {
    query: { history: true },
  });
  assert.deepEqual(
    items.map(({ type }) => type),
    ['deleted', 'changed', 'created'],
  );
  assert.deepEqual(items[1]?.changes, [{ path: 'data.x', from: '1', to: '2' }]);
  assert.deepEqual(items[1]?.provenance, {
    user: 'kubernetes-admin',
    userAgent: 'kubets-test/1',
    verb: 'patch',
    requestId: 'request-1',
    traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    causeRevision: 7,
  });
});
