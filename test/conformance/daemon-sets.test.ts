// DaemonSets keep one Pod on every node that they want.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet, DaemonSetSpec } from '../../src/api/types/apps.v1.ts';
import { controllerRevisions, daemonSets, nodes, pods } from '../../src/client/resources.ts';
import { nameOf, startRunningCluster, type Space } from './running-cluster.ts';
import { imageOf, imagePatch, templateOf } from './workload.ts';

const running = startRunningCluster();
const labels = { app: 'daemon' };
const all = ['node-0', 'node-1', 'node-2'];

function daemonSet(more: Partial<DaemonSetSpec> = {}): DaemonSet {
  return {
    metadata: { name: 'daemon-set' },
    spec: { selector: { matchLabels: labels }, template: templateOf(labels), ...more },
  };
}

async function runsOn(space: Space, expected: readonly string[]): Promise<void> {
  await running.until(`its Pods run on ${expected.join(', ')}`, async () => {
    const found = await space.list(pods, { labelSelector: 'app=daemon' });
    const isRunning = found.every(({ status }) => status?.phase === 'Running');
    const on = found.map(({ spec }) => spec.nodeName).toSorted();
    const { status } = await space.get(daemonSets, 'daemon-set');
    return isRunning && on.join() === expected.join() && status?.numberAvailable === (expected.length || undefined);
  });
}

async function setLabel(node: string, color: string | null): Promise<void> {
  await running.client.patch(nodes, undefined, node, 'merge', { metadata: { labels: { color } } });
}

test('[sig-apps] Daemon set should run and stop simple daemon', async () => {
  const space = await running.newSpace();
  await space.create(daemonSets, daemonSet());
  await runsOn(space, all);
  const [first] = await space.pods();
  assert.ok(first !== undefined);
  await space.delete(pods, nameOf(first));
  await runsOn(space, all);
  assert.ok((await space.pods()).every(({ metadata }) => metadata.uid !== first.metadata.uid));
  await space.delete(daemonSets, 'daemon-set');
  await running.until('its Pods are gone', async () => (await space.list(pods)).length === 0);
});

test('[sig-apps] Daemon set should run and stop complex daemon', async () => {
  const space = await running.newSpace();
  await space.create(
    daemonSets,
    daemonSet({ template: templateOf(labels, { spec: { nodeSelector: { color: 'blue' } } }) }),
  );
  await runsOn(space, []);
  await setLabel('node-1', 'blue');
  await runsOn(space, ['node-1']);
  await setLabel('node-1', 'green');
  await runsOn(space, []);
  const updateStrategy = { type: 'RollingUpdate' };
  await space.patch(daemonSets, 'daemon-set', {
    spec: { updateStrategy, template: { spec: { nodeSelector: { color: 'green' } } } },
  });
  await runsOn(space, ['node-1']);
  await setLabel('node-1', null);
  await runsOn(space, []);
});

test('[sig-apps] Daemon set should retry creating failed daemon pods', async () => {
  const space = await running.newSpace();
  await space.create(daemonSets, daemonSet());
  await runsOn(space, all);
  const [first] = await space.pods();
  assert.ok(first !== undefined);
  await space.patch(pods, nameOf(first), { status: { phase: 'Failed' } }, 'status');
  await running.until('the failed Pod is gone', () => space.isGone(pods, nameOf(first)));
  await runsOn(space, all);
});

test('[sig-apps] Daemon set should update pod when spec was updated and update strategy is RollingUpdate', async () => {
  const space = await running.newSpace();
  await space.create(daemonSets, daemonSet());
  await runsOn(space, all);
  const revisions = async (): Promise<(number | undefined)[]> =>
    (await space.list(controllerRevisions)).map(({ revision }) => revision).toSorted();
  assert.deepEqual(await revisions(), [1]);
  const before = new Set((await space.pods()).map(({ metadata }) => metadata.labels?.['controller-revision-hash']));
  await space.patch(daemonSets, 'daemon-set', imagePatch(imageOf(2)));
  let fewest = all.length;
  await running.until('all are updated', async () => {
    const found = await space.list(pods);
    fewest = Math.min(fewest, found.filter(({ status }) => status?.phase === 'Running').length);
    return found.length === all.length && found.every(({ spec }) => spec.containers?.[0]?.image === imageOf(2));
  });
  await runsOn(space, all);
  // One at most is down at a time.
  assert.ok(fewest >= all.length - 1);
  assert.deepEqual(await revisions(), [1, 2]);
  const hashes = new Set((await space.pods()).map(({ metadata }) => metadata.labels?.['controller-revision-hash']));
  assert.equal(hashes.size, 1);
  assert.ok([...hashes].every((hash) => hash !== undefined && !before.has(hash)));
});

test('[sig-apps] Daemon set should rollback without unnecessary restarts', async () => {
  const space = await running.newSpace();
  await space.create(daemonSets, daemonSet());
  await runsOn(space, all);
  const before = new Map((await space.pods()).map((pod) => [nameOf(pod), pod]));
  // An image that nobody has: the first Pod that gets it does not run.
  const images = JSON.stringify({ [imageOf('missing')]: { error: 'not found' } });
  await space.patch(daemonSets, 'daemon-set', {
    spec: {
      template: {
        metadata: { annotations: { 'simulated.kubets.dev/images': images } },
        spec: { containers: [{ name: 'c', image: imageOf('missing') }] },
      },
    },
  });
  await running.until('one Pod hangs', async () => (await space.pods()).some((pod) => !before.has(nameOf(pod))));
  await running.cluster.advance('30s');
  const kept = (await space.pods()).filter((pod) => before.has(nameOf(pod)));
  assert.equal(kept.length, all.length - 1);
  await running.client.patch(daemonSets, space.namespace, 'daemon-set', 'merge', {
    spec: { template: { metadata: { annotations: null }, spec: { containers: [{ name: 'c', image: imageOf(1) }] } } },
  });
  await runsOn(space, all);
  const now = new Map((await space.pods()).map((pod) => [nameOf(pod), pod]));
  for (const pod of kept) {
    assert.equal(now.get(nameOf(pod))?.metadata.uid, pod.metadata.uid);
    assert.equal(now.get(nameOf(pod))?.status?.containerStatuses?.[0]?.restartCount, 0);
  }
});
