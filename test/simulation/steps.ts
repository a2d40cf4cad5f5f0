import type { KubernetesObject } from '../../src/api/contract.ts';
import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  namespaces,
  nodes,
  podDisruptionBudgets,
  pods,
  replicaSets,
  services,
  statefulSets,
} from '../../src/client/resources.ts';
import type { Resource } from '../../src/client/resource.ts';
import type { Random } from '../../src/machinery/random.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { drain } from './drain.ts';
import { noFaults } from './faulty-network.ts';
import * as make from './workloads.ts';
import { whileTimePasses, type World } from './world.ts';

/** Does one thing; says what. */
type Step = (world: World) => Promise<string>;

const namespaceNames = ['red', 'green', 'blue'];
const names = ['a', 'b', 'c'];
const propagationPolicies = ['Background', 'Foreground', 'Orphan'] as const;
const nodeUserPrefix = 'system:node:';

interface Kind {
  readonly resource: Resource<KubernetesObject>;
  readonly make: (random: Random, names: make.Names) => KubernetesObject;
}

const scalable: readonly Kind[] = [
  { resource: deployments, make: make.deployment },
  { resource: replicaSets, make: make.replicaSet },
  { resource: statefulSets, make: make.statefulSet },
];
const kinds: readonly Kind[] = [
  ...scalable,
  ...scalable,
  { resource: daemonSets, make: make.daemonSet },
  { resource: jobs, make: make.job },
  { resource: cronJobs, make: make.cronJob },
  { resource: services, make: make.service },
  { resource: services, make: make.service },
  { resource: podDisruptionBudgets, make: make.budget },
];

function place({ random }: World): make.Names {
  return { namespace: make.chosen(random, namespaceNames), name: make.chosen(random, names) };
}

async function create(world: World): Promise<string> {
  const kind = make.chosen(world.random, kinds);
  const object = kind.make(world.random, place(world));
  const told = `create ${kind.resource.plural} ${object.metadata?.namespace ?? ''}/${object.metadata?.name ?? ''}`;
  return attempt(told, world.client.create(kind.resource, object));
}

async function createNamespace({ client, random }: World): Promise<string> {
  const name = make.chosen(random, namespaceNames);
  return attempt(`create namespace ${name}`, client.create(namespaces, { metadata: { name }, spec: {} }));
}

async function deleteNamespace({ client, random }: World): Promise<string> {
  const name = make.chosen(random, namespaceNames);
  return attempt(`delete namespace ${name}`, client.delete(namespaces, undefined, name));
}

async function scale(world: World): Promise<string> {
  const { client, random } = world;
  const { resource } = make.chosen(random, scalable);
  const { namespace, name } = place(world);
  const replicas = random.int(make.mostReplicas + 1);
  const told = `scale ${resource.plural} ${namespace}/${name} to ${replicas}`;
  return attempt(told, client.patch(resource, namespace, name, 'merge', { spec: { replicas } }));
}

async function update(world: World): Promise<string> {
  const { client, random } = world;
  const resource = make.chosen(random, [deployments, deployments, statefulSets, daemonSets, replicaSets]);
  const { namespace, name } = place(world);
  const image = `app:${random.int(5)}`;
  const patch = { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } };
  const told = `set image of ${resource.plural} ${namespace}/${name} to ${image}`;
  return attempt(told, client.patch(resource as Resource, namespace, name, 'strategic', patch));
}

async function remove(world: World): Promise<string> {
  const { client, random } = world;
  const { resource } = make.chosen(random, kinds);
  const { namespace, name } = place(world);
  const propagationPolicy = make.chosen(random, propagationPolicies);
  const told = `delete ${resource.plural} ${namespace}/${name} (${propagationPolicy})`;
  return attempt(told, client.delete(resource, namespace, name, { propagationPolicy }));
}

async function removePod({ client, random }: World): Promise<string> {
  const { items } = await client.list(pods);
  if (items.length === 0) return 'delete no pod';
  const { namespace, name = '' } = make.chosen(random, items).metadata;
  return attempt(`delete pod ${namespace}/${name}`, client.delete(pods, namespace, name));
}

async function uncordon({ client, random, nodeNames }: World): Promise<string> {
  const name = make.chosen(random, nodeNames);
  const patch = { spec: { unschedulable: null } };
  return attempt(`uncordon ${name}`, client.patch(nodes, undefined, name, 'merge', patch));
}

