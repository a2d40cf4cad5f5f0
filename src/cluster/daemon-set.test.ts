// The DaemonSet controller, against a real API server on a virtual clock. The tests are the scheduler and the kubelets.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ControllerRevision, DaemonSet } from '../api/types/apps.v1.ts';
import type { Pod, PodSpec, Taint } from '../api/types/core.v1.ts';
import { controllerRevisions, daemonSets, events, nodes, pods } from '../client/resources.ts';
import { daemonSetController } from '../controllers/daemon-set/index.ts';
import { targetNodeOf } from '../controllers/daemon-set/daemon-pod.ts';
import { compareRevisions } from '../controllers/history.ts';
import { setFinished, setReady } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [daemonSetController],
    // With no more rights than their service accounts have.
    flags: [
      '--authorization-mode=RBAC',
      '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
      '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition',
    ],
  });
});
afterEach(() => plane.stop());

function template(image = 'log:1', spec: Partial<PodSpec> = {}): DaemonSet['spec']['template'] {
  return { metadata: { labels: { app: 'log' } }, spec: { containers: [{ name: 'log', image }], ...spec } };
}

function daemonSet(more: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    metadata: { name: 'log', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'log' } }, template: template(), ...more },
  };
}

async function addNode(name: string, labels: Record<string, string> = {}, taints: Taint[] = []): Promise<void> {
  await plane.client.create(nodes, { metadata: { name, labels }, spec: { taints } });
  await rest();
}

/** Until nothing is written any more. */
async function rest(): Promise<void> {
  let last: string | undefined;
  for (let calm = 0; calm < 2;) {
    await plane.settle();
    const { resourceVersion } = (await plane.client.list(pods)).metadata;
    calm = resourceVersion === last ? calm + 1 : 0;
    last = resourceVersion;
  }
}

async function create(set: DaemonSet = daemonSet()): Promise<void> {
  await plane.client.create(daemonSets, set);
  await rest();
}

async function patch(spec: object): Promise<void> {
  await plane.client.patch(daemonSets, 'default', 'log', 'merge', { spec });
  await rest();
}

async function listPods(): Promise<Pod[]> {
  await rest();
  return (await plane.client.list(pods, 'default')).items;
}

