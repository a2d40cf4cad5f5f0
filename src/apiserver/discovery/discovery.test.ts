import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { deployments } from '../../api/apps/deployments.ts';
import { builtinCatalog, Catalog } from '../../api/catalog.ts';
import { StatusError } from '../../machinery/status.ts';
import { Discovery, type DiscoveryDocument } from './discovery.ts';
import { decode } from '../../api/schema/decode.ts';
import { decodeProtobuf } from '../../api/schema/protobuf/decode.ts';
import { openEnvelope } from '../../api/schema/protobuf/envelope.ts';
import { schemaOf } from '../registry/protobuf.ts';
import type { AcceptedMediaType } from './negotiation.ts';
import { storageVersionHash } from './storage-version-hash.ts';

const json: AcceptedMediaType = { type: 'application/json', parameters: {} };
const protobuf: AcceptedMediaType = { type: 'application/vnd.kubernetes.protobuf', parameters: {} };
function aggregated(v: string): AcceptedMediaType {
  return { type: 'application/json', parameters: { g: 'apidiscovery.k8s.io', v, as: 'APIGroupDiscoveryList' } };
}

const discovery = new Discovery(builtinCatalog(), { serverAddress: () => '192.0.2.1:6443' });

function served(path: string, ...accept: readonly AcceptedMediaType[]): DiscoveryDocument {
  const document = discovery.serve(path, accept);
  assert.ok(document, path);
  return document;
}

interface Entry {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly storageVersionHash?: string;
}

function read<T>(path: string, ...accept: readonly AcceptedMediaType[]): T {
  return JSON.parse(served(path, ...accept).bytes.toString()) as T;
}

function text(path: string): string {
  return served(path, json).bytes.toString();
}

test('the versions of the core group, and where the server is', () => {
  const document =
    '{"kind":"APIVersions","versions":["v1"],' +
    '"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"192.0.2.1:6443"}]}\n';
  assert.equal(text('/api'), document);
  assert.equal(text('/api/'), document);
  assert.equal(served('/api', json).contentType, 'application/json');
  assert.equal(served('/api', json).etag, undefined);
});

test("the groups come in upstream's order, each with its preferred version", () => {
  const { groups } = read<{ groups: { name: string; preferredVersion: { groupVersion: string } }[] }>('/apis', json);
  assert.deepEqual(
    groups.map(({ preferredVersion }) => preferredVersion.groupVersion),
    [
      'apiregistration.k8s.io/v1',
      'apps/v1',
      'events.k8s.io/v1',
      'authentication.k8s.io/v1',
      'authorization.k8s.io/v1',
      'autoscaling/v2',
      'batch/v1',
      'certificates.k8s.io/v1',
      'networking.k8s.io/v1',
      'policy/v1',
      'rbac.authorization.k8s.io/v1',
      'storage.k8s.io/v1',
      'admissionregistration.k8s.io/v1',
      'apiextensions.k8s.io/v1',
      'scheduling.k8s.io/v1',
      'coordination.k8s.io/v1',
      'node.k8s.io/v1',
      'discovery.k8s.io/v1',
      'resource.k8s.io/v1',
      'flowcontrol.apiserver.k8s.io/v1',
    ],
  );
});

test('one group', () => {
  assert.equal(
    text('/apis/autoscaling'),
    '{"kind":"APIGroup","apiVersion":"v1","name":"autoscaling","versions":[' +
      '{"groupVersion":"autoscaling/v2","version":"v2"},{"groupVersion":"autoscaling/v1","version":"v1"}],' +
      '"preferredVersion":{"groupVersion":"autoscaling/v2","version":"v2"}}\n',
  );
});

test('the resources of one version, with subresources and kinds of other groups', () => {
  const everything = '["create","delete","deletecollection","get","list","patch","update","watch"]';
  const scale = '"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]';
  const deploymentsAlone = new Discovery(new Catalog([deployments]), { serverAddress: () => '' });
  assert.equal(
    deploymentsAlone.serve('/apis/apps/v1', [])?.bytes.toString(),
    '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1","resources":[' +
      '{"name":"deployments","singularName":"deployment","namespaced":true,"kind":"Deployment",' +
      `"verbs":${everything},"shortNames":["deploy"],"categories":["all"],"storageVersionHash":"8aSe+NMegvE="},` +
      `{"name":"deployments/scale","singularName":"","namespaced":true,${scale}},` +
      '{"name":"deployments/status","singularName":"","namespaced":true,"kind":"Deployment",' +
      '"verbs":["get","patch","update"]}]}\n',
  );
});

