// The DaemonSet controller, against a real API server on a virtual clock. The tests are the scheduler and the kubelets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet } from '../api/types/apps.v1.ts';
import type { Pod, PodSpec } from '../api/types/core.v1.ts';
import { controllerRevisions, daemonSets, events, nodes, pods } from '../client/resources.ts';
import { targetNodeOf } from '../controllers/daemon-set/daemon-pod.ts';
import { daemonSetController } from '../controllers/daemon-set/index.ts';
import { addNode, daemonSet, placedNodes, runPods, statusOf, template } from './test-daemon-sets.ts';
import { setFinished } from './test-pods.ts';
import { WorkloadScene } from './test-workloads.ts';

const scene = new WorkloadScene<DaemonSet>([daemonSetController], daemonSets, 'log');

test('every node gets one Pod, which only it can have and which bears what is wrong with it', async () => {
  await addNode(scene, 'a');
  await scene.create(daemonSet());
  await addNode(scene, 'b');
  assert.deepEqual(await placedNodes(scene), ['a', 'b']);
  const pod = (await scene.pods()).find((one) => targetNodeOf(one) === 'a');
  const [revision] = await scene.revisions();
  assert.ok(pod && revision);
  assert.match(pod.metadata.name ?? '', /^log-[a-z0-9]{5}$/);
  assert.equal(pod.spec.nodeName, undefined);
  assert.deepEqual(pod.spec.affinity, {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
      },
    },
  });
  const tolerated = (pod.spec.tolerations ?? []).map(({ key, operator, effect }) => `${key} ${operator} ${effect}`);
  assert.deepEqual(tolerated, [
    'node.kubernetes.io/not-ready Exists NoExecute',
    'node.kubernetes.io/unreachable Exists NoExecute',
    'node.kubernetes.io/disk-pressure Exists NoSchedule',
    'node.kubernetes.io/memory-pressure Exists NoSchedule',
    'node.kubernetes.io/pid-pressure Exists NoSchedule',
    'node.kubernetes.io/unschedulable Exists NoSchedule',
  ]);
  assert.deepEqual(pod.metadata.labels, {
    app: 'log',
    'controller-revision-hash': revision.metadata.labels?.['controller-revision-hash'],
    'pod-template-generation': '1',
  });
  assert.equal(`log-${revision.metadata.labels?.['controller-revision-hash']}`, revision.metadata.name);
  assert.equal((await scene.messages('SuccessfulCreate')).length, 2);
  const { items } = await scene.plane.client.list(events, 'default');
  assert.equal(items[0]?.source?.component, 'daemonset-controller');
});

test('Pods on the host’s network bear that nodes have none of their own', async () => {
  await addNode(scene, 'a');
  await scene.create(daemonSet({ template: template('log:1', { hostNetwork: true }) }));
  const keys = (await scene.pods())[0]?.spec.tolerations?.map(({ key }) => key);
  assert.ok(keys?.includes('node.kubernetes.io/network-unavailable'));
});

test('selectors, affinity and taints say which nodes; a taint of NoSchedule lets stay what is there', async () => {
  await addNode(scene, 'a', { disk: 'ssd' });
  await addNode(scene, 'b', { disk: 'hdd' });
  await addNode(scene, 'c', { disk: 'ssd' }, [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]);
  await addNode(scene, 'd', { disk: 'ssd' }, [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]);
  await scene.create(daemonSet({ template: template('log:1', { nodeSelector: { disk: 'ssd' } }) }));
  assert.deepEqual(await placedNodes(scene), ['a', 'd']);
  await runPods(scene);
  const taint = (effect: string): object => ({ spec: { taints: [{ key: 'gpu', value: 'yes', effect }] } });
  await scene.plane.client.patch(nodes, undefined, 'a', 'merge', taint('NoSchedule'));
  assert.deepEqual(await placedNodes(scene), ['a', 'd']);
  const { numberMisscheduled, desiredNumberScheduled } = await statusOf(scene);
  assert.deepEqual([numberMisscheduled, desiredNumberScheduled], [1, 1]);
  await scene.plane.client.patch(nodes, undefined, 'a', 'merge', taint('NoExecute'));
  assert.deepEqual(await placedNodes(scene), ['d']);
  await scene.plane.client.patch(nodes, undefined, 'b', 'merge', { metadata: { labels: { disk: 'ssd' } } });
  assert.deepEqual(await placedNodes(scene), ['b', 'd']);
  const affinity: NonNullable<PodSpec['affinity']> = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }],
      },
    },
  };
  await scene.patch({ template: { spec: { nodeSelector: null, affinity } } });
  assert.deepEqual(await placedNodes(scene), []);
});