/** `node image`, of Pods that are not on their way out. */
async function placed(): Promise<string[]> {
  const living = (await listPods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return living.map((pod) => `${targetNodeOf(pod)} ${pod.spec.containers?.[0]?.image}`).sort();
}

async function placedNodes(): Promise<string[]> {
  return (await placed()).map((text) => text.split(' ')[0] ?? '');
}

/** What the scheduler and the kubelets do with Pods that are new; those that are deleted go. */
async function runPods(becomesReady: (pod: Pod) => boolean = () => true): Promise<void> {
  for (let worked = true; worked;) {
    worked = false;
    for (const pod of await listPods()) {
      const { name = '', deletionTimestamp } = pod.metadata;
      if (deletionTimestamp !== undefined) {
        await plane.client.delete(pods, 'default', name, { gracePeriodSeconds: 0 });
        worked = true;
      } else if (!pod.spec.nodeName) {
        const target = { kind: 'Node', name: targetNodeOf(pod) ?? '' };
        await plane.client.createSubresource(pods, 'default', name, 'binding', {
          metadata: { name },
          target,
        } as object);
        if (becomesReady(pod)) await setReady(plane, pod, true);
        worked = true;
      }
    }
  }
}

async function status(): Promise<NonNullable<DaemonSet['status']>> {
  await rest();
  const { status: found } = await plane.client.get(daemonSets, 'default', 'log');
  assert.ok(found);
  return found;
}

async function revisions(): Promise<ControllerRevision[]> {
  await rest();
  return (await plane.client.list(controllerRevisions, 'default')).items.sort(compareRevisions);
}

async function messages(reason: string): Promise<string[]> {
  await rest();
  const told = (await plane.client.list(events, 'default')).items;
  return told.filter((event) => event.reason === reason).map(({ message }) => message ?? '');
}

test('every node gets one Pod, which only it can have and which bears what is wrong with it', async () => {
  await addNode('a');
  await create();
  await addNode('b');
  assert.deepEqual(await placedNodes(), ['a', 'b']);
  const pod = (await listPods()).find((one) => targetNodeOf(one) === 'a');
  const [revision] = await revisions();
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
  assert.equal((await messages('SuccessfulCreate')).length, 2);
  const { items } = await plane.client.list(events, 'default');
  assert.equal(items[0]?.source?.component, 'daemonset-controller');
});

test('Pods on the host’s network bear that nodes have none of their own', async () => {
  await addNode('a');
  await create(daemonSet({ template: template('log:1', { hostNetwork: true }) }));
  const keys = (await listPods())[0]?.spec.tolerations?.map(({ key }) => key);
  assert.ok(keys?.includes('node.kubernetes.io/network-unavailable'));
});

test('selectors, affinity and taints say which nodes; a taint of NoSchedule lets stay what is there', async () => {
  await addNode('a', { disk: 'ssd' });
  await addNode('b', { disk: 'hdd' });
  await addNode('c', { disk: 'ssd' }, [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]);
  await addNode('d', { disk: 'ssd' }, [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]);
  await create(daemonSet({ template: template('log:1', { nodeSelector: { disk: 'ssd' } }) }));
  assert.deepEqual(await placedNodes(), ['a', 'd']);
  await runPods();
  const taint = (effect: string): object => ({ spec: { taints: [{ key: 'gpu', value: 'yes', effect }] } });
  await plane.client.patch(nodes, undefined, 'a', 'merge', taint('NoSchedule'));
  assert.deepEqual(await placedNodes(), ['a', 'd']);
  const { numberMisscheduled, desiredNumberScheduled } = await status();
  assert.deepEqual([numberMisscheduled, desiredNumberScheduled], [1, 1]);
  await plane.client.patch(nodes, undefined, 'a', 'merge', taint('NoExecute'));
  assert.deepEqual(await placedNodes(), ['d']);
  await plane.client.patch(nodes, undefined, 'b', 'merge', { metadata: { labels: { disk: 'ssd' } } });
  assert.deepEqual(await placedNodes(), ['b', 'd']);
  const affinity: NonNullable<PodSpec['affinity']> = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }],
      },
    },
  };
  await patch({ template: { spec: { nodeSelector: null, affinity } } });
  assert.deepEqual(await placedNodes(), []);
});

test('the status counts nodes', async () => {
  for (const name of ['a', 'b', 'c']) await addNode(name);
  await create(daemonSet({ minReadySeconds: 30 }));
  await runPods(({ spec }) => spec.affinity?.nodeAffinity !== undefined && targetNodeOf({ spec } as Pod) !== 'c');
  assert.deepEqual(await status(), {
    currentNumberScheduled: 3,
    numberMisscheduled: 0,
    desiredNumberScheduled: 3,
    numberReady: 2,
    observedGeneration: 1,
    updatedNumberScheduled: 3,
    numberUnavailable: 3,
  });
  await plane.clock.advance(33_000);
  const { numberAvailable, numberUnavailable } = await status();
  assert.deepEqual([numberAvailable, numberUnavailable], [2, 1]);
});

test('a Pod for a node that is gone before it was scheduled is deleted', async () => {
  await addNode('a');
  await addNode('b');
  await create();
  await plane.client.delete(nodes, undefined, 'a');
  assert.deepEqual(await placedNodes(), ['b']);
  assert.equal((await status()).desiredNumberScheduled, 1);
});

