// What clients tell a server by: the words of its refusals, and what it does not store.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { stillServer, TestServer } from '../support/server.ts';

let server: TestServer;
let client: RestClient;

before(async () => {
  server = await TestServer.start({ args: stillServer });
  client = server.client();
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

const mergePatch = 'application/merge-patch+json';
const configMaps = '/api/v1/namespaces/default/configmaps';

async function refusal(method: string, path: string, options: object = {}): Promise<string> {
  const error = await client.request(method, path, options).then(
    () => assert.fail(`${method} ${path} was accepted`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StatusError, String(error));
  return `${error.code} ${error.message}`;
}

test('a method that a path does not have is refused without a look at the body', async () => {
  const refused = '405 the server does not allow this method on the requested resource';
  const pods = '/api/v1/namespaces/default/pods';
  for (const [method, path] of [
    ['PUT', pods],
    ['PATCH', pods],
    ['POST', `${pods}/a`],
    ['DELETE', `${pods}/a/status`],
    ['GET', `${pods}/a/binding`],
    ['PUT', '/api/v1/namespaces/default/bindings'],
    ['OPTIONS', pods],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ['POST', '/api/v1/componentstatuses'],
  ] as const) {
    assert.equal(await refusal(method, path), refused, `${method} ${path}`);
  }
});

test('a path that is no API is answered as by a web server, one of an API with a Status', async () => {
  const answer = async (path: string): Promise<string> => {
    const answered = await client.transport.send({ method: 'GET', path });
    const chunks: Buffer[] = [];
    for await (const chunk of answered.body) chunks.push(chunk);
    return `${answered.status} ${answered.header('content-type').join()} ${Buffer.concat(chunks).toString('utf8').slice(0, 17)}`;
  };
  for (const path of ['/nope', '/apis/nope', '/apis/nope/v1/things', '/healthz/nope']) {
    assert.equal(await answer(path), '404 text/plain; charset=utf-8 404 page not foun', path);
  }
  for (const path of ['/api/v2', '/api/v1/things', '/apis/apps/v2/things']) {
    assert.equal(await answer(path), '404 application/json {"kind":"Status",', path);
  }
});

test('what a deletion is bound to is named in its refusal', async () => {
  const { metadata } = await client.request<{ metadata: { uid: string; resourceVersion: string } }>(
    'POST',
    configMaps,
    {
      body: { metadata: { name: 'bound' } },
    },
  );
  const remove = (preconditions: object): Promise<string> =>
    refusal('DELETE', `${configMaps}/bound`, { body: { preconditions } });
  const cannot = '409 Operation cannot be fulfilled on ConfigMap "bound": the';
  assert.equal(
    await remove({ uid: 'x' }),
    `${cannot} UID in the precondition (x) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
  );
  assert.equal(
    await remove({ resourceVersion: '1' }),
    `${cannot} ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
  );
});

test('a deleted collection is shown as it was, its items without their kind', async () => {
  const labels = { all: 'go' };
  await client.request('POST', configMaps, {
    body: { metadata: { name: 'going', labels, finalizers: ['example.com/a'] } },
  });
  const { items } = await client.request<{ items: { kind?: string; metadata: Record<string, unknown> }[] }>(
    'DELETE',
    configMaps,
    { query: { labelSelector: 'all=go' } },
  );
  assert.equal(items.length, 1);
  assert.equal(items[0]?.kind, undefined);
  assert.equal(items[0]?.metadata['deletionTimestamp'], undefined);
});

test('a Job that is deleted without a word on its Pods leaves them, with a warning', async () => {
  const jobs = '/apis/batch/v1/namespaces/default/jobs';
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'registry.example/c:1' }] } };
  const warningOf = async (name: string, query: string): Promise<string> => {
    await client.request('POST', jobs, { body: { metadata: { name }, spec: { template } } });
    const answered = await client.transport.send({ method: 'DELETE', path: `${jobs}/${name}${query}` });
    for await (const _chunk of answered.body);
    return answered.header('warning').join();
  };
  assert.match(await warningOf('silent', ''), /^299 - "child pods are preserved by default when jobs are deleted; /);
  assert.equal(await warningOf('said', '?propagationPolicy=Background'), '');
});

