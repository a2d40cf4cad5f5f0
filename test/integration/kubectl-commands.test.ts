// Real kubectls as people use them: commands that make, scale, wait for, watch and delete objects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathOf } from '../../src/client/resource.ts';
import { eventually } from '../support/eventually.ts';
import { forEachKubectl } from '../support/kubectl-session.ts';
import { openWatches } from '../support/open-watches.ts';
import { sampleObject } from './objects.ts';

await forEachKubectl((session) => {
  const { kubectl, run, file, namespace, createConfigMap } = session;
  const read = <T>(kind: string, name: string): Promise<T> =>
    session.client.get<T>(`/api/v1/namespaces/${namespace}/${kind}/${name}`);
  const create = (path: string, body: object): Promise<unknown> => session.client.request('POST', path, { body });

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
    await session.client.request('PATCH', `/api/v1/namespaces/${namespace}/podtemplates/merged`, {
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
      const resource = session.served.find((one) => one.plural === plural && one.group === group);
      assert.ok(resource);
      const object = sampleObject(resource, 'scaled', namespace);
      assert.ok(object);
      await create(pathOf(resource, namespace), object);
      await run(['scale', `${plural}/scaled`, '--replicas=5', '-n', namespace]);
      assert.equal(await run(['get', `${plural}/scaled`, '-n', namespace, '-o', 'jsonpath={.spec.replicas}']), '5');
      const { stderr, code } = await session.try([
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
    for await (const { object } of session.client.watch<{ metadata: { deletionTimestamp?: string } }>(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { query: { fieldSelector: 'metadata.name=held', timeoutSeconds: 30 } },
    )) {
      if (object.metadata.deletionTimestamp !== undefined) break;
    }
    assert.equal(isDone, false);
    await session.client.request('PATCH', `/api/v1/namespaces/${namespace}/configmaps/held`, {
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
    await session.client.request('PATCH', `/api/v1/namespaces/${namespace}/pods/waited/status`, {
      contentType: 'application/strategic-merge-patch+json',
      body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    });
    assert.match(await waiting, /condition met/);
    const watches = await openWatches(session.server, 'pods');
    const gone = run(['wait', 'pod/waited', '-n', namespace, '--for=delete', '--timeout=30s']);
    await eventually('kubectl wait watches', async () => (await openWatches(session.server, 'pods')) > watches);
    await session.client.request('DELETE', `/api/v1/namespaces/${namespace}/pods/waited`, {
      body: { gracePeriodSeconds: 0 },
    });
    await gone;
  });

  test('get --watch', async () => {
    const watches = await openWatches(session.server, 'configmaps');
    const columns = 'custom-columns=NAME:.metadata.name,DATA:.data.a';
    const watching = session.follow([
      'get',
      'configmaps',
      '-n',
      namespace,
      '--watch-only',
      '--no-headers',
      '-o',
      columns,
    ]);
    try {
      await eventually('kubectl watches', async () => (await openWatches(session.server, 'configmaps')) > watches);
      await createConfigMap('watched');
      await session.client.request('PATCH', `/api/v1/namespaces/${namespace}/configmaps/watched`, {
        contentType: 'application/merge-patch+json',
        body: { data: { a: 'changed' } },
      });
      await session.client.request('DELETE', `/api/v1/namespaces/${namespace}/configmaps/watched`);
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
    const table = session.follow(['get', 'namespaces', '--watch']);
    try {
      await eventually('the list is printed', () => table.seen.some((line) => line.startsWith('kube-system')));
      assert.match(table.seen[0] ?? '', /^NAME\s+STATUS\s+AGE$/);
    } finally {
      table.stop();
    }
  });

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
      const { code, stderr } = await session.try([...args, '-n', namespace]);
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
      const { code, stderr } = await session.try(['create', '-f', await file('refused.json', object)]);
      assert.equal(code, 1);
      assert.match(stderr, /not implemented/);
    }
    await assert.rejects(create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition), { code: 501 });
    await assert.rejects(create('/apis/apiregistration.k8s.io/v1/apiservices', service), { code: 501 });
  });
});