test('a Pod that fails is replaced, later each time; one that succeeds at once', async () => {
  await addNode('a');
  await create();
  const replaced = async (advanceMs: number): Promise<boolean> => {
    const [pod] = await listPods();
    await plane.clock.advance(advanceMs);
    const [now] = await listPods();
    return pod?.metadata.uid !== now?.metadata.uid;
  };
  const fail = async (): Promise<void> => {
    const [pod] = await listPods();
    assert.ok(pod);
    await setFinished(plane, pod, 'Failed');
  };
  const [first] = await listPods();
  await fail();
  assert.notEqual((await listPods())[0]?.metadata.uid, first?.metadata.uid);
  await fail();
  assert.equal(await replaced(500), false);
  assert.equal(await replaced(600), true);
  await fail();
  assert.equal(await replaced(1_500), false);
  assert.equal(await replaced(600), true);
  const name = first?.metadata.name ?? '';
  assert.equal(
    (await messages('FailedDaemonPod'))[0],
    `Found failed daemon pod default/${name} on node a, will try to kill it`,
  );
  const [last] = await listPods();
  assert.ok(last);
  await setFinished(plane, last, 'Succeeded');
  assert.notEqual((await listPods())[0]?.metadata.uid, last.metadata.uid);
  assert.match((await messages('SucceededDaemonPod'))[0] ?? '', /on node a, will try to delete it$/);
});

test('of several Pods on a node the oldest stays', async () => {
  await addNode('a');
  await create();
  await runPods();
  const [own] = await listPods();
  await plane.clock.advance(5_000);
  await plane.client.create(pods, {
    metadata: { name: 'other', namespace: 'default', labels: { app: 'log' } },
    spec: { nodeName: 'a', containers: [{ name: 'log', image: 'log:1' }] },
  });
  await runPods();
  assert.deepEqual(
    (await listPods()).map(({ metadata }) => metadata.name),
    [own?.metadata.name],
  );
});

test('an update replaces as many Pods at a time as maxUnavailable allows', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await addNode(name);
  await create(daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } } }));
  await runPods();
  await patch({ template: template('log:broken') });
  await runPods(({ spec }) => spec.containers?.[0]?.image !== 'log:broken');
  const broken = (await placed()).filter((text) => text.endsWith('broken'));
  assert.equal(broken.length, 2);
  const { updatedNumberScheduled, numberAvailable, numberUnavailable } = await status();
  assert.deepEqual([updatedNumberScheduled, numberAvailable, numberUnavailable], [2, 2, 2]);
  // What is broken is replaced whatever the budget, and the rest follows.
  await patch({ template: template('log:2') });
  await runPods();
  assert.deepEqual(await placed(), ['a log:2', 'b log:2', 'c log:2', 'd log:2']);
});

test('with surge, the new Pod is ready before the old one goes', async () => {
  for (const name of ['a', 'b']) await addNode(name);
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } as const;
  await create(daemonSet({ updateStrategy }));
  await runPods();
  await patch({ template: template('log:2') });
  await runPods(() => false);
  const during = await placed();
  assert.equal(during.length, 3);
  assert.equal(during.filter((text) => text.endsWith('log:1')).length, 2);
  for (const pod of await listPods()) await setReady(plane, pod, true);
  await runPods();
  assert.deepEqual(await placed(), ['a log:2', 'b log:2']);
});

test('with surge, an old Pod that does not work goes as soon as there is a new one', async () => {
  await addNode('a');
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } as const;
  await create(daemonSet({ updateStrategy }));
  await runPods(() => false);
  await patch({ template: template('log:2') });
  await runPods(() => false);
  assert.deepEqual(await placed(), ['a log:2']);
});

test('with OnDelete, Pods are updated when they are deleted', async () => {
  for (const name of ['a', 'b']) await addNode(name);
  await create(daemonSet({ updateStrategy: { type: 'OnDelete' } }));
  await runPods();
  await patch({ template: template('log:2') });
  assert.deepEqual(await placed(), ['a log:1', 'b log:1']);
  const onA = (await listPods()).find(({ spec }) => spec.nodeName === 'a');
  await plane.client.delete(pods, 'default', onA?.metadata.name ?? '', { gracePeriodSeconds: 0 });
  assert.deepEqual(await placed(), ['a log:2', 'b log:1']);
});

