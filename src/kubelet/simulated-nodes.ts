/** Nodes whose containers are simulated: as many as wanted in one process. */
import type { Node, Pod, ResourceList, Taint } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import { nodes, pods } from '../client/resources.ts';
import { CIDR } from '../machinery/cidr.ts';
import type { Clock } from '../machinery/clock.ts';
import { formatIP } from '../machinery/ip-address.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { gitVersion } from '../machinery/version.ts';
import { CoarseClock } from './coarse-clock.ts';
import { Kubelet } from './kubelet.ts';
import type { Machine } from './node/contract.ts';
import { literalEnvironment } from './runtime/simulated/environment.ts';
import { SimulatedProber } from './runtime/simulated/prober.ts';
import { SimulatedRuntime } from './runtime/simulated/runtime.ts';
import type { ScriptHooks } from './runtime/simulated/script.ts';
import { NodesByName, PodsByNode, type NodeSource, type PodSource } from './sources.ts';

export interface SimulatedNodesOptions {
  readonly count: number;
  /** A client in the name of `system:node:<node>`, of the group `system:nodes`. */
  clientFor(nodeName: string): Client;
  /** May list and watch all Pods and nodes: one watch serves all kubelets. Undefined: each watches for itself. */
  readonly sharedClient: Client | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `node-0`, `node-1`, … by default. */
  readonly namePrefix?: string;
  /** Of the first node. Default 0. */
  readonly firstIndex?: number;
  /** Default: 8 CPUs, 32 GiB, 110 Pods. */
  readonly capacity?: ResourceList;
  /**
   * The cluster's pod network, of which each node takes a part of 256 addresses. Undefined or '': nodes wait for the
   * `spec.podCIDR` that a controller gives them.
   */
  readonly podCIDR?: string;
  readonly labels?: (index: number) => Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly scripts?: ScriptHooks;
}

const defaultCapacity: ResourceList = {
  cpu: '8',
  memory: '32Gi',
  'ephemeral-storage': '100Gi',
  pods: '110',
};
const nodePrefixLength = 24;
/** Addresses of the nodes themselves (RFC 2544 keeps this network for tests). */
const nodeNetwork = new CIDR({ family: 4, value: 0xc612_0000n }, 15);
/** Heartbeats may come so much later than they are due. */
const heartbeatStepMs = 1000;

/** One node: a machine that simulates containers, and a kubelet that comes and goes. */
export class SimulatedNode {
  readonly name: string;
  readonly runtime: SimulatedRuntime;
  readonly #makeKubelet: () => Kubelet;
  #kubelet: Kubelet | undefined;

  constructor(name: string, runtime: SimulatedRuntime, makeKubelet: () => Kubelet) {
    this.name = name;
    this.runtime = runtime;
    this.#makeKubelet = makeKubelet;
  }

  /** Undefined while it is stopped. */
  get kubelet(): Kubelet | undefined {
    return this.#kubelet;
  }

  /** Starts the kubelet; it takes over what runs. Resolves when the node is registered. */
  async start(): Promise<void> {
    if (this.#kubelet !== undefined) return;
    this.#kubelet = this.#makeKubelet();
    await this.#kubelet.start();
  }

  /** Stops the kubelet; what runs goes on. */
  async stop(): Promise<void> {
    const kubelet = this.#kubelet;
    this.#kubelet = undefined;
    await kubelet?.stop();
  }

  /** The machine fails: the kubelet and all containers end. `start` boots it again. */
  async powerOff(): Promise<void> {
    await this.stop();
    this.runtime.powerOff();
  }
}

export class SimulatedNodes {
  readonly nodes: readonly SimulatedNode[];
  readonly #stop: AbortController;
  readonly #sources: Sources;

  private constructor(simulated: readonly SimulatedNode[], stop: AbortController, sources: Sources) {
    this.nodes = simulated;
    this.#stop = stop;
    this.#sources = sources;
  }

  /** Resolves when every node is registered. */
  static async start(options: SimulatedNodesOptions): Promise<SimulatedNodes> {
    const { count, sharedClient, clock, firstIndex = 0 } = options;
    const stop = new AbortController();
    const sources = sharedClient === undefined ? ownSources(options) : sharedSources(sharedClient, options);
    const timers = new CoarseClock(clock, heartbeatStepMs);
    const simulated = Array.from({ length: count }, (_, index) =>
      makeNode(options, sources, timers, firstIndex + index),
    );
    sources.run(stop.signal);
    await sources.synced();
    await Promise.all(simulated.map((node) => node.start()));
    return new SimulatedNodes(simulated, stop, sources);
  }

  /** Undefined for a name that is none of theirs. */
  node(name: string): SimulatedNode | undefined {
    return this.nodes.find((node) => node.name === name);
  }

