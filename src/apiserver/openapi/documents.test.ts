import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { builtinCatalog, Catalog } from '../../api/catalog.ts';
import type { Descriptions } from '../../api/schema/descriptions.ts';
import { StatusError } from '../../machinery/status.ts';
import { OpenApiDocuments } from './documents.ts';
import { decodeMessage, type Message } from './protobuf-reader.ts';

interface Schema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly 'x-kubernetes-action'?: string;
  readonly 'x-kubernetes-group-version-kind'?: {
    readonly group: string;
    readonly kind: string;
    readonly version: string;
  };
}
type PathItem = Readonly<Record<string, unknown>>;
interface Document {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components?: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly parameters?: Readonly<Record<string, Parameter>>;
}

const methods = ['get', 'put', 'post', 'delete', 'patch'];
const podSpec = 'io.k8s.api.core.v1.PodSpec';
const oldV2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

const documents = new OpenApiDocuments({ catalog: builtinCatalog(), version: 'v1.36.0' });
const v3 = new Map<string, Document>();
let v2: Document;

function parse(bytes: Buffer): Document {
  return JSON.parse(bytes.toString()) as Document;
}

function operationsOf({ paths }: Document): Operation[] {
  return Object.values(paths).flatMap((item) =>
    Object.entries(item).flatMap(([method, value]) => (methods.includes(method) ? [value as Operation] : [])),
  );
}

function references(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, item] of Object.entries(value)) {
    if (key === '$ref' && typeof item === 'string') found.add(item);
    else references(item, found);
  }
  return found;
}

function resolve(document: unknown, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], document);
}

before(async () => {
  const index = JSON.parse((await documents.v3Index()).bytes.toString()) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  for (const [place, { serverRelativeURL }] of Object.entries(index.paths)) {
    const document = await documents.v3(place, undefined);
    assert.ok(document, place);
    assert.equal(serverRelativeURL, `/openapi/v3/${place}?hash=${document.hash}`);
    v3.set(place, parse(document.bytes));
  }
  v2 = parse((await documents.v2(undefined)).bytes);
});

test('the index names every group and version, and the pages of discovery', () => {
  for (const place of [
    'api',
    'api/v1',
    'apis',
    'apis/apps',
    'apis/apps/v1',
    'apis/rbac.authorization.k8s.io/v1',
    'version',
  ]) {
    assert.ok(v3.has(place), place);
  }
});

test('a document is tagged with its SHA-512, and compressed', async () => {
  const document = await documents.v3('apis/apps/v1', 'application/json');
  assert.ok(document);
  const hash = createHash('sha512').update(document.bytes).digest('hex').toUpperCase();
  assert.equal(document.etag, `"${hash}"`);
  assert.deepEqual(gunzipSync(document.gzip), document.bytes);
  assert.equal(document.contentType, 'application/json');
});

test('every reference leads somewhere', () => {
  for (const [place, document] of [...v3, ['v2', v2] as const]) {
    const all = references(document);
    assert.ok(all.size > 0, place);
    for (const reference of all) assert.ok(resolve(document, reference), `${place}: ${reference}`);
  }
});

test('operations are named as upstream names them, each once', () => {
  const ids = [...v3.values()].flatMap(operationsOf).map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of [
    'createCoreV1NamespacedPod',
    'listCoreV1PodForAllNamespaces',
    'listCoreV1NamespacedPod',
    'deleteCoreV1CollectionNamespacedPod',
    'readCoreV1NamespacedPodLog',
    'connectCoreV1GetNamespacedPodExec',
    'connectCoreV1PostNamespacedServiceProxyWithPath',
    'createCoreV1NamespacedPodEviction',
    'createCoreV1NamespacedServiceAccountToken',
    'replaceCoreV1NamespaceFinalize',
    'patchCoreV1NodeStatus',
    'watchCoreV1NamespacedPodList',
    'watchCoreV1PodListForAllNamespaces',
    'readAppsV1NamespacedDeploymentScale',
    'patchRbacAuthorizationV1ClusterRole',
    'patchFlowcontrolApiserverV1FlowSchemaStatus',
    'replaceCertificatesV1CertificateSigningRequestApproval',
    'createAuthenticationV1TokenReview',
    'createAuthorizationV1NamespacedLocalSubjectAccessReview',
    'getAppsV1APIResources',
    'getAppsAPIGroup',
    'getAPIVersions',
    'getCoreAPIVersions',
    'getCodeVersion',
  ]) {
    assert.ok(ids.includes(id), id);
  }
});