test('the status counts nodes', async () => {
  for (const name of ['a', 'b', 'c']) await addNode(scene, name);
  await scene.create(daemonSet({ minReadySeconds: 30 }));
  await runPods(
    scene,
    ({ spec }) => spec.affinity?.nodeAffinity !== undefined && targetNodeOf({ spec } as Pod) !== 'c',
  );
  assert.deepEqual(await statusOf(scene), {
    currentNumberScheduled: 3,
    numberMisscheduled: 0,
    desiredNumberScheduled: 3,
    numberReady: 2,
    observedGeneration: 1,
    updatedNumberScheduled: 3,
    numberUnavailable: 3,
  });
  await scene.plane.clock.advance(33_000);
  const { numberAvailable, numberUnavailable } = await statusOf(scene);
  assert.deepEqual([numberAvailable, numberUnavailable], [2, 1]);
});

test('a Pod for a node that is gone before it was scheduled is deleted', async () => {
  await addNode(scene, 'a');
  await addNode(scene, 'b');
  await scene.create(daemonSet());
  await scene.plane.client.delete(nodes, undefined, 'a');
  assert.deepEqual(await placedNodes(scene), ['b']);
  assert.equal((await statusOf(scene)).desiredNumberScheduled, 1);
});

test('a Pod that fails is replaced, later each time; one that succeeds at once', async () => {
  await addNode(scene, 'a');
  await scene.create(daemonSet());
  const replaced = async (advanceMs: number): Promise<boolean> => {
    const [pod] = await scene.pods();
    await scene.plane.clock.advance(advanceMs);
    const [now] = await scene.pods();
    return pod?.metadata.uid !== now?.metadata.uid;
  };
  const fail = async (): Promise<void> => {
    const [pod] = await scene.pods();
    assert.ok(pod);
    await setFinished(scene.plane, pod, 'Failed');
  };
  const [first] = await scene.pods();
  await fail();
  assert.notEqual((await scene.pods())[0]?.metadata.uid, first?.metadata.uid);
  await fail();
  assert.equal(await replaced(500), false);
  assert.equal(await replaced(600), true);
  await fail();
  assert.equal(await replaced(1_500), false);
  assert.equal(await replaced(600), true);
  const name = first?.metadata.name ?? '';
  assert.equal(
    (await scene.messages('FailedDaemonPod'))[0],
    `Found failed daemon pod default/${name} on node a, will try to kill it`,
  );
  const [last] = await scene.pods();
  assert.ok(last);
  await setFinished(scene.plane, last, 'Succeeded');
  assert.notEqual((await scene.pods())[0]?.metadata.uid, last.metadata.uid);
  assert.match((await scene.messages('SucceededDaemonPod'))[0] ?? '', /on node a, will try to delete it$/);
});

test('of several Pods on a node the oldest stays', async () => {
  await addNode(scene, 'a');
  await scene.create(daemonSet());
  await runPods(scene);
  const [own] = await scene.pods();
  await scene.plane.clock.advance(5_000);
  await scene.plane.client.create(pods, {
    metadata: { name: 'other', namespace: 'default', labels: { app: 'log' } },
    spec: { nodeName: 'a', containers: [{ name: 'log', image: 'log:1' }] },
  });
  await runPods(scene);
  assert.deepEqual(
    (await scene.pods()).map(({ metadata }) => metadata.name),
    [own?.metadata.name],
  );
});

test('orphans that match are adopted with their revision after the set is made anew', async () => {
  await addNode(scene, 'a');
  await scene.create(daemonSet());
  await runPods(scene);
  const [pod] = await scene.pods();
  const orphan = { metadata: { ownerReferences: null } };
  const [revision] = await scene.revisions();
  await scene.plane.client.delete(daemonSets, 'default', 'log', { propagationPolicy: 'Background' });
  await scene.plane.client.patch(pods, 'default', pod?.metadata.name ?? '', 'merge', orphan);
  await scene.plane.client.patch(controllerRevisions, 'default', revision?.metadata.name ?? '', 'merge', orphan);
  await scene.create(daemonSet());
  const after = await scene.pods();
  assert.deepEqual(
    after.map(({ metadata }) => [metadata.uid, metadata.ownerReferences?.[0]?.name]),
    [[pod?.metadata.uid, 'log']],
  );
  assert.deepEqual(
    (await scene.revisions()).map(({ metadata }) => metadata.name),
    [revision?.metadata.name],
  );
});

test('nothing is written at rest', async () => {
  for (const name of ['a', 'b', 'c']) await addNode(scene, name);
  await scene.create(daemonSet({ minReadySeconds: 5 }));
  await runPods(scene, ({ spec }) => targetNodeOf({ spec } as Pod) !== 'c');
  await scene.plane.clock.advance(60_000);
  const before = (await scene.plane.client.list(pods)).metadata.resourceVersion;
  await scene.plane.clock.advance(10 * 60_000);
  assert.equal((await scene.plane.client.list(pods)).metadata.resourceVersion, before);
});
