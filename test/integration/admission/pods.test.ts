// What becomes of every Pod: Priority, DefaultTolerationSeconds, RuntimeClass, PodTopologyLabels, PodResizeValidator; and
// of every node: TaintNodesByCondition.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AdmissionServer, image, podWith, refused, type Answer } from './admission-server.ts';

const server = AdmissionServer.forTests();

function specOf({ spec }: Answer): Readonly<Record<string, unknown>> {
  return spec as Readonly<Record<string, unknown>>;
}

describe('Priority', () => {
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';

  test('the system’s classes are there from the start', async () => {
    const { items } = await server.client.get<{ items: { metadata: { name: string }; value: number }[] }>(classes);
    const values = Object.fromEntries(items.map(({ metadata, value }) => [metadata.name, value]));
    assert.equal(values['system-node-critical'], 2_000_001_000);
    assert.equal(values['system-cluster-critical'], 2_000_000_000);
  });

  test('a Pod has the value of its class, or of none', async () => {
    const room = await server.newNamespace();
    const none = specOf(await room.pod());
    assert.deepEqual([none['priority'], none['preemptionPolicy']], [0, 'PreemptLowerPriority']);
    await server.create(classes, { metadata: { name: 'patient' }, value: 7, preemptionPolicy: 'Never' });
    const spec = specOf(await room.pod({ priorityClassName: 'patient' }, { name: 'q' }));
    assert.deepEqual([spec['priority'], spec['preemptionPolicy']], [7, 'Never']);
  });

  test('a class that is not there, or another value than its own, is refused', async () => {
    const room = await server.newNamespace();
    await room.refusesPod('pods "p" is forbidden: no PriorityClass with name nothing was found', {
      priorityClassName: 'nothing',
    });
    await room.refusesPod(
      'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
      { priority: 5 },
    );
    await room.refusesPod(
      /the string value of PreemptionPolicy \(Never\) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority/,
      { preemptionPolicy: 'Never' },
    );
  });

  test('one class is the default', async () => {
    await server.create(classes, { metadata: { name: 'usual' }, value: 3, globalDefault: true });
    const room = await server.newNamespace();
    const spec = specOf(await room.pod());
    assert.deepEqual([spec['priority'], spec['priorityClassName']], [3, 'usual']);
    const second = server.create(classes, { metadata: { name: 'too' }, value: 4, globalDefault: true });
    await refused(
      second,
      403,
      'priorityclasses.scheduling.k8s.io "too" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    );
    await server.client.request('DELETE', `${classes}/usual`);
  });
});

test('DefaultTolerationSeconds: a Pod stays for a while on a node that does not answer', async () => {
  const room = await server.newNamespace();
  const toleration = (name: string, seconds: number): object => {
    return { key: `node.kubernetes.io/${name}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds };
  };
  const plain = specOf(await room.pod());
  assert.deepEqual(plain['tolerations'], [toleration('not-ready', 300), toleration('unreachable', 300)]);
  const given = [toleration('not-ready', 5)];
  const own = specOf(await room.pod({ tolerations: given }, { name: 'own' }));
  assert.deepEqual(own['tolerations'], [...given, toleration('unreachable', 300)]);
  const all = specOf(await room.pod({ tolerations: [{ operator: 'Exists' }] }, { name: 'all' }));
  assert.deepEqual(all['tolerations'], [{ operator: 'Exists' }]);
});

describe('RuntimeClass', () => {
  const classes = '/apis/node.k8s.io/v1/runtimeclasses';

  test('a Pod gets its class’s overhead, node selector and tolerations', async () => {
    const tolerations = [{ key: 'sandbox', operator: 'Exists' }];
    await server.create(classes, {
      metadata: { name: 'sandbox' },
      handler: 'sandbox',
      overhead: { podFixed: { cpu: '250m' } },
      scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations },
    });
    const room = await server.newNamespace();
    const spec = specOf(await room.pod({ runtimeClassName: 'sandbox', nodeSelector: { zone: 'a' }, tolerations }));
    assert.deepEqual(spec['overhead'], { cpu: '250m' });
    assert.deepEqual(spec['nodeSelector'], { zone: 'a', sandbox: 'yes' });
    const keys = (spec['tolerations'] as { key?: string }[]).map(({ key }) => key);
    assert.deepEqual(keys.filter((key) => key === 'sandbox').length, 1);
    await room.refusesPod(
      'pods "p" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no',
      { runtimeClassName: 'sandbox', nodeSelector: { sandbox: 'no' } },
    );
    await room.refusesPod(
      "pods \"p\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
      { runtimeClassName: 'sandbox', overhead: { cpu: '1' } },
    );
  });

  test('a class that is not there, and overhead without one, are refused', async () => {
    const room = await server.newNamespace();
    await room.refusesPod('pods "p" is forbidden: pod rejected: RuntimeClass "nothing" not found', {
      runtimeClassName: 'nothing',
    });
    await room.refusesPod(
      'pods "p" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      { overhead: { cpu: '1' } },
    );
  });
});

test('TaintNodesByCondition: a new node is not ready', async () => {
  const node = await server.create('/api/v1/nodes', { metadata: { name: 'fresh' } });
  assert.deepEqual(specOf(node)['taints'], [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
});

test('PodTopologyLabels: a Pod is told where its node is', async () => {
  const labels = { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r', other: 'o' };
  await server.create('/api/v1/nodes', { metadata: { name: 'placed', labels } });
  const room = await server.newNamespace();
  await room.pod({}, { labels: { own: 'l' } });
  const path = room.path('Pod', 'p');
  await server.create(`${path}/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'placed' } });
  const bound = await server.client.get<Answer>(path);
  const { other: _, ...copied } = labels;
  assert.deepEqual(bound.metadata.labels, { own: 'l', ...copied });
  const direct = await server.create(room.path('Pod'), podWith({ nodeName: 'placed' }, { name: 'direct' }));
  assert.deepEqual(direct.metadata.labels, copied);
});

test('PodResizeValidator: a Pod is not resized beyond what its node can give', async () => {
  const capacity = { cpu: '2', memory: '2Gi', pods: '10' };
  await server.create('/api/v1/nodes', { metadata: { name: 'small', labels: { 'kubernetes.io/os': 'linux' } } });
  await server.client.request('PATCH', '/api/v1/nodes/small/status', {
    body: { status: { capacity, allocatable: capacity } },
    contentType: 'application/merge-patch+json',
  });
  const room = await server.newNamespace();
  const containers = (cpu: string): object[] => [{ name: 'c', image, resources: { requests: { cpu } } }];
  await room.pod({ nodeName: 'small', containers: containers('1') });
  const resize = (cpu: string): Promise<Answer> =>
    server.client.request<Answer>('PATCH', `${room.path('Pod', 'p')}/resize`, {
      body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } },
      contentType: 'application/strategic-merge-patch+json',
    });
  await refused(
    resize('3'),
    403,
    'pods "p" is forbidden: Node didn\'t have enough allocatable resources: cpu, requested: 3000, allocatable: 2000',
  );
  await resize('1500m');
});