test('both dialects have the same operations', () => {
  const ids = (list: readonly Operation[]): string[] => list.map(({ operationId }) => operationId).sort();
  assert.deepEqual(ids([...v3.values()].flatMap(operationsOf)), ids(operationsOf(v2)));
});

test('kubectl finds dryRun and fieldValidation in the PATCH of a kind, in both dialects', () => {
  for (const document of [v3.get('apis/apps/v1'), v2]) {
    assert.ok(document);
    const patches = operationsOf(document).filter(
      (operation) =>
        operation['x-kubernetes-action'] === 'patch' &&
        operation['x-kubernetes-group-version-kind']?.kind === 'Deployment' &&
        operation['x-kubernetes-group-version-kind'].group === 'apps',
    );
    assert.ok(patches.length > 0);
    for (const { parameters = [] } of patches) {
      for (const name of ['dryRun', 'fieldValidation']) {
        assert.ok(
          parameters.some((parameter) => parameter.name === name && parameter.in === 'query'),
          name,
        );
      }
    }
  }
});

test('a field carries what patches need to know', () => {
  const containers = v3.get('api/v1')?.components?.schemas[podSpec]?.properties?.['containers'];
  assert.equal(containers?.['x-kubernetes-patch-strategy'], 'merge');
  assert.equal(containers['x-kubernetes-patch-merge-key'], 'name');
  assert.equal(containers['x-kubernetes-list-type'], 'map');
  assert.deepEqual(containers['x-kubernetes-list-map-keys'], ['name']);
  assert.deepEqual(containers['items'], {
    allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }],
    default: {},
  });
  const volumes = v2.definitions?.[podSpec]?.properties?.['volumes'];
  assert.equal(volumes?.['x-kubernetes-patch-strategy'], 'merge,retainKeys');
  assert.deepEqual(volumes['items'], { $ref: '#/definitions/io.k8s.api.core.v1.Volume' });
});

test('types and fields are described, required, enumerated and defaulted', () => {
  const schemas = v3.get('api/v1')?.components?.schemas ?? {};
  assert.match(String(schemas[podSpec]?.['description']), /PodSpec is a description of a pod/);
  assert.match(String(schemas[podSpec]?.properties?.['nodeName']?.['description']), /node/);
  assert.deepEqual(schemas[podSpec]?.['required'], ['containers']);
  const port = schemas['io.k8s.api.core.v1.ContainerPort']?.properties;
  assert.equal(port?.['protocol']?.['default'], 'TCP');
  assert.deepEqual(port['protocol']['enum'], ['SCTP', 'TCP', 'UDP']);
  assert.equal(port['containerPort']?.['default'], 0);
  assert.equal(port['containerPort']['format'], 'int32');
  assert.equal(v2.definitions?.['io.k8s.api.core.v1.ContainerPort']?.properties?.['protocol']?.['default'], undefined);
  assert.deepEqual(schemas['io.k8s.api.core.v1.Pod']?.['x-kubernetes-group-version-kind'], [
    { group: '', kind: 'Pod', version: 'v1' },
  ]);
});

test('values that Go decodes by itself have a form of their own', () => {
  const name = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
  const modern = v3.get('apis/apps/v1')?.components?.schemas[name];
  assert.deepEqual(modern?.['oneOf'], [{ type: 'integer' }, { type: 'string' }]);
  assert.equal(modern['format'], 'int-or-string');
  assert.equal(v2.definitions?.[name]?.['type'], 'string');
  const time = v2.definitions?.['io.k8s.apimachinery.pkg.apis.meta.v1.Time'];
  assert.equal(time?.['format'], 'date-time');
});

