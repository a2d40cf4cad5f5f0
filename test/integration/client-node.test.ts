// The official client library for JavaScript against the server: its object API on every kind, its informer, its watch.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  VersionApi,
  Watch,
  type KubernetesObject,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { discover, type ServedResource } from '../../src/client/discovery.ts';
import { eventually } from '../support/eventually.ts';
import { openWatches } from '../support/open-watches.ts';
import { stillServer, TestServer } from '../support/server.ts';
import { sampleObject } from './objects.ts';

let server: TestServer;
let config: KubeConfig;
let core: CoreV1Api;
let objects: KubernetesObjectApi;
let served: ServedResource[];

before(async () => {
  // Watches end after a second or two, and their clients come back.
  server = await TestServer.start({ args: [...stillServer, '--min-request-timeout=1'] });
  config = new KubeConfig();
  config.loadFromFile(server.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
  objects = KubernetesObjectApi.makeApiClient(config);
  const client = server.client();
  served = await discover(client);
  client.transport.close();
});
after(() => server?.stop());

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 404;
}

const heldKinds = new Set(['Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'VolumeAttributesClass']);

test('the object API: create, read, list, patch, replace and delete an object of every kind', async () => {
  let count = 0;
  for (const resource of served) {
    const sample = sampleObject(
      resource,
      `object-${resource.version}-${resource.group.split('.')[0]}`.replace(/-$/, ''),
      'default',
    );
    if (sample === undefined) continue;
    count++;
    const what = `${sample.kind} of ${sample.apiVersion}`;
    const object = sample as KubernetesObject;
    const name = object.metadata?.name ?? '';
    const header = {
      apiVersion: sample.apiVersion,
      kind: sample.kind,
      metadata: { name, ...(resource.namespaced ? { namespace: 'default' } : {}) },
    };
    const created = await objects.create(object);
    assert.equal(created.kind, sample.kind, what);
    assert.ok(created.metadata?.uid, what);
    const read = await objects.read(header);
    assert.deepEqual(read.metadata, created.metadata, what);
    const list = await objects.list(sample.apiVersion, sample.kind, resource.namespaced ? 'default' : undefined);
    assert.ok(
      list.items.some(({ metadata }) => metadata?.name === name),
      what,
    );
    const patch = { ...header, metadata: { ...header.metadata, annotations: { patched: 'yes' } } };
    for (const strategy of [PatchStrategy.StrategicMergePatch, PatchStrategy.MergePatch]) {
      const patched = await objects.patch(patch, undefined, undefined, undefined, undefined, strategy);
      assert.equal(patched.metadata?.annotations?.['patched'], 'yes', what);
    }
    const current = await objects.read<KubernetesObject>(header);
    const replaced = await objects.replace({
      ...current,
      metadata: { ...current.metadata, annotations: { replaced: 'yes' } },
    });
    const annotations: Readonly<Record<string, string>> = replaced.metadata?.annotations ?? {};
    assert.deepEqual([annotations['replaced'], annotations['patched']], ['yes', undefined], what);
    await objects.delete(header, undefined, undefined, 0, undefined, 'Background');
    // Some wait for finalizers, which controllers take off.
    if (!heldKinds.has(sample.kind)) await assert.rejects(objects.read(header), isNotFound, what);
  }
  assert.ok(count > 50, `only ${count} kinds were tried`);
});

describe('typed APIs', () => {
  test('know the server’s version, and who they are', async () => {
    const { major, minor } = await config.makeApiClient(VersionApi).getCode();
    assert.deepEqual([major, minor], ['1', '36']);
    const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes: { verb: 'create', resource: 'pods', namespace: 'default' } } },
    });
    assert.equal(review.status?.allowed, true);
  });

  test('scale a Deployment and write its status', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const target = { name: 'typed', namespace: 'default' };
    const labels = { app: 'typed' };
    await apps.createNamespacedDeployment({
      namespace: 'default',
      body: {
        metadata: { name: 'typed' },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      },
    });
    const scale = await apps.readNamespacedDeploymentScale(target);
    await apps.replaceNamespacedDeploymentScale({ ...target, body: { ...scale, spec: { replicas: 4 } } });
    const deployment = await apps.readNamespacedDeployment(target);
    assert.equal(deployment.spec?.replicas, 4);
    deployment.status = { replicas: 4, readyReplicas: 2 };
    if (deployment.spec !== undefined) deployment.spec.replicas = 9;
    const { spec, status } = await apps.replaceNamespacedDeploymentStatus({ ...target, body: deployment });
    assert.deepEqual([spec?.replicas, status?.replicas, status?.readyReplicas], [4, 4, 2]);
    const list = await apps.listNamespacedDeployment({ namespace: 'default', labelSelector: 'none=x' });
    assert.deepEqual(list.items, []);
    const status404 = await apps.readNamespacedDeployment({ ...target, name: 'none' }).catch((error: unknown) => error);
    assert.ok(isNotFound(status404));
  });

  test('page through a list', async () => {
    for (let i = 0; i < 7; i++) {
      await core.createNamespacedSecret({
        namespace: 'default',
        body: { metadata: { name: `page-${i}`, labels: { page: 'yes' } }, stringData: { a: 'b' } },
      });
    }
    const names: (string | undefined)[] = [];
    let next: string | undefined;
    do {
      const page = await core.listNamespacedSecret({
        namespace: 'default',
        labelSelector: 'page=yes',
        limit: 3,
        ...(next === undefined ? {} : { _continue: next }),
      });
      names.push(...page.items.map(({ metadata }) => metadata?.name));
      next = page.metadata?._continue;
    } while (next);
    assert.deepEqual(
      names,
      Array.from({ length: 7 }, (_, i) => `page-${i}`),
    );
  });
});

