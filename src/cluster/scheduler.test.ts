// The scheduler, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Node, Pod } from '../api/types/core.v1.ts';
import { SeriesEventRecorder } from '../client/series-event-recorder.ts';
import { events, nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../client/resources.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { schedulerUser } from './users.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
  const world = { clock: plane.clock, random: seededRandom('scheduler'), log: Logger.silent };
  const client = plane.server.clientAs(schedulerUser, 'kube-scheduler');
  const recorder = new SeriesEventRecorder({
    ...world,
    client,
    reportingController: 'default-scheduler',
    reportingInstance: 'default-scheduler-test',
  });
  stop = new AbortController();
  running = new Scheduler({ ...world, client, recorder }).run(stop.signal);
  await plane.settle();
});
afterEach(async () => {
  stop.abort();
  await running;
  await plane.stop();
});

async function createNode(name: string, more: Partial<Node['spec']> = {}, labels: object = {}): Promise<void> {
  const allocatable = { cpu: '2', memory: '4Gi', pods: '10' };
  await plane.client.create(nodes, { metadata: { name, labels: { ...labels } }, spec: more as Node['spec'] });
  // A node is tainted as not ready until its kubelet says otherwise.
  await plane.client.patch(nodes, undefined, name, 'merge', { spec: { taints: more.taints ?? null } });
  await plane.client.patch(
    nodes,
    undefined,
    name,
    'merge',
    { status: { allocatable, capacity: allocatable } },
    {
      subresource: 'status',
    },
  );
}

function pod(name: string, spec: Partial<Pod['spec']> = {}, cpu?: string): Pod {
  const resources = cpu === undefined ? {} : { requests: { cpu } };
  return {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'a', resources }], ...spec },
  };
}

async function create(...given: Parameters<typeof pod>): Promise<void> {
  await plane.client.create(pods, pod(...given));
  await plane.settle();
}

async function nodeOf(name: string): Promise<string | undefined> {
  await plane.settle();
  return (await plane.client.get(pods, 'default', name)).spec.nodeName;
}

async function refusalOf(name: string): Promise<string | undefined> {
  await plane.settle();
  const { status } = await plane.client.get(pods, 'default', name);
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  assert.equal(condition?.status, 'False');
  assert.equal(condition?.reason, 'Unschedulable');
  return condition?.message;
}

test('a Pod is bound to a node and told of', async () => {
  await createNode('n1');
  await create('a');
  assert.equal(await nodeOf('a'), 'n1');
  const { items } = await plane.client.list(events, 'default');
  const [event] = items;
  assert.equal(event?.reason, 'Scheduled');
  assert.equal(event?.message, 'Successfully assigned default/a to n1');
  assert.equal(event?.action, 'Binding');
  assert.equal(event?.reportingComponent, 'default-scheduler');
});

test('what does not fit is told in upstream’s words, and placed when room is made', async () => {
  await createNode('n1');
  await createNode('n2', { unschedulable: true });
  await createNode('n3', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });
  await create('a', {}, '1500m');
  await create('b', {}, '1');
  assert.equal(
    await refusalOf('b'),
    '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable.',
  );
  await plane.client.delete(pods, 'default', 'a', { gracePeriodSeconds: 0 });
  await plane.clock.advance(2_000);
  assert.equal(await nodeOf('b'), 'n1');
});

test('without nodes it waits for one', async () => {
  await create('a');
  assert.equal(await refusalOf('a'), 'no nodes available to schedule pods');
  await createNode('n1');
  await plane.clock.advance(2_000);
  assert.equal(await nodeOf('a'), 'n1');
});

test('Pods are spread by what they request', async () => {
  await createNode('n1');
  await createNode('n2');
  for (let i = 0; i < 4; i++) await create(`p${i}`, {}, '500m');
  const used = await Promise.all([0, 1, 2, 3].map((i) => nodeOf(`p${i}`)));
  assert.deepEqual(used.toSorted(), ['n1', 'n1', 'n2', 'n2']);
});

