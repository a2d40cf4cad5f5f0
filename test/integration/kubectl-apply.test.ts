// Real kubectls that apply on the server, as upstream's page on server-side apply walks through it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachKubectl, linesOf } from '../support/kubectl-session.ts';

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}

interface Item {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly Entry[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly replicas?: number };
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function configMap(name: string, data?: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

function deployment(name: string, spec: object = {}, image = 'nginx:1.14.2'): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'nginx', image }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

await forEachKubectl(({ run, try: attempt, file, namespace, kubectl }) => {
  const inNamespace = ['-n', namespace];

  async function get(resource: string, name: string): Promise<Item> {
    return JSON.parse(
      await run([
        'get',
        resource,
        name,
        '-o',
        'json',
        ...(kubectl.minor < 21 ? [] : ['--show-managed-fields']),
        ...inNamespace,
      ]),
    ) as Item;
  }

  async function apply(object: object, ...flags: string[]): Promise<string> {
    const path = await file('applied.json', object);
    return run(['apply', '--server-side', '-f', path, ...flags, ...inNamespace]);
  }

  async function refusalOf(object: object, ...flags: string[]): Promise<string> {
    const path = await file('applied.json', object);
    const { code, stderr } = await attempt(['apply', '--server-side', '-f', path, ...flags, ...inNamespace]);
    assert.equal(code, 1);
    return stderr;
  }

  function managersOf({ metadata }: Item): string[] {
    return (metadata.managedFields ?? []).map(({ manager, operation, subresource }) =>
      [manager, operation, ...(subresource === undefined ? [] : [subresource])].join(' '),
    );
  }

  test('two managers: a conflict, force, and sharing', async () => {
    const name = 'two-managers';
    const by = (manager: string): string => `--field-manager=${manager}`;
    assert.match(
      await apply(configMap(name, { key: 'some value' }, { labels: { 'test-label': 'test' } })),
      /applied$/m,
    );
    const refused = await refusalOf(configMap(name, { key: 'new value' }), by('other'));
    assert.match(refused, /Apply failed with 1 conflict: conflict with "kubectl".*: \.data\.key/);
    await apply(configMap(name, { key: 'new value' }), by('other'), '--force-conflicts');
    assert.deepEqual(managersOf(await get('configmap', name)), ['kubectl Apply', 'other Apply']);
    // Now the first has to agree, or to leave the field alone.
    assert.match(await refusalOf(configMap(name, { key: 'some value' })), /conflict with "other"/);
    await apply(configMap(name, { key: 'new value' }));
    await apply(configMap(name), by('other'));
    const shared = await get('configmap', name);
    assert.deepEqual(shared.data, { key: 'new value' });
    assert.deepEqual(managersOf(shared), ['kubectl Apply']);
    await apply(configMap(name));
    assert.equal((await get('configmap', name)).data, undefined);
  });

  test('an unchanged apply writes nothing', async () => {
    const object = deployment('unchanged', { replicas: 2 });
    await apply(object);
    const before = await get('deployment', 'unchanged');
    await apply(object);
    assert.deepEqual(await get('deployment', 'unchanged'), before);
  });

  test('replicas are handed to an autoscaler', async () => {
    const name = 'handed-over';
    await apply(deployment(name, { replicas: 3 }));
    await run(['scale', 'deployment', name, '--replicas=2', ...inNamespace]);
    const scaled = managersOf(await get('deployment', name));
    assert.ok(
      scaled.some((manager) => /^kubectl.* Update scale$/.test(manager)),
      scaled.join(),
    );
    assert.match(
      await refusalOf(deployment(name, { replicas: 3 })),
      /subresource "scale" using apps\/v1: \.spec\.replicas/,
    );
    await apply(deployment(name));
    assert.equal((await get('deployment', name)).spec?.replicas, 2);
  });

  test('from client-side to server-side apply', async () => {
    const name = 'migrated';
    const path = await file('client-side.json', configMap(name, { a: '1', b: '1' }));
    await run(['apply', '-f', path, ...inNamespace]);
    assert.deepEqual(managersOf(await get('configmap', name)), ['kubectl-client-side-apply Update']);
    await apply(configMap(name, { a: '2' }));
    const migrated = await get('configmap', name);
    assert.equal(migrated.data?.['a'], '2');
    assert.equal(
      migrated.metadata.annotations?.[lastApplied]?.includes(name),
      true,
      'the annotation stays for clients that go back',
    );
    assert.ok(managersOf(migrated).includes('kubectl Apply'));
    // A kubectl that moves ownership itself lets go of what was applied before; older ones leave it to its updater.
    assert.deepEqual(Object.keys(migrated.data ?? {}), kubectl.minor < 26 ? ['a', 'b'] : ['a']);
  });

  test('diff shows what an apply would change', async () => {
    const name = 'compared';
    await apply(configMap(name, { key: 'before' }));
    const same = await file('same.json', configMap(name, { key: 'before' }));
    await run(['diff', '--server-side', '-f', same, ...inNamespace]);
    const other = await file('other.json', configMap(name, { key: 'after' }));
    const diff = await run(['diff', '--server-side', '-f', other, ...inNamespace], { okCodes: [1] });
    const changed = linesOf(diff).filter((line) => /^[-+] /.test(line));
    assert.ok(
      changed.some((line) => /^-\s+key: before$/.test(line)) && changed.some((line) => /^\+\s+key: after$/.test(line)),
    );
    assert.deepEqual((await get('configmap', name)).data, { key: 'before' });
  });

  test('a dry run of an apply', async () => {
    await apply(configMap('rehearsed', { a: '1' }), '--dry-run=server');
    const { code } = await attempt(['get', 'configmap', 'rehearsed', ...inNamespace]);
    assert.equal(code, 1);
  });

  test('an unknown field', async () => {
    const refused = await refusalOf(deployment('unknown', { replica: 3 }));
    assert.match(refused, /\.spec\.replica: field not declared in schema|unknown field "(spec\.)?replica"/);
  });

  test('each command is a manager of its own', async () => {
    const name = 'commanded';
    await apply(deployment(name, { replicas: 1 }));
    await run(['label', 'deployment', name, 'x=y', ...inNamespace]);
    await run(['annotate', 'deployment', name, 'x=y', ...inNamespace]);
    await run(['set', 'image', `deployment/${name}`, 'nginx=nginx:2', ...inNamespace]);
    const item = await get('deployment', name);
    const managers = managersOf(item);
    for (const command of ['label', 'annotate', 'set']) {
      assert.ok(managers.includes(`kubectl-${command} Update`), `${command}: ${managers.join()}`);
    }
    const changed = await refusalOf(deployment(name, { replicas: 1 }));
    assert.match(changed, /conflict with "kubectl-set" using apps\/v1: .*containers\[name="nginx"\]\.image/);
  });

  test('managed fields are kept from sight unless asked for', { skip: kubectl.minor < 21 }, async () => {
    await apply(configMap('hidden', { a: '1' }));
    assert.doesNotMatch(await run(['get', 'configmap', 'hidden', '-o', 'yaml', ...inNamespace]), /managedFields/);
    assert.match(
      await run(['get', 'configmap', 'hidden', '-o', 'yaml', '--show-managed-fields', ...inNamespace]),
      /managedFields:\n {2}- apiVersion: v1\n {4}fieldsType: FieldsV1\n {4}fieldsV1:\n {6}f:data:\n {8}f:a: \{\}/,
    );
  });
});