test('the core resources are listed as upstream lists them', () => {
  const list = read<{ apiVersion?: string; groupVersion: string; resources: Entry[] }>('/api/v1', json);
  assert.equal(list.apiVersion, undefined);
  assert.equal(list.groupVersion, 'v1');
  const described = list.resources.map(({ name, kind, verbs }) => `${name} ${kind} ${verbs.length}`);
  for (const line of [
    'bindings Binding 1',
    'componentstatuses ComponentStatus 2',
    'namespaces Namespace 7',
    'namespaces/finalize Namespace 1',
    'nodes/proxy NodeProxyOptions 5',
    'pods/attach PodAttachOptions 2',
    'pods/binding Binding 1',
    'pods/eviction Eviction 1',
    'pods/exec PodExecOptions 2',
    'pods/log Pod 1',
    'pods/portforward PodPortForwardOptions 2',
    'pods/proxy PodProxyOptions 5',
    'replicationcontrollers/scale Scale 3',
    'serviceaccounts/token TokenRequest 1',
    'services/proxy ServiceProxyOptions 5',
  ]) {
    assert.ok(described.includes(line), line);
  }
  const names = list.resources.map(({ name }) => name);
  assert.deepEqual(names, [...names].sort());
  const eviction = list.resources.find(({ name }) => name === 'pods/eviction');
  assert.deepEqual(eviction, {
    name: 'pods/eviction',
    singularName: '',
    namespaced: true,
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    verbs: ['create'],
  });
  assert.deepEqual(
    list.resources.find(({ name }) => name === 'pods/binding'),
    { name: 'pods/binding', singularName: '', namespaced: true, kind: 'Binding', verbs: ['create'] },
  );
});

test("storage versions hash as upstream's do", () => {
  const known: readonly (readonly [path: string, name: string, hash: string])[] = [
    ['/api/v1', 'pods', 'xPOwRZ+Yhw8='],
    ['/api/v1', 'events', 'r2yiGXH7wu8='],
    ['/apis/events.k8s.io/v1', 'events', 'r2yiGXH7wu8='],
    ['/apis/apps/v1', 'statefulsets', 'H+vl74LkKdo='],
    ['/apis/autoscaling/v1', 'horizontalpodautoscalers', 'qwQve8ut294='],
    ['/apis/autoscaling/v2', 'horizontalpodautoscalers', 'qwQve8ut294='],
    ['/apis/batch/v1', 'jobs', 'mudhfqk/qZY='],
    ['/apis/networking.k8s.io/v1', 'ingresses', '39NQlfNR+bo='],
    ['/apis/apiregistration.k8s.io/v1', 'apiservices', 'InPBPD7+PqM='],
  ];
  for (const [path, resource, hash] of known) {
    const { resources } = read<{ resources: Entry[] }>(path, json);
    assert.equal(resources.find(({ name }) => name === resource)?.storageVersionHash, hash, `${path} ${resource}`);
  }
  assert.equal(storageVersionHash('Pod', { group: '', version: 'v1' }), 'xPOwRZ+Yhw8=');
});

interface Aggregated {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: object;
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly freshness: string;
      readonly resources: readonly { readonly resource: string; readonly subresources?: readonly object[] }[];
    }[];
  }[];
}