test('selectors, affinity, tolerations and host ports are minded', async () => {
  await createNode('n1', {}, { disk: 'ssd' });
  await createNode('n2', { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] }, { zone: 'b' });
  await create('ssd', { nodeSelector: { disk: 'ssd' } });
  assert.equal(await nodeOf('ssd'), 'n1');
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In' as const, values: ['b'] }] }],
  };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  await create('zone', { affinity, tolerations: [{ key: 'k', operator: 'Exists' }] });
  assert.equal(await nodeOf('zone'), 'n2');
  const containers = [{ name: 'a', image: 'a', ports: [{ containerPort: 80, hostPort: 80 }] }];
  await create('port-a', { containers });
  assert.equal(await nodeOf('port-a'), 'n1');
  await create('port-b', { containers });
  assert.equal(
    await refusalOf('port-b'),
    "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) had untolerated taint {k: v}.",
  );
});

test('the most important Pod comes first, and gated Pods not at all', async () => {
  await create('gated', { schedulingGates: [{ name: 'example.com/wait' }] });
  await create('low', {}, '2');
  await plane.client.create(
    { group: 'scheduling.k8s.io', version: 'v1', plural: 'priorityclasses', kind: 'PriorityClass', namespaced: false },
    { metadata: { name: 'high' }, value: 1000 } as object,
  );
  await create('high', { priorityClassName: 'high' }, '2');
  await createNode('n1');
  await plane.clock.advance(15_000);
  assert.equal(await nodeOf('high'), 'n1');
  assert.equal(await nodeOf('low'), undefined);
  assert.equal(await nodeOf('gated'), undefined);
  await plane.client.delete(pods, 'default', 'high', { gracePeriodSeconds: 0 });
  await plane.client.patch(pods, 'default', 'gated', 'json', [{ op: 'remove', path: '/spec/schedulingGates' }]);
  await plane.clock.advance(15_000);
  assert.equal(await nodeOf('gated'), 'n1');
  assert.equal(await nodeOf('low'), 'n1');
});

test('a thousand Pods at once never overfill a node', async () => {
  for (let i = 0; i < 20; i++) await createNode(`n${i}`);
  await Promise.all(Array.from({ length: 250 }, (_, i) => plane.client.create(pods, pod(`p${i}`, {}, '100m'))));
  await plane.clock.advance(1_000);
  const counts = new Map<string, number>();
  for (const { spec } of (await plane.client.list(pods, 'default')).items) {
    const name = spec.nodeName ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  assert.equal(counts.get(''), 50);
  for (const [name, count] of counts) if (name !== '') assert.equal(count, 10, name);
});

test('a claim that waits for its first consumer is bound to a volume of the chosen node', async () => {
  await createNode('n1');
  await createNode('n2');
  await plane.client.create(storageClasses, {
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const values = ['n2'];
  await plane.client.create(persistentVolumes, {
    metadata: { name: 'v' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      local: { path: '/data' },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values }] }] },
      },
    },
  });
  await plane.client.patch(
    persistentVolumes,
    undefined,
    'v',
    'merge',
    { status: { phase: 'Available' } },
    {
      subresource: 'status',
    },
  );
  await plane.client.create(persistentVolumeClaims, {
    metadata: { name: 'c', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      resources: { requests: { storage: '1Gi' } },
    },
  });
  await create('a', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }] });
  const volume = await plane.client.get(persistentVolumes, undefined, 'v');
  assert.equal(volume.spec.claimRef?.name, 'c');
  assert.equal(await nodeOf('a'), undefined);
  // What the volume controller does then.
  const claim = await plane.client.get(persistentVolumeClaims, 'default', 'c');
  await plane.client.update(persistentVolumeClaims, {
    ...claim,
    metadata: { ...claim.metadata, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { ...claim.spec, volumeName: 'v' },
  });
  assert.equal(await nodeOf('a'), 'n2');
});

test('a claim that is not there is named', async () => {
  await createNode('n1');
  await create('a', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'missing' } }] });
  assert.equal(await refusalOf('a'), '0/1 nodes are available: persistentvolumeclaim "missing" not found.');
});