  /** Ends the kubelets; their nodes and Pods stay in the API as they are. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    this.#stop.abort();
    await this.#sources.ended();
  }
}

/** Where the kubelets learn what concerns them. */
interface Sources {
  of(nodeName: string): { readonly pods: PodSource; readonly node: NodeSource };
  /** After the last `of`. */
  run(signal: AbortSignal): void;
  synced(): Promise<unknown>;
  ended(): Promise<unknown>;
}

type World = Pick<SimulatedNodesOptions, 'clock' | 'random' | 'log'>;

function sharedSources(client: Client, { clock, random, log }: World): Sources {
  const world = { client, clock, random, log };
  const podInformer = new Informer<Pod>({ ...world, resource: pods, fieldSelector: 'spec.nodeName!=' });
  const nodeInformer = new Informer<Node>({ ...world, resource: nodes });
  const podsByNode = new PodsByNode(podInformer);
  const nodesByName = new NodesByName(nodeInformer);
  let running: Promise<unknown> = Promise.resolve();
  return {
    of: (nodeName) => ({ pods: podsByNode.of(nodeName), node: nodesByName.of(nodeName) }),
    run: (signal) => (running = Promise.all([podInformer.run(signal), nodeInformer.run(signal)])),
    synced: () => Promise.all([podInformer.synced, nodeInformer.synced]),
    ended: () => running,
  };
}

/** As real kubelets do: each with watches of its own, in its own name. */
function ownSources({ clientFor, clock, random, log }: World & Pick<SimulatedNodesOptions, 'clientFor'>): Sources {
  const informers: (Informer<Pod> | Informer<Node>)[] = [];
  let running: Promise<unknown> = Promise.resolve();
  return {
    of: (nodeName) => {
      const world = { client: clientFor(nodeName), clock, random, log };
      const ofPods = new Informer<Pod>({ ...world, resource: pods, fieldSelector: `spec.nodeName=${nodeName}` });
      const ofNode = new Informer<Node>({ ...world, resource: nodes, fieldSelector: `metadata.name=${nodeName}` });
      informers.push(ofPods, ofNode);
      return { pods: ofPods, node: ofNode };
    },
    run: (signal) => (running = Promise.all(informers.map((informer) => informer.run(signal)))),
    synced: () => Promise.all(informers.map(({ synced }) => synced)),
    ended: () => running,
  };
}

function makeNode(options: SimulatedNodesOptions, sources: Sources, timers: Clock, index: number): SimulatedNode {
  const { clock, random, log, podCIDR, scripts, namePrefix = 'node-' } = options;
  const name = `${namePrefix}${index}`;
  const runtime = new SimulatedRuntime({
    clock,
    random,
    ...(podCIDR === undefined || podCIDR === '' ? {} : { podCIDR: partOf(podCIDR, index) }),
    ...(scripts === undefined ? {} : { scripts }),
  });
  const source = sources.of(name);
  const makeKubelet = (): Kubelet =>
    new Kubelet({
      ...source,
      client: options.clientFor(name),
      machine: simulatedMachine(options, name, index),
      runtime,
      prober: new SimulatedProber(runtime),
      environment: literalEnvironment,
      // A simulated container answers whatever hook asks.
      hookNetwork: { httpGet: async () => {} },
      clock,
      timers,
      random,
      log,
    });
  return new SimulatedNode(name, runtime, makeKubelet);
}

/** The part of a cluster's network that is a node's. Throws a RangeError when there are not so many. */
function partOf(podCIDR: string, index: number): string {
  const network = CIDR.parse(podCIDR);
  if (network === undefined) throw new RangeError(`${JSON.stringify(podCIDR)} is not a network`);
  return network.subnet(Math.max(network.prefixLength, nodePrefixLength), BigInt(index)).toString();
}

function simulatedMachine(options: SimulatedNodesOptions, nodeName: string, index: number): Machine {
  const { capacity = defaultCapacity, labels, taints = [] } = options;
  const id = index.toString(16).padStart(32, '0');
  return {
    nodeName,
    addresses: [
      { type: 'InternalIP', address: formatIP(nodeNetwork.at(BigInt(index) + 1n)) },
      { type: 'Hostname', address: nodeName },
    ],
    capacity,
    allocatable: capacity,
    nodeInfo: {
      machineID: id,
      systemUUID: id,
      bootID: id,
      kernelVersion: 'simulated',
      osImage: 'simulated',
      containerRuntimeVersion: 'simulated://1.0.0',
      kubeletVersion: gitVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    labels: labels?.(index) ?? {},
    taints,
    kubeletPort: 10_250,
    pressure: () => ({ memory: false, disk: false, pid: false }),
  };
}