test('protobuf holds what the JSON holds', async () => {
  const { bytes, contentType, etag } = await documents.v2(oldV2);
  assert.equal(contentType, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  assert.equal(etag, (await documents.v2(undefined)).etag);
  const document = decodeMessage(bytes);
  const named = (messages: readonly Message[]): Map<string, Message> =>
    new Map(messages.map((message) => [message.text(1), message.message(2)]));
  const definitions = named(document.message(9).messages(1));
  assert.deepEqual([...definitions.keys()], Object.keys(v2.definitions ?? {}));
  assert.deepEqual([...named(document.message(8).messages(2)).keys()], Object.keys(v2.paths));
  const properties = named(definitions.get(podSpec)?.message(25).messages(1) ?? []);
  const extensions = named(properties.get('containers')?.messages(31) ?? []);
  assert.equal(extensions.get('x-kubernetes-patch-merge-key')?.text(2), '"name"\n');
  const items = properties.get('containers')?.message(23).message(1);
  assert.equal(items?.text(1), '#/definitions/io.k8s.api.core.v1.Container');
  for (const place of v3.keys()) {
    const modern = await documents.v3(place, 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf');
    assert.equal(decodeMessage(modern?.bytes ?? Buffer.alloc(0)).text(1), '3.0.0', place);
  }
});

test('answers what the client wants most, or refuses', async () => {
  const types = async (accept: string): Promise<string> => (await documents.v2(accept)).contentType;
  assert.equal(await types(''), 'application/json');
  assert.equal(await types('text/html, */*;q=0.8'), 'application/json');
  assert.match(await types(`application/json;q=0.5, ${oldV2}`), /protobuf/);
  await assert.rejects(documents.v2('text/html'), (error) => error instanceof StatusError && error.code === 406);
  assert.equal(await documents.v3('apis/nothing/v1', undefined), undefined);
});

test('documents follow the definitions: what changed is made again, what did not is kept', async () => {
  const builtin = builtinCatalog().definitions;
  const catalog = new Catalog(builtin.filter(({ group }) => group === '' || group === 'apps'));
  const own = new OpenApiDocuments({ catalog, version: 'v1.36.0', loadDescriptions: async () => new Map() });
  const apps = await own.v3('apis/apps/v1', undefined);
  const index = await own.v3Index();
  assert.equal(await own.v3('apis/batch/v1', undefined), undefined);

  catalog.add(...builtin.filter(({ group }) => group === 'batch'));
  assert.ok(await own.v3('apis/batch/v1', undefined));
  assert.equal(await own.v3('apis/apps/v1', undefined), apps);
  assert.notEqual((await own.v3Index()).etag, index.etag);

  catalog.remove('apps', 'v1', 'deployments');
  assert.notEqual((await own.v3('apis/apps/v1', undefined))?.etag, apps?.etag);
  assert.ok(
    !operationsOf(parse((await own.v2(undefined)).bytes)).some((one) => one.operationId.includes('Deployment')),
  );
});

test('a failure is not remembered', async () => {
  let failures = 1;
  const loadDescriptions = async (): Promise<Descriptions> => {
    if (failures-- > 0) throw new Error('the disk is away');
    return new Map<string, never>();
  };
  const own = new OpenApiDocuments({ catalog: builtinCatalog(), version: 'v1.36.0', loadDescriptions });
  await assert.rejects(own.v3('version', undefined), /the disk is away/);
  assert.ok(await own.v3('version', undefined));
});

test('a field without a description has that of its type', () => {
  const spec = v3.get('apis/apps/v1')?.components?.schemas['io.k8s.api.apps.v1.Deployment']?.properties?.['spec'];
  assert.match(String(spec?.['description']), /DeploymentSpec is the specification/);
});

test('a custom resource gets a list of its own', async () => {
  const pods = builtinCatalog().find('', 'v1', 'pods');
  assert.ok(pods);
  const { schema } = pods;
  const widgets = {
    ...pods,
    group: 'example.com',
    kind: 'Widget',
    listKind: 'WidgetList',
    plural: 'widgets',
    subresources: {},
    schema: {
      name: 'com.example.v1.Widget',
      goName: 'Widget',
      goType: 'v1.Widget',
      isKind: true,
      atomic: false,
      fields: schema.fields,
      field: (name: string) => schema.field(name),
    },
  };
  const own = new OpenApiDocuments({ catalog: new Catalog([widgets]), version: 'v1.36.0' });
  const document = await own.v3('apis/example.com/v1', undefined);
  const schemas = parse(document?.bytes ?? Buffer.from('{}')).components?.schemas ?? {};
  assert.deepEqual(schemas['com.example.v1.WidgetList']?.['x-kubernetes-group-version-kind'], [
    { group: 'example.com', kind: 'WidgetList', version: 'v1' },
  ]);
  assert.deepEqual(schemas['com.example.v1.Widget']?.['x-kubernetes-group-version-kind'], [
    { group: 'example.com', kind: 'Widget', version: 'v1' },
  ]);
});