describe('the informer', () => {
  const path = '/api/v1/namespaces/informed/configmaps';
  const namespace = 'informed';
  const list = (): ReturnType<CoreV1Api['listNamespacedConfigMap']> => core.listNamespacedConfigMap({ namespace });
  const create = (name: string): Promise<V1ConfigMap> =>
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { informed: 'yes' } } } });
  const change = async (name: string, value: string): Promise<V1ConfigMap> => {
    const object = await core.readNamespacedConfigMap({ name, namespace });
    return core.replaceNamespacedConfigMap({ name, namespace, body: { ...object, data: { value } } });
  };

  before(() => core.createNamespace({ body: { metadata: { name: namespace } } }));

  test('sees what is there, what comes, changes and goes, also when the server ended its watch meanwhile', async () => {
    await create('before');
    const informer = makeInformer(config, path, list, 'informed=yes');
    const seen: string[] = [];
    const errors: unknown[] = [];
    let connections = 0;
    informer.on('add', ({ metadata }) => seen.push(`add ${metadata?.name}`));
    informer.on('update', ({ metadata, data }) => seen.push(`update ${metadata?.name} ${data?.['value']}`));
    informer.on('delete', ({ metadata }) => seen.push(`delete ${metadata?.name}`));
    informer.on('error', (error) => errors.push(error));
    informer.on('connect', () => connections++);
    await informer.start();
    try {
      await create('a');
      await change('a', '1');
      await eventually('the first changes are seen', () => seen.length >= 3);
      assert.deepEqual(seen, ['add before', 'add a', 'update a 1']);
      const known = connections;
      await eventually('the server has ended the watch, and the informer is back', () => connections > known);
      await change('a', '2');
      await core.deleteNamespacedConfigMap({ name: 'before', namespace });
      await create('b');
      await eventually('the later changes are seen', () => seen.length >= 6);
      assert.deepEqual(seen.slice(3), ['update a 2', 'delete before', 'add b']);
      assert.deepEqual(
        informer
          .list()
          .map(({ metadata }) => metadata?.name)
          .sort(),
        ['a', 'b'],
      );
      assert.equal(informer.get('a', namespace)?.data?.['value'], '2');
      assert.deepEqual(errors, []);
    } finally {
      await informer.stop();
    }
  });

  test('a watch of its own ends well', async () => {
    const events: string[] = [];
    const done = Promise.withResolvers<unknown>();
    await new Watch(config).watch(
      path,
      { allowWatchBookmarks: true, timeoutSeconds: 1 },
      (phase, object: V1ConfigMap) => events.push(`${phase} ${object.metadata?.name}`),
      (error) => done.resolve(error),
    );
    assert.equal(await done.promise, null);
    assert.deepEqual(
      events.filter((event) => !event.startsWith('BOOKMARK')),
      ['ADDED a', 'ADDED b'],
    );
  });

  test('leaves no watch behind', async () => {
    await eventually('the watches are closed', async () => (await openWatches(server, 'configmaps')) === 0);
  });
});
