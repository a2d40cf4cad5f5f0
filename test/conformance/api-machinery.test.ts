// Discovery, versions, tables, field validation.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { APIGroupDiscoveryList } from '../../src/api/types/apidiscovery.v2.ts';
import type { Deployment } from '../../src/api/types/apps.v1.ts';
import type { APIGroup, APIGroupList, APIResourceList, Table } from '../../src/api/types/meta.v1.ts';
import { Http2Connection, type WireAnswer, type WireRequest } from '../support/wire.ts';
import { startCluster, type StoredList } from './cluster.ts';

const cluster = startCluster();
let connection: Http2Connection | undefined;
after(() => connection?.close());

/** For bodies and headers that a client would not send or show. */
function send(request: WireRequest): Promise<WireAnswer> {
  connection ??= new Http2Connection(cluster.server.config);
  return connection.send(request);
}

async function groupsOf(): Promise<readonly APIGroup[]> {
  const { groups } = await cluster.client.get<APIGroupList>('/apis');
  assert.ok(groups && groups.length > 15);
  return groups;
}

test('[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup', async () => {
  for (const { name } of await groupsOf()) {
    const { preferredVersion, versions } = await cluster.client.get<APIGroup>(`/apis/${name}`);
    assert.ok(preferredVersion, name);
    assert.ok(
      versions?.some(
        ({ groupVersion, version }) =>
          groupVersion === preferredVersion.groupVersion && version === preferredVersion.version,
      ),
      name,
    );
  }
});

test('[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup', async () => {
  for (const { name, preferredVersion } of await groupsOf()) {
    const list = await cluster.client.get<APIResourceList>(`/apis/${preferredVersion?.groupVersion}`);
    assert.equal(list.groupVersion, preferredVersion?.groupVersion);
    assert.ok(
      list.resources?.some(({ kind, verbs }) => kind !== '' && (verbs?.length ?? 0) > 0),
      name,
    );
  }
});

/** What a path's aggregated discovery says: `group/version/resource verbs`, subresources included. */
function aggregated({ kind, items }: APIGroupDiscoveryList): string[] {
  assert.equal(kind, 'APIGroupDiscoveryList');
  return items
    .flatMap(({ metadata, versions = [] }) =>
      versions.flatMap(({ version, resources = [] }) =>
        resources.flatMap(({ resource, verbs, subresources = [] }) => [
          `${metadata.name ?? ''}/${version}/${resource} ${verbs?.toSorted().join()}`,
          ...subresources.map(
            (sub) => `${metadata.name ?? ''}/${version}/${resource}/${sub.subresource} ${sub.verbs?.toSorted().join()}`,
          ),
        ]),
      ),
    )
    .toSorted();
}

async function unaggregated(path: '/api' | '/apis'): Promise<string[]> {
  const versions =
    path === '/api'
      ? [['', 'v1']]
      : (await groupsOf()).flatMap(({ name, versions }) => (versions ?? []).map(({ version }) => [name, version]));
  const lists = versions.map(async ([group, version]) => {
    const { resources } = await cluster.client.get<APIResourceList>(
      group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
    );
    return (resources ?? []).map(({ name, verbs }) => `${group}/${version}/${name} ${verbs?.toSorted().join()}`);
  });
  return (await Promise.all(lists)).flat().toSorted();
}

test('[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers', async () => {
  for (const path of ['/api', '/apis'] as const) {
    const accept = 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList';
    const { status, headers, body } = await send({ method: 'GET', path, headers: { accept } });
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /g=apidiscovery\.k8s\.io/);
    const list = JSON.parse(body.toString('utf8')) as APIGroupDiscoveryList;
    assert.deepEqual(aggregated(list), await unaggregated(path));
    // Whoever knows it costs nothing.
    const again = await send({
      method: 'GET',
      path,
      headers: { accept, 'if-none-match': headers['etag'] ?? 'none' },
    });
    assert.equal(again.status, 304);
  }
});

