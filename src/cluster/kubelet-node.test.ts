// What the kubelet does for its node, and which Pods it takes, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Node, PodSpec } from '../api/types/core.v1.ts';
import { leases, nodes as nodeResource, pods } from '../client/resources.ts';
import type { SimulatedNodesOptions } from '../kubelet/simulated-nodes.ts';
import { TestNodes } from './test-nodes.ts';

let nodes: TestNodes;

async function start(options: Partial<SimulatedNodesOptions> = {}): Promise<void> {
  nodes = await TestNodes.start(options);
}

afterEach(async () => {
  await nodes.stop();
});

async function node(name = 'node-0'): Promise<Node> {
  await nodes.plane.settle();
  return nodes.plane.client.get(nodeResource, undefined, name);
}

function conditions({ status }: Node): string[] {
  return (status?.conditions ?? []).map(({ type, status: value, reason, message }) =>
    [type, value, reason, message].join('|'),
  );
}

test('a node registers with its labels, status and addresses', async () => {
  await start({ labels: (index) => ({ 'topology.kubernetes.io/zone': `zone-${index}` }) });
  const { metadata, spec, status } = await node();
  assert.deepEqual(metadata.labels, {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': 'node-0',
    'kubernetes.io/os': 'linux',
    'topology.kubernetes.io/zone': 'zone-0',
  });
  // The API server's: until a controller has seen that the node is ready.
  assert.deepEqual(spec?.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
  assert.deepEqual(conditions(await node()), [
    'MemoryPressure|False|KubeletHasSufficientMemory|kubelet has sufficient memory available',
    'DiskPressure|False|KubeletHasNoDiskPressure|kubelet has no disk pressure',
    'PIDPressure|False|KubeletHasSufficientPID|kubelet has sufficient PID available',
    'Ready|True|KubeletReady|kubelet is posting ready status',
  ]);
  assert.equal(status?.allocatable?.['pods'], '110');
  assert.deepEqual(
    status?.addresses?.map(({ type }) => type),
    ['InternalIP', 'Hostname'],
  );
  assert.deepEqual(status?.daemonEndpoints, { kubeletEndpoint: { Port: 10_250 } });
  const events = await nodes.eventsOf('node-0');
  assert.deepEqual(events, [
    'Starting: Starting kubelet.',
    'NodeHasSufficientMemory: Node node-0 status is now: NodeHasSufficientMemory',
    'NodeHasNoDiskPressure: Node node-0 status is now: NodeHasNoDiskPressure',
    'NodeHasSufficientPID: Node node-0 status is now: NodeHasSufficientPID',
    'NodeReady: Node node-0 status is now: NodeReady',
  ]);
});

test('its Lease is renewed about every 10 s, its status every 5 minutes', async () => {
  await start();
  const readLease = async (): Promise<number> => {
    const { spec, metadata } = await nodes.plane.client.get(leases, 'kube-node-lease', 'node-0');
    assert.deepEqual([spec?.holderIdentity, spec?.leaseDurationSeconds], ['node-0', 40]);
    assert.equal(metadata.ownerReferences?.[0]?.uid, (await node()).metadata.uid);
    return Date.parse(spec?.renewTime ?? '');
  };
  for (let round = 0; round < 20; round++) {
    const renewedMs = await readLease();
    await nodes.advance(12);
    assert.ok((await readLease()) > renewedMs);
  }
  const before = await node();
  await nodes.advance(30);
  assert.equal((await node()).metadata.resourceVersion, before.metadata.resourceVersion);
  await nodes.advance(60);
  const after = await node();
  const heartbeat = after.status?.conditions?.at(-1);
  assert.notEqual(heartbeat?.lastHeartbeatTime, before.status?.conditions?.at(-1)?.lastHeartbeatTime);
  assert.equal(heartbeat?.lastTransitionTime, before.status?.conditions?.at(-1)?.lastTransitionTime);
});

test('a Lease that somebody deletes comes back', async () => {
  await start();
  await nodes.plane.client.delete(leases, 'kube-node-lease', 'node-0');
  await nodes.advance(12);
  assert.equal((await nodes.plane.client.list(leases, 'kube-node-lease')).items.length, 1);
});

test('without a pod network it is not ready, until its node has one', async () => {
  await start({ podCIDR: '' });
  assert.equal(
    conditions(await node()).at(-1),
    'Ready|False|KubeletNotReady|container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:the node has no pod network yet',
  );
  await nodes.run('a');
  assert.equal((await nodes.pod('a')).status?.phase, 'Pending');
  const spec = { podCIDR: '10.9.8.0/24', podCIDRs: ['10.9.8.0/24'] };
  await nodes.plane.client.patch(nodeResource, undefined, 'node-0', 'strategic', { spec });
  assert.match(conditions(await node()).at(-1) ?? '', /^Ready\|True/);
  await nodes.advance(16);
  assert.equal((await nodes.pod('a')).status?.podIP, '10.9.8.2');
});

test('images that were pulled are told of', async () => {
  await start();
  await nodes.run('a');
  await nodes.advance(11);
  const [image] = (await node()).status?.images ?? [];
  assert.ok(image?.names?.includes('web:1'));
  assert.ok((image?.sizeBytes ?? 0) > 0);
});

test('a node that exists already is taken over', async () => {
  await start();
  const before = await node();
  const [simulated] = nodes.simulated.nodes;
  await simulated?.stop();
  const starting = simulated?.start();
  await nodes.plane.settle();
  await starting;
  assert.equal((await node()).metadata.uid, before.metadata.uid);
});

function needs(requests: Record<string, string>): Partial<PodSpec> {
  return { containers: [{ name: 'web', image: 'web:1', resources: { requests } }] };
}

test('a Pod that does not fit is refused, with upstream’s reason', async () => {
  await start({ capacity: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi', pods: '3' } });
  await nodes.run('first', needs({ cpu: '1500m' }));
  await nodes.run('second', needs({ cpu: '600m' }));
  let { status } = await nodes.pod('second');
  assert.deepEqual(
    [status?.phase, status?.reason, status?.message],
    [
      'Failed',
      'OutOfcpu',
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000",
    ],
  );
  assert.deepEqual(await nodes.eventsOf('second'), [
    "OutOfcpu: Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000",
  ]);
  await nodes.run('third', needs({ memory: '2Gi' }));
  ({ status } = await nodes.pod('third'));
  assert.equal(status?.reason, 'OutOfmemory');
  // What ends gives its share back.
  await nodes.plane.client.delete(pods, 'default', 'first');
  assert.equal(await nodes.exists('first'), false);
  await nodes.run('fourth', needs({ cpu: '2' }));
  assert.equal((await nodes.pod('fourth')).status?.phase, 'Running');
  // A refused one can be deleted.
  await nodes.plane.client.delete(pods, 'default', 'second');
  assert.equal(await nodes.exists('second'), false);
});

test('as many Pods as a node takes, and no more', async () => {
  await start({ capacity: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi', pods: '1' } });
  await nodes.run('a');
  await nodes.run('b');
  assert.equal((await nodes.pod('b')).status?.reason, 'OutOfpods');
});

test('host ports and node selectors are looked at again on the node', async () => {
  await start();
  const ports = [{ containerPort: 80, hostPort: 8080 }];
  const spec = { containers: [{ name: 'web', image: 'web:1', ports }] };
  await nodes.run('a', spec);
  await nodes.run('b', spec);
  assert.equal((await nodes.pod('b')).status?.reason, 'NodePorts');
  await nodes.run('c', { nodeSelector: { disk: 'fast' } });
  const { status } = await nodes.pod('c');
  assert.equal(status?.reason, 'NodeAffinity');
  assert.equal(
    status?.message,
    "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  );
});

test('Pods of many nodes run each on its own', async () => {
  await start({ count: 5 });
  for (let index = 0; index < 20; index++) await nodes.run(`pod-${index}`, {}, {}, `node-${index % 5}`);
  const { items } = await nodes.plane.client.list(pods, 'default');
  assert.ok(items.every(({ status }) => status?.phase === 'Running'));
  assert.equal(new Set(items.map(({ status }) => status?.podIP)).size, 20);
  assert.deepEqual(
    nodes.simulated.nodes.map(({ kubelet }) => kubelet?.podCount),
    [4, 4, 4, 4, 4],
  );
});

test('a kubelet that shares nothing watches in its own name, and sees its own Pods alone', async () => {
  await start({ count: 2, sharedClient: undefined });
  await nodes.run('a', {}, {}, 'node-0');
  await nodes.run('b', {}, {}, 'node-1');
  for (const name of ['a', 'b']) assert.equal((await nodes.pod(name)).status?.phase, 'Running');
  assert.deepEqual(
    nodes.simulated.nodes.map(({ kubelet }) => kubelet?.podCount),
    [1, 1],
  );
  await nodes.plane.client.delete(pods, 'default', 'a');
  assert.equal(await nodes.exists('a'), false);
});

test('the heartbeats of many nodes share their timers', async () => {
  await start({ count: 50 });
  await nodes.advance(60);
  const { items } = await nodes.plane.client.list(leases, 'kube-node-lease');
  assert.equal(items.length, 50);
  const oldestMs = Math.min(...items.map(({ spec }) => Date.parse(spec?.renewTime ?? '')));
  assert.ok(nodes.plane.clock.now() - oldestMs <= 12_000);
});
