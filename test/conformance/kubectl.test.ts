// [sig-cli]: the newest kubectl that can be had, on what needs neither nodes nor controllers. The older ones are tried in
// test/integration.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod, ReplicationController, Service } from '../../src/api/types/core.v1.ts';
import { forEachKubectl, type KubectlSession } from '../support/kubectl-session.ts';
import { removeDirectory, temporaryDirectory } from '../support/server.ts';

const labels = { app: 'agnhost', role: 'primary' };
const container = { name: 'agnhost-primary', image: 'registry.example/agnhost:2', ports: [{ containerPort: 6379 }] };

function controller(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, labels },
    spec: { replicas: 1, selector: labels, template: { metadata: { labels }, spec: { containers: [container] } } },
  };
}

function pod(name: string, podLabels: object = labels): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: podLabels }, spec: { containers: [container] } };
}

/** What the proxy's version list says. */
function versionsThrough(target: { port: number } | { socketPath: string }): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    request({ ...target, path: '/api/' }, (response) => {
      void response.toArray().then((pieces: Buffer[]) => {
        resolve((JSON.parse(Buffer.concat(pieces).toString('utf8')) as { versions: string[] }).versions);
      }, reject);
    })
      .on('error', reject)
      .end();
  });
}

/** Runs `kubectl proxy` until what it serves was looked at. */
async function throughProxy(
  { kubectl, server }: KubectlSession,
  args: readonly string[],
  look: (startLine: string) => Promise<void>,
): Promise<void> {
  const child = spawn(kubectl.path, ['proxy', ...args], {
    env: { ...process.env, KUBECONFIG: server.kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const line of createInterface(child.stdout)) {
      await look(line);
      return;
    }
    assert.fail('kubectl proxy said nothing');
  } finally {
    child.kill('SIGKILL');
  }
}

await forEachKubectl(defineTests, (kubectls) => kubectls.toSorted((a, b) => b.minor - a.minor).slice(0, 1));

function defineTests(session: KubectlSession): void {
  const { run, file, namespace, kubectl } = session;
  const inNamespace = (...args: string[]): Promise<string> => run([...args, '-n', namespace]);
  const create = async (object: object): Promise<void> => {
    await inNamespace('create', '-f', await file('object.json', object));
  };
  const read = async <T>(...what: string[]): Promise<T> =>
    JSON.parse(await inNamespace('get', ...what, '-o', 'json')) as T;

  test('[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions', async () => {
    assert.ok((await run(['api-versions'])).split('\n').includes('v1'));
  });

  test('[sig-cli] Kubectl client Kubectl version should check is all data is printed', async () => {
    const versions = JSON.parse(await run(['version', '-o', 'json'])) as Record<string, Record<string, string>>;
    for (const side of ['clientVersion', 'serverVersion']) {
      for (const field of ['major', 'minor', 'gitVersion', 'buildDate', 'goVersion', 'compiler', 'platform']) {
        assert.ok(versions[side]?.[field], `${side} has no ${field}`);
      }
      // Empty where there was no build: the tests may run from source.
      assert.equal(typeof versions[side]?.['gitCommit'], 'string', `${side} has no gitCommit`);
    }
    const text = await run(['version']);
    for (const line of [/Client Version: /, /Server Version: /]) assert.match(text, line);
  });

  test('[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info', async () => {
    // In colours.
    // eslint-disable-next-line no-control-regex
    const text = (await run(['cluster-info'])).replaceAll(/\u001B\[[\d;]*m/g, '');
    assert.match(text, /^Kubernetes (?:control plane|master) is running at https:\/\/127\.0\.0\.1:\d+/);
  });

  test('[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods', async () => {
    await create(controller('described'));
    await create(pod('described'));
    await create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'described', labels },
      spec: { selector: labels, ports: [{ port: 6379, targetPort: 6379 }] },
    });
    const assertSays = async (what: readonly string[], expected: readonly RegExp[]): Promise<void> => {
      const text = await inNamespace('describe', ...what);
      for (const line of expected) assert.match(text, line);
    };
    await assertSays(
      ['pod', 'described'],
      [
        /Name:\s+described/,
        new RegExp(`Namespace:\\s+${namespace}`),
        /Labels:\s+app=agnhost/,
        /role=primary/,
        /Status:\s+Pending/,
        /Image:\s+registry\.example\/agnhost:2/,
      ],
    );
    await assertSays(
      ['rc', 'described'],
      [
        /Name:\s+described/,
        /Selector:\s+app=agnhost,role=primary/,
        /Replicas:\s+0 current \/ 1 desired/,
        /Pod Template:/,
        /Port:\s+6379\/TCP/,
      ],
    );
    await assertSays(
      ['service', 'described'],
      [/Type:\s+ClusterIP/, /IP:\s+10\.\d+\.\d+\.\d+/, /Port:\s+<unset>\s+6379\/TCP/, /Session Affinity:\s+None/],
    );
    await session.client.request('POST', '/api/v1/nodes', {
      body: { metadata: { name: `described-${kubectl.minor}` } },
    });
    await assertSays(
      ['node', `described-${kubectl.minor}`],
      [/Name:\s+described/, /CreationTimestamp:/, /Conditions:|Unschedulable:/, /Addresses:|Capacity:|System Info:/],
    );
    await assertSays(
      ['namespace', namespace],
      [/Name:\s+kubectl/, /Status:\s+Active/, /No resource quota\./, /No LimitRange resource\./],
    );
  });

  test('[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments', async () => {
    const deployment = (image: string): object => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'diffed' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } },
      },
    });
    await create(deployment('registry.example/httpd:1'));
    const other = await file('other.json', deployment('registry.example/busybox:1'));
    const difference = await run(['diff', '-f', other, '-n', namespace], { okCodes: [1] });
    assert.match(difference, /^-.*registry\.example\/httpd:1/m);
    assert.match(difference, /^\+.*registry\.example\/busybox:1/m);
    const same = await file('same.json', deployment('registry.example/httpd:1'));
    assert.equal(await run(['diff', '-f', same, '-n', namespace]), '');
  });

  test('[sig-cli] Kubectl client Kubectl expose should create services for rc', async () => {
    await create(controller('exposed'));
    await inNamespace('expose', 'rc', 'exposed', '--name=rm2', '--port=1234', '--target-port=6379');
    await inNamespace('expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379');
    for (const [name, port] of [
      ['rm2', 1234],
      ['rm3', 2345],
    ] as const) {
      const { spec } = await read<Service>('service', name);
      assert.deepEqual(
        spec?.ports?.map((one) => [one.port, one.targetPort, one.protocol]),
        [[port, 6379, 'TCP']],
      );
      assert.deepEqual(spec?.selector, labels);
      assert.match(spec?.clusterIP ?? '', /^10\./);
    }
  });

  test('[sig-cli] Kubectl client Kubectl label should update the label on a resource', async () => {
    await create(pod('labelled', {}));
    await inNamespace('label', 'pods', 'labelled', 'testing-label=testing-label-value');
    const shown = await inNamespace('get', 'pod', 'labelled', '-L', 'testing-label');
    assert.match(shown, /TESTING-LABEL/);
    assert.match(shown, /testing-label-value/);
    assert.match(await inNamespace('get', 'pod', '-l', 'testing-label=testing-label-value'), /labelled/);
    await inNamespace('label', 'pods', 'labelled', 'testing-label-');
    assert.doesNotMatch(await inNamespace('get', 'pod', 'labelled', '-L', 'testing-label'), /testing-label-value/);
  });

  test('[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc', async () => {
    await create(pod('patched'));
    await inNamespace('patch', 'pod', 'patched', '-p', '{"metadata":{"annotations":{"x":"y"}}}');
    assert.deepEqual((await read<Pod>('pod', 'patched')).metadata.annotations, { x: 'y' });
  });

  test("[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image", async () => {
    await inNamespace('run', 'replaced', '--image=registry.example/httpd:1', '--labels=run=replaced');
    const { spec, ...rest } = await read<Pod>('pod', 'replaced');
    const changed = {
      ...rest,
      spec: { ...spec, containers: spec.containers?.map((one) => ({ ...one, image: 'registry.example/busybox:1' })) },
    };
    await inNamespace('replace', '-f', await file('replaced.json', changed));
    const replaced = await read<Pod>('pod', 'replaced');
    assert.equal(replaced.spec.containers?.[0]?.image, 'registry.example/busybox:1');
    assert.equal(replaced.metadata.uid, rest.metadata.uid);
    // Anew.
    await inNamespace('replace', '--force', '--grace-period=0', '-f', await file('replaced.json', changed));
    assert.notEqual((await read<Pod>('pod', 'replaced')).metadata.uid, rest.metadata.uid);
  });

  test('[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never', async () => {
    await inNamespace('run', 'never', '--restart=Never', '--image=registry.example/httpd:1');
    const { spec } = await read<Pod>('pod', 'never');
    assert.deepEqual([spec.containers?.[0]?.image, spec.restartPolicy], ['registry.example/httpd:1', 'Never']);
  });

  test(
    '[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods',
    { skip: kubectl.minor < 18 ? `${kubectl.version} has no --dry-run=server` : false },
    async () => {
      await inNamespace('run', 'dry', '--image=registry.example/httpd:1');
      const patch = '{"spec":{"containers":[{"name":"dry","image":"registry.example/busybox:1"}]}}';
      const said = await inNamespace('patch', 'pod', 'dry', '-p', patch, '--dry-run=server', '-o', 'json');
      assert.equal((JSON.parse(said) as Pod).spec.containers?.[0]?.image, 'registry.example/busybox:1');
      assert.equal((await read<Pod>('pod', 'dry')).spec.containers?.[0]?.image, 'registry.example/httpd:1');
    },
  );

  test('[sig-cli] Kubectl client Proxy server should support proxy with --port 0', () =>
    throughProxy(session, ['--port=0'], async (line) => {
      const [, port] = /^Starting to serve on 127\.0\.0\.1:(\d+)$/.exec(line) ?? [];
      assert.deepEqual(await versionsThrough({ port: Number(port) }), ['v1']);
    }));

  test('[sig-cli] Kubectl client Proxy server should support --unix-socket=/path', async () => {
    const directory = await temporaryDirectory();
    const socketPath = join(directory, 'socket');
    await throughProxy(session, [`--unix-socket=${socketPath}`], async (line) => {
      assert.equal(line, `Starting to serve on ${socketPath}`);
      assert.deepEqual(await versionsThrough({ socketPath }), ['v1']);
    });
    await removeDirectory(directory);
  });

  test('[sig-cli] Kubectl client Kubectl validation should detect unknown metadata fields of a typed object', async () => {
    const broken = { ...pod('broken'), metadata: { name: 'broken', unknownMeta: 'foo' } };
    const { code, stderr } = await session.try([
      'create',
      '--validate=strict',
      '-n',
      namespace,
      '-f',
      await file('broken.json', broken),
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /unknown field "metadata\.unknownMeta"/);
  });

  test('kubectl scale changes a replication controller, on conditions', async () => {
    await create(controller('scaled'));
    await inNamespace('scale', 'rc', 'scaled', '--replicas=2', '--current-replicas=1');
    assert.equal((await read<ReplicationController>('rc', 'scaled')).spec?.replicas, 2);
    const { code } = await session.try([
      'scale',
      'rc',
      'scaled',
      '--replicas=5',
      '--current-replicas=1',
      '-n',
      namespace,
    ]);
    assert.equal(code, 1);
  });
}