async function killNode(world: World): Promise<string> {
  const name = make.chosen(world.random, world.nodeNames);
  if (world.dead.has(name)) return `${name} is dead`;
  world.dead.add(name);
  await whileTimePasses(world, `powering ${name} off`, world.cluster.node(name).powerOff());
  return `kill ${name}`;
}

async function reviveNode(world: World): Promise<string> {
  const [name] = world.dead;
  if (name === undefined) return 'all nodes live';
  world.dead.delete(name);
  startNode(world, name);
  return `revive ${name}`;
}

/** Registration goes on for as long as the network keeps it from succeeding. */
function startNode({ cluster }: World, name: string): void {
  cluster
    .node(name)
    .start()
    .catch(() => {});
}

async function restartKubelet(world: World): Promise<string> {
  const name = make.chosen(world.random, world.nodeNames);
  if (world.dead.has(name)) return `${name} is dead`;
  await whileTimePasses(world, `stopping the kubelet of ${name}`, world.cluster.node(name).stop());
  startNode(world, name);
  return `restart the kubelet of ${name}`;
}

async function partition({ random, nodeNames, network }: World): Promise<string> {
  const name = make.chosen(random, nodeNames);
  network.partition(`${nodeUserPrefix}${name}`);
  return `partition ${name}`;
}

async function heal({ network }: World): Promise<string> {
  const [user] = network.partitioned;
  if (user !== undefined) network.heal(user);
  return `heal ${user ?? 'nothing'}`;
}

async function stopComponent(world: World): Promise<string> {
  const name = make.chosen(world.random, ['controllers', 'scheduler'] as const);
  await whileTimePasses(world, `stopping the ${name}`, world.cluster[name].stop());
  return `stop the ${name}`;
}

async function startComponents({ cluster }: World): Promise<string> {
  cluster.controllers.start();
  cluster.scheduler.start();
  return 'start what is stopped';
}

async function disturb({ random, network }: World): Promise<string> {
  network.rates = { failure: random.int(3) / 10, delay: random.int(3) / 10 };
  return `disturb ${JSON.stringify(network.rates)}`;
}

async function calm({ network }: World): Promise<string> {
  network.rates = noFaults;
  return 'calm';
}

async function dropWatches({ random, network }: World): Promise<string> {
  const oneIn = 1 + random.int(4);
  network.dropWatches(oneIn);
  return `drop a watch in ${oneIn}`;
}

/** Where users work from the start. */
export async function createNamespaces({ client }: World): Promise<void> {
  for (const name of namespaceNames) await client.create(namespaces, { metadata: { name }, spec: {} });
}

/** How often each is done, of the sum of all. */
const weights: readonly (readonly [number, Step])[] = [
  [20, create],
  [6, createNamespace],
  [2, deleteNamespace],
  [12, scale],
  [8, update],
  [6, remove],
  [4, removePod],
  [3, drain],
  [4, uncordon],
  [2, killNode],
  [4, reviveNode],
  [2, restartKubelet],
  [2, partition],
  [4, heal],
  [2, stopComponent],
  [5, startComponents],
  [3, disturb],
  [4, calm],
  [3, dropWatches],
];
const totalWeight = weights.reduce((sum, [weight]) => sum + weight, 0);

export async function takeStep(world: World): Promise<string> {
  let rest = world.random.int(totalWeight);
  for (const [weight, step] of weights) {
    rest -= weight;
    if (rest < 0) return step(world);
  }
  throw new Error('the weights do not add up');
}

/** Everything is put right, and whatever goes on by itself is stopped: from here on the cluster must come to rest. */
export async function mendAll(world: World): Promise<void> {
  const { network, client, nodeNames, dead } = world;
  network.rates = noFaults;
  for (const user of network.partitioned) network.heal(user);
  await startComponents(world);
  for (const name of dead) startNode(world, name);
  dead.clear();
  for (const name of nodeNames) await client.patch(nodes, undefined, name, 'merge', { spec: { unschedulable: null } });
  for (const { metadata } of (await client.list(cronJobs)).items) {
    const { namespace, name = '' } = metadata;
    await client.patch(cronJobs, namespace, name, 'merge', { spec: { suspend: true } });
  }
}

/** Users ask for what cannot be: the server's refusal is a part of the run, its failure is not. */
async function attempt(what: string, request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return what;
  } catch (error) {
    if (error instanceof StatusError && (error.code < 500 || isFull(error))) return `${what}: ${error.reason}`;
    throw error;
  }
}

/** Upstream answers 500 when no port is left. */
function isFull({ message }: StatusError): boolean {
  return message.includes('range is full');
}
