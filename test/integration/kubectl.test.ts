// Real kubectls drive the server, each command on one object of every built-in resource where it can be.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { discover, type ServedResource } from '../../src/client/discovery.ts';
import { resourcePath } from '../../src/client/resource-names.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { findKubectls, KubectlRunner, type Kubectl } from '../support/kubectl.ts';
import { eventually } from '../support/eventually.ts';
import { openWatches } from '../support/open-watches.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';
import { sampleObject, type SampleObject } from './objects.ts';

/** Creating one is refused until it has a function. */
const notImplementedKinds = new Set([
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
]);

const kubectls = await findKubectls();
let server: TestServer;
let client: RestClient;
let served: ServedResource[];

before(async () => {
  if (kubectls.length === 0) return;
  server = await TestServer.start();
  client = server.client();
  served = await discover(client);
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

if (kubectls.length === 0) {
  test('kubectl', { skip: 'NO KUBECTL: neither on the PATH nor from Debian. None of these tests ran.' }, () => {});
}

for (const kubectl of kubectls) describe(`kubectl ${kubectl.version}`, () => drive(kubectl));

function isCreatable({ verbs, plural, group }: ServedResource): boolean {
  return verbs.includes('create') && verbs.includes('get') && !notImplementedKinds.has(`${plural}.${group}`);
}

/** `deployments.v1.apps`: names a resource beyond doubt. */
function argumentOf({ plural, version, group }: ServedResource): string {
  return group === '' ? plural : `${plural}.${version}.${group}`;
}

function drive(kubectl: Kubectl): void {
  let directory: string;
  let runner: KubectlRunner;
  const namespace = `kubectl-${kubectl.minor}`;
  const run: KubectlRunner['run'] = (args, options) => runner.run(args, options);

  const file = async (name: string, content: string | object): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  /** One object of every kind. Two versions of one resource are two objects. */
  const all = (name: string): SampleObject[] =>
    served.filter(isCreatable).map((resource) => {
      // Groups and versions that share their objects have one each.
      const unique = [name, kubectl.minor, resource.version, resource.group.split('.')[0] ?? ''].join('-');
      const object = sampleObject(resource, unique.replace(/-$/, ''), namespace);
      assert.ok(object, `test/integration/objects.ts has no ${resource.plural}.${resource.group}/${resource.version}`);
      return object;
    });
  const listOf = (items: readonly object[]): object => ({ apiVersion: 'v1', kind: 'List', items });
  const read = <T>(kind: string, name: string): Promise<T> =>
    client.get<T>(`/api/v1/namespaces/${namespace}/${kind}/${name}`);
  const create = (path: string, body: object): Promise<unknown> => client.request('POST', path, { body });
  const createConfigMap = (name: string, metadata: object = {}): Promise<unknown> =>
    create(`/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name, ...metadata } });
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

  before(async () => {
    directory = await temporaryDirectory();
    runner = new KubectlRunner(kubectl, server.kubeconfig, directory);
    await run([
      'create',
      '-f',
      await file('ns.json', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
    ]);
  });
  after(() => removeDirectory(directory));

  test('api-resources, api-versions', async () => {
    const resources = lines(await run(['api-resources', '--no-headers', '-o', 'name']));
    for (const { plural, group } of served) {
      const name = group === '' ? plural : `${plural}.${group}`;
      assert.ok(resources.includes(name), `api-resources leaves ${name} out`);
    }
    const versions = lines(await run(['api-versions']));
    for (const { group, version } of served)
      assert.ok(versions.includes(group === '' ? version : `${group}/${version}`));
  });

  test('explain', async () => {
    const containers = await run(['explain', 'pod.spec.containers', '--recursive']);
    for (const word of ['livenessProbe', 'imagePullPolicy', 'terminationMessagePath', '<string>']) {
      assert.ok(containers.includes(word), `explain leaves ${word} out`);
    }
    assert.match(await run(['explain', 'deployments.spec.replicas']), /Number of desired pods/);
    for (const group of ['apps', 'batch', 'resource.k8s.io']) {
      const one = served.find((resource) => resource.group === group);
      assert.ok(one);
      assert.match(await run(['explain', one.plural, `--api-version=${group}/${one.version}`]), new RegExp(one.kind));
    }
  });

  describe('one object of every resource', () => {
    let path: string;
    let count: number;
    /** A command on all of them answers with one line for each. */
    const onAll = async (...args: string[]): Promise<void> => {
      assert.equal(lines(await run([...args, '-f', path, '-o', 'name'])).length, count);
    };

    test('create', async () => {
      const objects = all('a');
      count = objects.length;
      path = await file('all.json', listOf(objects));
      await onAll('create');
    });

    test('get in every form', async () => {
      const get = (output: string): Promise<string> =>
        run(['get', '-f', path, ...(output === '' ? [] : ['-o', output])]);
      const objects = all('a');
      for (const output of ['', 'wide']) {
        const text = await get(output);
        for (const { kind, metadata } of objects as { kind: string; metadata?: { name: string } }[]) {
          // An event is shown by what it is about.
          assert.ok(text.includes(kind === 'Event' ? 'pod/p' : (metadata?.name ?? '?')), kind);
        }
      }
      const parsed = JSON.parse(await get('json')) as { items: SampleObject[] };
      assert.deepEqual(
        parsed.items.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
        objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
      );
      assert.equal((await get('yaml')).match(/^ {2}kind: /gm)?.length, count);
      assert.equal(lines(await get('name')).length, count);
      assert.equal((await get('jsonpath={.items[*].metadata.uid}')).split(' ').length, count);
      assert.equal(lines(await get('custom-columns=NAME:.metadata.name,KIND:.kind')).length, count + 1);
      assert.equal(await get('go-template={{len .items}}'), String(count));
    });

    test('get by kind', async () => {
      const kinds = served.filter((resource) => resource.verbs.includes('list')).map(argumentOf);
      const text = await run(['get', kinds.join(','), '--all-namespaces', '-o', 'name']);
      assert.ok(lines(text).length >= count);
      // Tables of all kinds, each asked for as the server prints it.
      assert.match(await run(['get', kinds.join(','), '--all-namespaces', '-o', 'wide']), /^NAMESPACE\s+NAME\s+/m);
    });

    test('describe', async () => {
      const kinds = 'pods,services,nodes,deployments,namespaces,persistentvolumeclaims,secrets,ingresses,jobs';
      const text = await run(['describe', kinds, '-n', namespace]);
      assert.ok((text.match(/^Name:/gm)?.length ?? 0) >= kinds.split(',').length);
    });

    test('label, annotate, patch of each kind', async () => {
      await onAll('label', 'l=v');
      await onAll('label', 'l=w', '--overwrite');
      await onAll('annotate', 'a=v');
      await onAll('patch', '--type', 'strategic', '-p', '{"metadata":{"annotations":{"strategic":"yes"}}}');
      await onAll('patch', '--type', 'merge', '-p', '{"metadata":{"annotations":{"merge":"yes"}}}');
      await onAll('patch', '--type', 'json', '-p', '[{"op":"add","path":"/metadata/annotations/json","value":"yes"}]');
      const { items } = JSON.parse(await run(['get', '-f', path, '-o', 'json'])) as {
        items: { kind: string; metadata: { labels: object; annotations: object } }[];
      };
      for (const { kind, metadata } of items) {
        assert.equal((metadata.labels as Record<string, string>)['l'], 'w', kind);
        assert.deepEqual(metadata.annotations, {
          ...metadata.annotations,
          a: 'v',
          strategic: 'yes',
          merge: 'yes',
          json: 'yes',
        });
      }
      assert.equal(
        lines(await run(['get', served.filter(isCreatable).map(argumentOf).join(','), '-l', 'l=w', '-A', '-o', 'name']))
          .length >= count,
        true,
      );
    });

    test('replace', async () => {
      const objects = JSON.parse(await run(['get', '-f', path, '-o', 'json'])) as {
        items: { metadata: { annotations: object } }[];
      };
      for (const { metadata } of objects.items) Object.assign(metadata.annotations, { replaced: 'yes' });
      const replaced = await file('replace.json', objects);
      assert.equal(lines(await run(['replace', '-f', replaced, '-o', 'name'])).length, count);
      const values = await run(['get', '-f', path, '-o', 'jsonpath={.items[*].metadata.annotations.replaced}']);
      assert.equal(values.split(' ').length, count);
    });

    test('edit', async () => {
      const editor = await file('editor.sh', '#!/bin/sh\nsed -i "s/strategic: \\"*yes\\"*/strategic: edited/" "$1"\n');
      await chmod(editor, 0o755);
      const text = await run(['edit', '-n', namespace, '-f', path], { env: { KUBE_EDITOR: editor } });
      assert.equal(lines(text).filter((line) => line.endsWith(' edited')).length, count);
    });

    test('delete', async () => {
      await onAll('delete', '--wait=false');
      // Volumes in use and namespaces are held by finalizers, which controllers take off.
      const { stdout } = await runner.try(['get', '-f', path, '-o', 'name', '--ignore-not-found']);
      const held = lines(stdout).map((line) => line.split('/')[0]);
      for (const kind of held)
        assert.ok(
          kind !== undefined && /^(?:namespace|persistentvolume|persistentvolumeclaim|servicecidr)/.test(kind),
          `${kind} is still there`,
        );
    });
  });

  test('apply and diff', async () => {
    const objects = all('applied');
    const path = await file('apply.json', listOf(objects));
    assert.equal(lines(await run(['diff', '-f', path], { okCodes: [1] })).length > objects.length, true);
    assert.equal(
      lines(await run(['apply', '-f', path])).filter((line) => line.endsWith(' created')).length,
      objects.length,
    );
    assert.equal(await run(['diff', '-f', path]), '');
    // kubectl sends a patch again where a list has no keys; that changes nothing, so nothing is written.
    const versions = (): Promise<string> =>
      run(['get', '-f', path, '-o', 'jsonpath={.items[*].metadata.resourceVersion}']);
    const before = await versions();
    assert.match(await run(['apply', '-f', path]), / unchanged$/m);
    assert.equal(await versions(), before);
    for (const object of objects) {
      const { metadata } = object as unknown as { metadata: { labels?: object } };
      metadata.labels = { changed: 'yes' };
    }
    await file('apply.json', listOf(objects));
    const difference = await run(['diff', '-f', path], { okCodes: [1] });
    assert.equal(difference.match(/^\+ {4}changed: "?yes"?/gm)?.length, objects.length);
    assert.equal(
      lines(await run(['apply', '-f', path])).filter((line) => line.endsWith(' configured')).length,
      objects.length,
    );
    for (const object of objects) {
      const { metadata } = object as unknown as { metadata: { labels?: object } };
      delete metadata.labels;
    }
    await file('apply.json', listOf(objects));
    await run(['apply', '-f', path]);
    assert.equal((await run(['get', '-f', path, '-o', 'jsonpath={.items[*].metadata.labels.changed}'])).trim(), '');
    await run(['delete', '-f', path, '--wait=false']);
  });

  test('apply takes fields back and merges lists by their keys', async () => {
    const containers = (...names: string[]): object[] => names.map((name) => ({ name, image: `${name}:1` }));
    const podOf = (list: object[]): object => ({
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'merged', namespace },
      template: { spec: { containers: list } },
    });
    const path = await file('merged.json', podOf(containers('a', 'b')));
    await run(['apply', '-f', path]);
    await client.request('PATCH', `/api/v1/namespaces/${namespace}/podtemplates/merged`, {
      contentType: 'application/strategic-merge-patch+json',
      body: { template: { spec: { containers: containers('injected') } } },
    });
    await file('merged.json', podOf(containers('b', 'c')));
    await run(['apply', '-f', path]);
    const { template } = await read<{ template: { spec: { containers: { name: string }[] } } }>(
      'podtemplates',
      'merged',
    );
    assert.deepEqual(template.spec.containers.map(({ name }) => name).sort(), ['b', 'c', 'injected']);
  });

  test('scale', async () => {
    for (const [plural, group] of [
      ['deployments', 'apps'],
      ['replicasets', 'apps'],
      ['statefulsets', 'apps'],
      ['replicationcontrollers', ''],
    ]) {
      const resource = served.find((one) => one.plural === plural && one.group === group);
      assert.ok(resource);
      const object = sampleObject(resource, 'scaled', namespace);
      assert.ok(object);
      await create(resourcePath(resource, namespace), object);
      await run(['scale', `${plural}/scaled`, '--replicas=5', '-n', namespace]);
      assert.equal(await run(['get', `${plural}/scaled`, '-n', namespace, '-o', 'jsonpath={.spec.replicas}']), '5');
      const { stderr, code } = await runner.try([
        'scale',
        `${plural}/scaled`,
        '--replicas=6',
        '--current-replicas=1',
        '-n',
        namespace,
      ]);
      assert.notEqual(code, 0);
      assert.match(stderr, /Expected (?:replicas )?to be 1, was 5/i);
    }
  });

  test('commands that make objects', async () => {
    const make = async (...args: string[]): Promise<void> => void (await run([...args, '-n', namespace]));
    await make('create', 'deployment', 'made', '--image=i:1', '--replicas=2');
    await make('create', 'configmap', 'made', '--from-literal=a=b');
    await make('create', 'secret', 'generic', 'made', '--from-literal=a=b');
    await make('create', 'serviceaccount', 'made');
    await make('create', 'role', 'made', '--verb=get,list', '--resource=pods');
    await make('create', 'rolebinding', 'made', '--role=made', '--user=jane');
    await make('create', 'quota', 'made', '--hard=pods=5');
    await make('create', 'job', 'made', '--image=i:1');
    await make('create', 'ingress', 'made', '--rule=example.com/=svc:80');
    await make('create', 'service', 'clusterip', 'made', '--tcp=80:8080');
    await make('create', 'priorityclass', `made-${kubectl.minor}`, '--value=5');
    // The older one knows only versions of these that are gone.
    if (kubectl.minor >= 21) {
      await make('create', 'cronjob', 'made', '--image=i:1', '--schedule=* * * * *');
      await make('create', 'poddisruptionbudget', 'made', '--selector=app=made', '--min-available=1');
    }
    await make('run', 'made', '--image=i:1');
    await make('expose', 'deployment', 'made', '--port=80', '--name=exposed');
    await make('autoscale', 'deployment', 'made', '--max=3');
    await make('set', 'image', 'deployment/made', 'i=i:2');
    await make('set', 'env', 'deployment/made', 'A=b');
    await make('rollout', 'restart', 'deployment/made');
    await create('/api/v1/nodes', { metadata: { name: `node-${kubectl.minor}` } });
    await make('cordon', `node-${kubectl.minor}`);
    const { spec } = JSON.parse(await run(['get', 'deployment', 'made', '-n', namespace, '-o', 'json'])) as {
      spec: { replicas: number; template: { spec: { containers: { image: string; env: object[] }[] } } };
    };
    assert.equal(spec.replicas, 2);
    assert.deepEqual(
      spec.template.spec.containers.map(({ image, env }) => ({ image, env })),
      [{ image: 'i:2', env: [{ name: 'A', value: 'b' }] }],
    );
    assert.match(await run(['auth', 'can-i', 'create', 'pods', '-n', namespace]), /^yes/);
  });

  test('delete with each cascade', async () => {
    for (const [cascade, finalizer] of [
      ['background', undefined],
      ['orphan', 'orphan'],
      ['foreground', 'foregroundDeletion'],
    ] as const) {
      const name = `cascade-${cascade}`;
      await createConfigMap(name);
      await run(['delete', 'configmap', name, '-n', namespace, `--cascade=${cascade}`, '--wait=false']);
      if (finalizer === undefined) {
        await assert.rejects(read('configmaps', name), { reason: 'NotFound' });
        continue;
      }
      // The garbage collector would now look after dependents, and then let the object go.
      const { metadata } = await read<{ metadata: { finalizers: string[]; deletionTimestamp?: string } }>(
        'configmaps',
        name,
      );
      assert.deepEqual(metadata.finalizers, [finalizer]);
      assert.ok(metadata.deletionTimestamp);
      await run([
        'patch',
        'configmap',
        name,
        '-n',
        namespace,
        '--type=merge',
        '-p',
        '{"metadata":{"finalizers":null}}',
      ]);
      await assert.rejects(read('configmaps', name), { reason: 'NotFound' });
    }
  });

  test('delete waits until the object is gone', async () => {
    await createConfigMap('held', { finalizers: ['example.com/hold'] });
    let isDone = false;
    const deleting = run(['delete', 'configmap', 'held', '-n', namespace]).then(() => {
      isDone = true;
    });
    for await (const { object } of client.watch<{ metadata: { deletionTimestamp?: string } }>(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { query: { fieldSelector: 'metadata.name=held', timeoutSeconds: 30 } },
    )) {
      if (object.metadata.deletionTimestamp !== undefined) break;
    }
    assert.equal(isDone, false);
    await client.request('PATCH', `/api/v1/namespaces/${namespace}/configmaps/held`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    await deleting;
  });

  test('wait', async () => {
    await create(`/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'waited' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    const waiting = run(['wait', 'pod/waited', '-n', namespace, '--for=condition=Ready', '--timeout=30s']);
    await client.request('PATCH', `/api/v1/namespaces/${namespace}/pods/waited/status`, {
      contentType: 'application/strategic-merge-patch+json',
      body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    });
    assert.match(await waiting, /condition met/);
    const watches = await openWatches(server, 'pods');
    const gone = run(['wait', 'pod/waited', '-n', namespace, '--for=delete', '--timeout=30s']);
    await eventually('kubectl wait watches', async () => (await openWatches(server, 'pods')) > watches);
    await client.request('DELETE', `/api/v1/namespaces/${namespace}/pods/waited`, { body: { gracePeriodSeconds: 0 } });
    await gone;
  });

  test('get --watch', async () => {
    const watches = await openWatches(server, 'configmaps');
    const columns = 'custom-columns=NAME:.metadata.name,DATA:.data.a';
    const watching = watchLines(['get', 'configmaps', '-n', namespace, '--watch-only', '--no-headers', '-o', columns]);
    try {
      await eventually('kubectl watches', async () => (await openWatches(server, 'configmaps')) > watches);
      await createConfigMap('watched');
      await client.request('PATCH', `/api/v1/namespaces/${namespace}/configmaps/watched`, {
        contentType: 'application/merge-patch+json',
        body: { data: { a: 'changed' } },
      });
      await client.request('DELETE', `/api/v1/namespaces/${namespace}/configmaps/watched`);
      await eventually('three events are printed', () => watching.seen.length >= 3);
      assert.deepEqual(
        watching.seen.map((line) => line.split(/\s+/)),
        [
          ['watched', '<none>'],
          ['watched', 'changed'],
          ['watched', 'changed'],
        ],
      );
    } finally {
      watching.stop();
    }
    // A table, too: what a person sees.
    const table = watchLines(['get', 'namespaces', '--watch']);
    try {
      await eventually('the list is printed', () => table.seen.some((line) => line.startsWith('kube-system')));
      assert.match(table.seen[0] ?? '', /^NAME\s+STATUS\s+AGE$/);
    } finally {
      table.stop();
    }
  });

  /** Lines that a kubectl prints as it goes. */
  function watchLines(args: readonly string[]): { readonly seen: string[]; stop(): void } {
    const child = spawn(kubectl.path, args, {
      env: { ...process.env, KUBECONFIG: server.kubeconfig, HOME: directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const seen: string[] = [];
    let rest = '';
    child.stdout.on('data', (piece: Buffer) => {
      const parts = (rest + piece.toString('utf8')).split('\n');
      rest = parts.pop() ?? '';
      seen.push(...parts);
    });
    return { seen, stop: () => child.kill('SIGKILL') };
  }

  test('get --raw', async () => {
    assert.equal(await run(['get', '--raw', '/readyz']), 'ok');
    assert.match(await run(['get', '--raw', '/version']), /"gitVersion": ?"v1\.36\./);
    const list = JSON.parse(await run(['get', '--raw', `/api/v1/namespaces/${namespace}/configmaps?limit=1`])) as {
      kind: string;
    };
    assert.equal(list.kind, 'ConfigMapList');
    assert.match(await run(['get', '--raw', '/metrics']), /^apiserver_request_total\{/m);
  });

  test('a refusal is told in upstream’s words', async () => {
    const refusal = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await runner.try([...args, '-n', namespace]);
      assert.notEqual(code, 0);
      return stderr;
    };
    assert.equal(await refusal('get', 'pod', 'none'), 'Error from server (NotFound): pods "none" not found\n');
    await createConfigMap('twice');
    assert.match(
      await refusal(
        'create',
        '-f',
        await file('twice.json', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'twice' } }),
      ),
      /Error from server \(AlreadyExists\): error when creating ".*twice\.json": configmaps "twice" already exists/,
    );
    assert.match(
      await refusal(
        'create',
        '-f',
        await file('bad.json', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'Bad_' } }),
      ),
      /The ConfigMap "Bad_" is invalid: metadata\.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain/,
    );
    assert.match(await refusal('get', 'widgets'), /the server doesn't have a resource type "widgets"/);
  });

  test('kinds without a function yet are refused', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    const service = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.example.com' },
      spec: {
        group: 'example.com',
        version: 'v1',
        groupPriorityMinimum: 1,
        versionPriority: 1,
        service: { name: 'a', namespace: 'b' },
      },
    };
    for (const object of [definition, service]) {
      const { code, stderr } = await runner.try(['create', '-f', await file('refused.json', object)]);
      assert.equal(code, 1);
      assert.match(stderr, /not implemented/);
    }
    await assert.rejects(create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition), { code: 501 });
    await assert.rejects(create('/apis/apiregistration.k8s.io/v1/apiservices', service), { code: 501 });
  });
}