test('[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface', async () => {
  // As client-go asks: newest form first, the old one last.
  const form = (version: string): string =>
    `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  const accept = `${form('v2')},${form('v2beta1')},application/json`;
  for (const path of ['/api', '/apis'] as const) {
    const list = await cluster.client.get<APIGroupDiscoveryList>(path, { accept });
    assert.equal(list.apiVersion, 'apidiscovery.k8s.io/v2');
    assert.deepEqual(aggregated(list), await unaggregated(path));
    const old = await cluster.client.get<APIGroupList>(path);
    assert.notEqual(old.kind as string, 'APIGroupDiscoveryList');
  }
});

test('[sig-api-machinery] server version should find the server version', async () => {
  const { major, minor } = await cluster.client.get<{ major: string; minor: string }>('/version');
  assert.match(major, /^\d+$/);
  assert.match(minor, /^\d+$/);
});

const tableForm = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test('[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata', async () => {
  const review = { spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } } };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  await assert.rejects(cluster.client.request('POST', path, { body: review, accept: tableForm }), {
    code: 406,
    reason: 'NotAcceptable',
  });
});

test('[sig-api-machinery] Servers with support for Table transformation should return pod details', async () => {
  const namespace = await cluster.newNamespace();
  const pods = cluster.resource<object>('v1', 'pods', namespace);
  await pods.create({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  const table = await cluster.client.get<Table>(`${pods.path}/p`, { accept: tableForm });
  assert.equal(table.kind, 'Table');
  assert.deepEqual(
    table.columnDefinitions?.map(({ name }) => name),
    ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node', 'Nominated Node', 'Readiness Gates'],
  );
  assert.equal(table.rows?.length, 1);
  assert.deepEqual(table.rows?.[0]?.cells?.slice(0, 3), ['p', '0/1', 'Pending']);
});

test('[sig-api-machinery] Servers with support for Table transformation should return chunks of table results for list calls', async () => {
  const templates = cluster.resource<object>('v1', 'podtemplates', await cluster.newNamespace());
  const template = { spec: { containers: [{ name: 'c', image: 'i' }] } };
  for (let i = 0; i < 5; i++) await templates.create({ metadata: { name: `t-${i}` }, template });
  const rows: unknown[] = [];
  let next: string | undefined;
  do {
    const { metadata, ...table } = await cluster.client.get<Table & Pick<StoredList<object>, 'metadata'>>(
      templates.path,
      { accept: tableForm, query: { limit: 2, ...(next === undefined ? {} : { continue: next }) } },
    );
    rows.push(...(table.rows ?? []).map(({ cells }) => cells?.[0]));
    next = metadata.continue;
    if (next !== undefined) assert.equal(metadata.remainingItemCount, 5 - rows.length);
  } while (next !== undefined);
  assert.deepEqual(rows, ['t-0', 't-1', 't-2', 't-3', 't-4']);
});

function deployment(name: string, changes: (json: string) => string): string {
  const object: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'nginx' } },
      template: {
        metadata: { labels: { app: 'nginx' } },
        spec: { containers: [{ name: 'nginx', image: 'nginx', imagePullPolicy: 'Always' }] },
      },
    },
  };
  return changes(JSON.stringify(object));
}

interface Told {
  readonly status: number;
  readonly message: string;
  readonly warnings: string;
}

async function createRaw(json: string, fieldValidation: string): Promise<Told> {
  const { status, headers, body } = await send({
    method: 'POST',
    path: `/apis/apps/v1/namespaces/default/deployments?fieldValidation=${fieldValidation}`,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(json),
  });
  const { message = '' } = JSON.parse(body.toString('utf8')) as { message?: string };
  return { status, message, warnings: headers['warning'] ?? '' };
}

test('[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object', async () => {
  const broken = (name: string): string =>
    deployment(name, (json) =>
      json
        .replace('"replicas":1', '"unknownField":"foo","replicas":1,"replicas":2')
        .replace('"image":"nginx"', '"image":"nginx","image":"other"'),
    );
  const complaints = [
    'unknown field "spec.unknownField"',
    'duplicate field "spec.replicas"',
    'duplicate field "spec.template.spec.containers[0].image"',
  ];
  const strict = await createRaw(broken('strict'), 'Strict');
  assert.equal(strict.status, 400);
  for (const complaint of complaints) assert.ok(strict.message.includes(complaint), strict.message);
  assert.match(strict.message, /strict decoding error: /);
  const warned = await createRaw(broken('warn'), 'Warn');
  assert.equal(warned.status, 201);
  for (const complaint of complaints) {
    assert.ok(warned.warnings.includes(complaint.replaceAll('"', '\\"')), warned.warnings);
  }
  assert.deepEqual(await createRaw(broken('ignored'), 'Ignore'), { status: 201, message: '', warnings: '' });
});

test('[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object', async () => {
  const told = await createRaw(
    deployment('meta', (json) => json.replace('"name":"meta"', '"name":"meta","unknownMeta":"metaVal"')),
    'Strict',
  );
  assert.equal(told.status, 400);
  assert.equal(
    told.message,
    'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "metadata.unknownMeta"',
  );
  const inTemplate = await createRaw(
    deployment('meta', (json) => json.replace('"metadata":{"labels"', '"metadata":{"unknownSubMeta":1,"labels"')),
    'Strict',
  );
  assert.match(inTemplate.message, /unknown field "spec\.template\.metadata\.unknownSubMeta"$/);
});
