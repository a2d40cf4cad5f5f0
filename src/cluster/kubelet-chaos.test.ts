// Kubelets under random users, crashing containers, restarts and failing machines: what must hold when all is quiet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../api/types/core.v1.ts';
import { pods } from '../client/resources.ts';
import { hasReason } from '../client/retry-on-conflict.ts';
import { scriptAnnotation, type ContainerScript, type RunScript } from '../kubelet/runtime/simulated/script.ts';
import { seededRandom, type Random } from '../machinery/random.ts';
import { TestNodes } from './test-nodes.ts';

const seeds = Array.from({ length: 12 }, (_, index) => `chaos ${index}`);
const steps = 40;
const nodeCount = 2;

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.int(choices.length)] as T;
}

function randomRun(random: Random): RunScript {
  if (random.int(3) === 0) return {};
  return { exitAfterMs: random.int(40_000), exitCode: pick(random, [0, 0, 1, 137]) };
}

function randomScript(random: Random): ContainerScript {
  const runs = Array.from({ length: random.int(4) }, () => randomRun(random));
  return {
    startDelayMs: pick(random, [0, 0, 1500]),
    ...(runs.length === 0 ? {} : { runs }),
    onStop: pick(random, [{}, { exitAfterMs: 4000 }, { ignored: true }]),
    probes: { readiness: [{ result: 'failure' }, { afterMs: random.int(9000), result: 'success' }] },
  };
}

async function createPod(nodes: TestNodes, random: Random, name: string): Promise<void> {
  const script = { web: randomScript(random), init: { runs: [{ exitAfterMs: random.int(5000) }] }, proxy: {} };
  const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 3 };
  const initContainers = [
    ...(random.int(3) === 0 ? [{ name: 'proxy', image: 'p:1', restartPolicy: 'Always' as const }] : []),
    ...(random.int(3) === 0 ? [{ name: 'init', image: 'i:1' }] : []),
  ];
  await nodes.run(
    name,
    {
      containers: [{ name: 'web', image: 'web:1', ...(random.int(2) === 0 ? { readinessProbe } : {}) }],
      ...(initContainers.length === 0 ? {} : { initContainers }),
      restartPolicy: pick(random, ['Always', 'OnFailure', 'Never']),
      terminationGracePeriodSeconds: pick(random, [0, 5, 20]),
      ...(random.int(6) === 0 ? { activeDeadlineSeconds: 1 + random.int(60) } : {}),
    },
    { annotations: { [scriptAnnotation]: JSON.stringify(script) } },
    `node-${random.int(nodeCount)}`,
  );
}

async function deletePod(nodes: TestNodes, random: Random, name: string): Promise<void> {
  const options = pick(random, [{}, {}, { gracePeriodSeconds: 0 }, { gracePeriodSeconds: 3 }]);
  await nodes.plane.client.delete(pods, 'default', name, options).catch((error: unknown) => {
    if (!hasReason(error, 'NotFound')) throw error;
  });
}

async function step(nodes: TestNodes, random: Random, names: string[]): Promise<void> {
  const node = pick(random, nodes.simulated.nodes);
  switch (random.int(8)) {
    case 0:
    case 1:
    case 2: {
      const name = `pod-${names.length}`;
      names.push(name);
      return createPod(nodes, random, name);
    }
    case 3:
    case 4:
      return names.length === 0 ? undefined : deletePod(nodes, random, pick(random, names));
    case 5:
      return node.kubelet === undefined ? begin(nodes, node) : node.stop();
    case 6:
      return random.int(3) === 0 ? node.powerOff() : begin(nodes, node);
    default:
      return nodes.advance(random.int(20));
  }
}

async function begin(nodes: TestNodes, node: TestNodes['simulated']['nodes'][number]): Promise<void> {
  const starting = node.start();
  await nodes.plane.settle();
  await starting;
}

function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

async function checkRest(nodes: TestNodes): Promise<void> {
  const { items } = await nodes.plane.client.list(pods, 'default');
  for (const pod of items) {
    const { name } = pod.metadata;
    assert.equal(pod.metadata.deletionTimestamp, undefined, `${name} is still being deleted`);
    assert.equal(pod.status?.observedGeneration, pod.metadata.generation, `${name} was not looked at`);
    const running = (pod.status?.containerStatuses ?? []).some(({ state }) => state?.running !== undefined);
    assert.ok(!(isOver(pod) && running), `${name} is over and runs`);
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    assert.ok(ready === 'False' || pod.status?.containerStatuses?.every((each) => each.ready), `${name} is not ready`);
  }
  const uids = new Map(items.map((pod) => [pod.metadata.uid, pod]));
  for (const { name, kubelet, runtime } of nodes.simulated.nodes) {
    const ofNode = items.filter(({ spec }) => spec.nodeName === name);
    assert.equal(kubelet?.podCount, ofNode.length, `${name} looks after other Pods than it should`);
    for (const { metadata } of await runtime.listPodSandbox({})) {
      assert.ok(uids.has(metadata.uid), `a sandbox of ${metadata.name} is left`);
    }
    for (const container of await runtime.listContainers({ state: 'CONTAINER_RUNNING' })) {
      const pod = uids.get(container.labels['io.kubernetes.pod.uid'] ?? '');
      assert.ok(pod !== undefined && !isOver(pod), `${container.metadata.name} runs and should not`);
      const shown = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
      assert.ok(
        shown.some(({ containerID }) => containerID === `simulated://${container.id}`),
        `${pod.metadata.name}: a container that runs is not shown`,
      );
    }
    for (const pod of ofNode) assert.notEqual(pod.status?.phase, 'Pending', `${pod.metadata.name} has not come up`);
    const active = ofNode.filter((pod) => !isOver(pod)).map(({ status }) => status?.podIP);
    assert.equal(new Set(active).size, active.length, 'two Pods have one address');
  }
}

for (const seed of seeds) {
  test(`kubelets hold their promises (${seed})`, async () => {
    const random = seededRandom(seed);
    const nodes = await TestNodes.start({ count: nodeCount });
    try {
      const names: string[] = [];
      for (let count = 0; count < steps; count++) await step(nodes, random, names);
      for (const node of nodes.simulated.nodes) await begin(nodes, node);
      // Longer than any grace period, back-off of the API or delay of a restart takes.
      await nodes.advance(700);
      await checkRest(nodes);
      for (const name of names) await deletePod(nodes, random, name);
      await nodes.advance(60);
      await checkRest(nodes);
      assert.equal((await nodes.plane.client.list(pods, 'default')).items.length, 0);
      for (const { runtime } of nodes.simulated.nodes) assert.deepEqual(await runtime.listContainers({}), []);
    } finally {
      await nodes.stop();
    }
  });
}