test('aggregated discovery has everything in one document', () => {
  for (const version of ['v2', 'v2beta1']) {
    const list = read<Aggregated>('/apis', aggregated(version));
    assert.equal(list.kind, 'APIGroupDiscoveryList');
    assert.equal(list.apiVersion, `apidiscovery.k8s.io/${version}`);
    assert.deepEqual(list.metadata, {});
    assert.equal(list.items.length, 20);
    const autoscaling = list.items.find(({ metadata }) => metadata.name === 'autoscaling');
    assert.deepEqual(
      autoscaling?.versions.map((one) => `${one.version} ${one.freshness}`),
      ['v2 Current', 'v1 Current'],
    );
    const apps = list.items.find(({ metadata }) => metadata.name === 'apps');
    assert.deepEqual(
      apps?.versions[0]?.resources.find(({ resource }) => resource === 'deployments'),
      {
        resource: 'deployments',
        responseKind: { group: '', version: '', kind: 'Deployment' },
        scope: 'Namespaced',
        singularResource: 'deployment',
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        shortNames: ['deploy'],
        categories: ['all'],
        subresources: [
          {
            subresource: 'scale',
            responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
            verbs: ['get', 'patch', 'update'],
          },
          {
            subresource: 'status',
            responseKind: { group: '', version: '', kind: 'Deployment' },
            verbs: ['get', 'patch', 'update'],
          },
        ],
      },
    );
    const document = served('/apis', aggregated(version));
    assert.equal(document.contentType, `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
    const hash = createHash('sha512').update(document.bytes).digest('hex').toUpperCase();
    assert.equal(document.etag, `"${hash}"`);
  }
});

test('aggregated discovery of the core group has one group without a name', () => {
  const list = read<Aggregated>('/api', aggregated('v2'));
  assert.equal(list.items.length, 1);
  assert.deepEqual(list.items[0]?.metadata, {});
  assert.ok(list.items[0]?.versions[0]?.resources.some(({ resource }) => resource === 'pods'));
});

test('plain and aggregated discovery list the same', () => {
  const lists = [read<Aggregated>('/api', aggregated('v2')), read<Aggregated>('/apis', aggregated('v2'))];
  for (const { metadata, versions } of lists.flatMap(({ items }) => items)) {
    for (const { version, resources } of versions) {
      const path = metadata.name === undefined ? `/api/${version}` : `/apis/${metadata.name}/${version}`;
      const plain = read<{ resources: Entry[] }>(path, json).resources;
      const count = resources.reduce((sum, { subresources }) => sum + 1 + (subresources?.length ?? 0), 0);
      assert.equal(count, plain.length, path);
    }
  }
});

test('the first form that can be served is served', () => {
  const plain = served('/apis', json);
  const newest = served('/apis', aggregated('v2'));
  const table = { type: 'application/json', parameters: { g: 'meta.k8s.io', v: 'v1', as: 'Table' } };
  const anything = { type: '*/*', parameters: {} };
  assert.equal(served('/apis'), plain);
  assert.equal(served('/apis', anything), plain);
  assert.equal(served('/apis', { type: 'application/vnd.other', parameters: {} }, json), plain);
  assert.equal(served('/apis', aggregated('v3'), aggregated('v2'), json), newest);
  assert.equal(served('/apis', json, aggregated('v2')), plain);
  assert.equal(served('/apis', table, json), plain);
  assert.equal(served('/apis/apps', aggregated('v2'), json), served('/apis/apps', json));
});

test('every document is served as protobuf too, and says the same', () => {
  const isAggregated = { as: 'APIGroupDiscoveryList', g: 'apidiscovery.k8s.io', v: 'v2' };
  for (const [path, parameters] of [
    ['/api', {}],
    ['/apis', {}],
    ['/apis/apps', {}],
    ['/apis/apps/v1', {}],
    ['/api/v1', {}],
    ['/apis', isAggregated],
  ] as const) {
    const { contentType, bytes } = served(path, { ...protobuf, parameters });
    const suffix = 'as' in parameters ? ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' : '';
    assert.equal(contentType, `application/vnd.kubernetes.protobuf${suffix}`);
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const schema = schemaOf({ apiVersion, kind });
    const asJson = read<Record<string, unknown>>(path, { ...json, parameters });
    assert.equal(asJson['kind'], kind);
    assert.deepEqual(
      { ...decodeProtobuf(schema, raw), kind, apiVersion },
      { ...decode(schema, asJson), apiVersion },
      path,
    );
  }
});

test('a form that cannot be served is refused with 406', () => {
  for (const [path, accept] of [
    ['/apis', { type: 'text/html', parameters: {} }],
    ['/apis', aggregated('v3')],
    ['/apis/apps/v1', aggregated('v2')],
  ] as const) {
    assert.throws(
      () => discovery.serve(path, [accept]),
      (error) => error instanceof StatusError && error.code === 406 && error.reason === 'NotAcceptable',
      path,
    );
  }
});

test('nothing is served elsewhere', () => {
  for (const path of [
    '/',
    '',
    'api',
    '/apix',
    '/api/v2',
    '/api/v1/x',
    '/apis//v1',
    '/apis/x',
    '/apis/apps/v2',
    '/apis/apps/v1/x',
  ]) {
    assert.equal(discovery.serve(path, [json]), undefined, path);
  }
});

test('documents are made once, and anew when the catalog changes', () => {
  const catalog = new Catalog([deployments]);
  let address = 'a:1';
  const changing = new Discovery(catalog, { serverAddress: () => address });
  const before = changing.serve('/apis', [aggregated('v2')]);
  const versions = changing.serve('/api', [json]);
  address = 'b:2';
  assert.equal(changing.serve('/apis', [aggregated('v2')]), before);
  assert.equal(changing.serve('/api', [json]), versions);
  catalog.remove('apps', 'v1', 'deployments');
  const after = changing.serve('/apis', [aggregated('v2')]);
  assert.notEqual(after?.etag, before?.etag);
  assert.deepEqual(JSON.parse(after?.bytes.toString() ?? ''), {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [],
  });
  assert.equal(changing.serve('/apis/apps', [json]), undefined);
  assert.match(changing.serve('/api', [json])?.bytes.toString() ?? '', /"versions":\[\].*"b:2"/);
});