test('a watch from a version that is to come waits for it; one that cannot begin says so itself', async () => {
  const { metadata } = await client.get<{ metadata: { resourceVersion: string } }>(configMaps);
  const events = async (query: string): Promise<string[]> => {
    const path = `${configMaps}?watch=1&timeoutSeconds=1&resourceVersion=${Number(metadata.resourceVersion) + 1e6}${query}`;
    const answered = await client.transport.send({ method: 'GET', path });
    assert.equal(answered.status, 200);
    const chunks: Buffer[] = [];
    // An event before that version: not for this watch.
    await client.request('POST', configMaps, { body: { metadata: { generateName: 'w-' } } });
    for await (const chunk of answered.body) chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString('utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const { type, object } = JSON.parse(line) as { type: string; object: { reason?: string } };
      return `${type} ${object.reason ?? ''}`;
    });
  };
  assert.deepEqual(await events(''), []);
  assert.deepEqual(await events('&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'), ['ERROR Timeout']);
});

describe('field selectors', () => {
  const bySelector = (path: string, selector: string): Promise<string> =>
    refusal('GET', path, { query: { fieldSelector: selector } });

  test('each kind refuses what it does not select by in its own words', async () => {
    assert.equal(
      await bySelector(configMaps, 'spec.x=1'),
      '400 "spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    assert.equal(await bySelector('/api/v1/pods', 'spec.x=1'), '400 field label not supported: spec.x');
    assert.equal(await bySelector('/apis/batch/v1/jobs', 'x=1'), '400 field label "x" not supported for batchv1.Job');
    assert.equal(
      await bySelector('/api/v1/nodes', 'metadata.namespace=a'),
      '400 field label not supported: metadata.namespace',
    );
    assert.equal(await bySelector('/api/v1/pods', 'x'), "400 invalid selector: 'x'; can't understand 'x'");
  });

  test('Events are found by either name of a field', async () => {
    const about = { kind: 'ConfigMap', namespace: 'default', name: 'subject' };
    await client.request('POST', '/api/v1/namespaces/default/events', {
      body: {
        metadata: { name: 'told' },
        involvedObject: about,
        reason: 'Told',
        reportingComponent: 'teller',
        type: 'Normal',
      },
    });
    for (const [path, selector] of [
      ['/api/v1/events', 'involvedObject.name=subject,reportingComponent=teller'],
      ['/apis/events.k8s.io/v1/events', 'regarding.name=subject,reportingController=teller,reason=Told'],
    ] as const) {
      const { items } = await client.get<{ items: unknown[] }>(path, { query: { fieldSelector: selector } });
      assert.equal(items.length, 1, selector);
    }
  });
});

describe('metadata', () => {
  test('what only the server sets cannot be changed', async () => {
    await client.request('POST', configMaps, { body: { metadata: { name: 'kept' } } });
    const path = `${configMaps}/kept`;
    const patch = (metadata: object): Promise<string> =>
      refusal('PATCH', path, { contentType: mergePatch, body: { metadata } });
    const invalid = '422 ConfigMap "kept" is invalid: metadata';
    assert.equal(await patch({ uid: 'other' }), `${invalid}.uid: Invalid value: "other": field is immutable`);
    assert.equal(
      await patch({ deletionTimestamp: '2020-01-01T00:00:00Z' }),
      `${invalid}.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable`,
    );
    assert.equal(
      await patch({ deletionGracePeriodSeconds: 0 }),
      `${invalid}.deletionGracePeriodSeconds: Invalid value: 0: field is immutable`,
    );
    assert.match(
      await refusal('PUT', path, { body: { metadata: { name: 'kept', uid: 'other' } } }),
      /^409 .*StorageError: invalid object, Code: 4, Key: \/registry\/configmaps\/default\/kept, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: /,
    );
  });

  test('an update names the object that the path names', async () => {
    assert.equal(
      await refusal('PUT', `${configMaps}/kept`, { body: { metadata: {} } }),
      '400 the name of the object (kept based on URL) was undeterminable: name must be provided',
    );
    assert.equal(
      await refusal('PATCH', `${configMaps}/kept`, { contentType: mergePatch, body: { metadata: { namespace: 'b' } } }),
      '400 the namespace of the object (b) does not match the namespace on the request (default)',
    );
  });

  test('an owner that is named twice is kept once', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'kept', uid: 'u' };
    const other = { ...owner, uid: 'v' };
    const { metadata } = await client.request<{ metadata: { ownerReferences: object[] } }>('POST', configMaps, {
      body: { metadata: { name: 'owned', ownerReferences: [owner, other, owner] } },
    });
    assert.deepEqual(metadata.ownerReferences, [owner, other]);
  });

  test('an object that is only tried out has no resource version', async () => {
    interface Tried {
      readonly metadata: { readonly uid?: string; readonly resourceVersion?: string };
    }
    const { metadata } = await client.request<Tried>('POST', configMaps, {
      body: { metadata: { name: 'tried' } },
      query: { dryRun: 'All' },
    });
    assert.ok(metadata.uid);
    assert.equal(metadata.resourceVersion, undefined);
  });
});
