// What kubectl makes of StatefulSets and DaemonSets, over HTTPS, on a cluster with controllers and simulated nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cluster } from '../../src/cluster/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { findKubectls, KubectlRunner } from '../support/kubectl.ts';
import { removeDirectory, temporaryDirectory } from '../support/server.ts';

const labels = { app: 'web' };

function workload(kind: 'StatefulSet' | 'DaemonSet', more: object = {}): string {
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] } };
  const spec = { selector: { matchLabels: labels }, template, ...more };
  return JSON.stringify({ apiVersion: 'apps/v1', kind, metadata: { name: 'web' }, spec });
}

const kubectls = await findKubectls();
if (kubectls.length === 0) {
  test('kubectl', { skip: 'NO KUBECTL: neither on the PATH nor from Debian. None of these tests ran.' }, () => {});
}

for (const found of kubectls) {
  describe(`kubectl ${found.version}`, { timeout: 120_000 }, () => {
    let cluster: Cluster;
    let home: string;
    let kubectl: KubectlRunner;

    before(async () => {
      cluster = await Cluster.start({ nodes: 3 });
      home = await temporaryDirectory();
      kubectl = new KubectlRunner(found, cluster.kubeconfig, home);
    });
    after(async () => {
      await cluster.stop();
      await removeDirectory(home);
    });

    async function images(): Promise<string[]> {
      const path = 'jsonpath={range .items[*]}{.spec.containers[0].image}{"\\n"}{end}';
      const text = await kubectl.run(['get', 'pods', '-l', 'app=web', '-o', path]);
      return text.split('\n').filter((line) => line !== '');
    }

    async function rollOutAndBack(resource: string): Promise<void> {
      const status = ['rollout', 'status', resource, '--timeout=60s'];
      await kubectl.run(status);
      assert.deepEqual(new Set(await images()), new Set(['registry.example/web:1']));
      await kubectl.run(['set', 'image', resource, 'web=registry.example/web:2']);
      await kubectl.run(status);
      assert.deepEqual(new Set(await images()), new Set(['registry.example/web:2']));
      const history = await kubectl.run(['rollout', 'history', resource]);
      assert.match(history, /REVISION\s+CHANGE-CAUSE\n1 .*\n2 /);
      const first = await kubectl.run(['rollout', 'history', resource, '--revision=1']);
      assert.match(first, /Image:\s+registry\.example\/web:1/);
      assert.match(await kubectl.run(['rollout', 'undo', resource]), /\/web rolled back/);
      await kubectl.run(status);
      assert.deepEqual(new Set(await images()), new Set(['registry.example/web:1']));
      assert.match(await kubectl.run(['rollout', 'history', resource]), /CHANGE-CAUSE\n2 .*\n3 /);
      await kubectl.run(['rollout', 'restart', resource]);
      await kubectl.run(status);
    }

    test('a StatefulSet is rolled out, back and scaled', async () => {
      const set = workload('StatefulSet', { serviceName: 'web', replicas: 3 });
      await kubectl.run(['apply', '-f', '-'], { input: set });
      await rollOutAndBack('statefulset/web');
      await kubectl.run(['scale', 'statefulset/web', '--replicas=1']);
      await eventually('one Pod is left', async () => (await images()).length === 1);
      await eventually('its status says so', async () =>
        /^web\s+1\/1/.test(await kubectl.run(['get', 'statefulset', 'web', '--no-headers'])),
      );
      await kubectl.run(['delete', 'statefulset', 'web', '--cascade=foreground', '--timeout=60s']);
      assert.deepEqual(await images(), []);
    });

    test('a DaemonSet is rolled out and back', async () => {
      await kubectl.run(['apply', '-f', '-'], { input: workload('DaemonSet') });
      await rollOutAndBack('daemonset/web');
      assert.match(await kubectl.run(['get', 'daemonset', 'web', '--no-headers']), /^web(?:\s+3){5}\s+<none>/);
      await kubectl.run(['delete', 'daemonset', 'web', '--cascade=foreground', '--timeout=60s']);
      assert.deepEqual(await images(), []);
    });
  });
}