test('patching back from a ControllerRevision rolls back, and makes the old revision the newest', async () => {
  await addNode('a');
  await create();
  await runPods();
  await patch({ template: template('log:2') });
  await runPods();
  const [first] = await revisions();
  assert.ok(first);
  await plane.client.patch(daemonSets, 'default', 'log', 'strategic', first.data);
  await runPods();
  assert.deepEqual(await placed(), ['a log:1']);
  assert.deepEqual(
    (await revisions()).map(({ metadata, revision }) => [metadata.name === first.metadata.name, revision]),
    [
      [false, 2],
      [true, 3],
    ],
  );
});

test('as many old revisions are kept as spec.revisionHistoryLimit says', async () => {
  await create(daemonSet({ revisionHistoryLimit: 1 }));
  for (const image of ['log:2', 'log:3', 'log:4']) await patch({ template: template(image) });
  assert.deepEqual(
    (await revisions()).map(({ revision }) => revision),
    [3, 4],
  );
});

test('another revision with the same name is a collision, which is counted', async () => {
  await create();
  const [revision] = await revisions();
  assert.ok(revision);
  await plane.client.delete(daemonSets, 'default', 'log', { propagationPolicy: 'Background' });
  await rest();
  await plane.client.delete(controllerRevisions, 'default', revision.metadata.name ?? '');
  const other = { metadata: { name: revision.metadata.name, namespace: 'default' }, data: { spec: {} }, revision: 7 };
  await plane.client.create(controllerRevisions, other as ControllerRevision);
  await create();
  assert.equal((await status()).collisionCount, 1);
  assert.equal((await revisions()).length, 2);
});

test('of two revisions of the same template one stays, with the Pods of both', async () => {
  await addNode('a');
  await create();
  const [revision] = await revisions();
  const [pod] = await listPods();
  assert.ok(revision && pod);
  const { name: _, ...metadata } = revision.metadata;
  const { resourceVersion: __, uid: ___, ...clean } = metadata;
  const labels = { ...metadata.labels, 'controller-revision-hash': 'twin' };
  await plane.client.create(controllerRevisions, {
    ...revision,
    metadata: { ...clean, name: 'log-twin', labels },
    revision: 2,
  });
  await patch({ minReadySeconds: 1 });
  assert.deepEqual(
    (await revisions()).map(({ metadata: { name } }) => name),
    ['log-twin'],
  );
  const [after] = await listPods();
  assert.equal(after?.metadata.uid, pod.metadata.uid);
  assert.equal(after?.metadata.labels?.['controller-revision-hash'], 'twin');
});

test('orphans that match are adopted with their revision after the set is made anew', async () => {
  await addNode('a');
  await create();
  await runPods();
  const [pod] = await listPods();
  const orphan = { metadata: { ownerReferences: null } };
  const [revision] = await revisions();
  await plane.client.delete(daemonSets, 'default', 'log', { propagationPolicy: 'Background' });
  await plane.client.patch(pods, 'default', pod?.metadata.name ?? '', 'merge', orphan);
  await plane.client.patch(controllerRevisions, 'default', revision?.metadata.name ?? '', 'merge', orphan);
  await create();
  const after = await listPods();
  assert.deepEqual(
    after.map(({ metadata }) => [metadata.uid, metadata.ownerReferences?.[0]?.name]),
    [[pod?.metadata.uid, 'log']],
  );
  assert.deepEqual(
    (await revisions()).map(({ metadata }) => metadata.name),
    [revision?.metadata.name],
  );
});

test('nothing is written at rest', async () => {
  for (const name of ['a', 'b', 'c']) await addNode(name);
  await create(daemonSet({ minReadySeconds: 5 }));
  await runPods(({ spec }) => targetNodeOf({ spec } as Pod) !== 'c');
  await plane.clock.advance(60_000);
  const before = (await plane.client.list(pods)).metadata.resourceVersion;
  await plane.clock.advance(10 * 60_000);
  assert.equal((await plane.client.list(pods)).metadata.resourceVersion, before);
});
