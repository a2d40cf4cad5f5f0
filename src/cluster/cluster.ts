import type { Client } from '../client/client.ts';
import { SeriesEventRecorder } from '../client/series-event-recorder.ts';
import { controllerDefinitions } from '../controllers/catalog.ts';
import { chosenControllers } from '../controllers/command-line.ts';
import { ControllerManager } from '../controllers/manager.ts';
import { defaultControllerManagerOptions, type ControllerManagerOptions } from '../controllers/options.ts';
import { realClock, type Clock } from '../machinery/clock.ts';
import { parseDurationMs } from '../machinery/duration.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom, systemRandom, type Random } from '../machinery/random.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { SimulatedNodes, type SimulatedNode, type SimulatedNodesOptions } from '../kubelet/simulated-nodes.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { EmbeddedApiServer } from './embedded-api-server.ts';
import { settle } from './settle.ts';
import { adminUser, controllerManagerUser, nodeUser, schedulerUser, serviceAccountUser } from './users.ts';

/** What the nodes' Pods get their addresses from. */
const podCIDR = '10.240.0.0/12';

export interface ClusterOptions {
  /** How many simulated nodes it has. Default: 1. */
  readonly nodes?: number;
  /** `virtual`: time stands still but for `advance`. Default: real. */
  readonly clock?: 'real' | 'virtual';
  /** Makes what is left to chance the same in every run. Default: chance. */
  readonly seed?: string | number;
  /** How what Pods do is scripted, and what the nodes are like. */
  readonly simulation?: Pick<SimulatedNodesOptions, 'scripts' | 'capacity' | 'labels' | 'taints'>;
  /** Which controllers run, as `--controllers` has it. Default: all that are on by default. */
  readonly controllers?: readonly string[];
  /** What kube-controller-manager's flags say. */
  readonly controllerOptions?: Partial<ControllerManagerOptions>;
  /** Whether Pods are given nodes. Default: true. */
  readonly scheduler?: boolean;
  /** More flags of kube-apiserver. */
  readonly flags?: readonly string[];
  /** Where clients are served; 0: any free port. */
  readonly securePort?: number;
  /** Where the kubeconfig is written. Default: in a directory that goes with the cluster. */
  readonly kubeconfig?: string;
  readonly log?: Logger;
}

/**
 * A whole cluster in the caller's process: API server, controllers, scheduler, and nodes on which Pods are simulated.
 * Everything is kept in memory and gone when it stops. Several may run side by side.
 */
export class Cluster {
  readonly clock: Clock;
  /** May do everything. */
  readonly client: Client;
  readonly #server: EmbeddedApiServer;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  #nodes: SimulatedNodes | undefined;

  private constructor(server: EmbeddedApiServer, clock: Clock) {
    this.#server = server;
    this.clock = clock;
    this.client = server.clientAs(adminUser, 'kubets-cluster');
  }

  /** Resolves when everything runs and the nodes are registered. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { seed, log = Logger.silent } = options;
    const random = seed === undefined ? systemRandom : seededRandom(seed);
    const started: { server?: EmbeddedApiServer } = {};
    const clock: Clock =
      options.clock === 'virtual'
        ? new VirtualClock({ settle: () => settle(() => started.server?.isIdle ?? true) })
        : realClock;
    const server = await EmbeddedApiServer.start({
      clock,
      random,
      log,
      ...(options.flags === undefined ? {} : { flags: options.flags }),
      ...(options.securePort === undefined ? {} : { securePort: options.securePort }),
      ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    });
    started.server = server;
    const cluster = new Cluster(server, clock);
    try {
      cluster.#startControllers(options, random, log);
      if (options.scheduler !== false) cluster.#startScheduler(random, log);
      await cluster.#startNodes(options, random, log);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** `https://HOST:PORT`. */
  get url(): string {
    return this.#server.url;
  }

  /** The path of a kubeconfig of an administrator. */
  get kubeconfig(): string {
    return this.#server.kubeconfig;
  }

  /** A simulated node, by name: `node-0` … Throws a RangeError for another. */
  node(name: string): SimulatedNode {
    const node = this.#nodes?.nodes.find((one) => one.name === name);
    if (node === undefined) throw new RangeError(`the cluster has no node ${JSON.stringify(name)}`);
    return node;
  }

  /**
   * Moves the virtual clock, and lets everything happen that falls due: `advance('5m')`. Throws a TypeError for a
   * cluster on the real clock.
   */
  async advance(duration: string): Promise<void> {
    if (!(this.clock instanceof VirtualClock)) {
      throw new TypeError("only a cluster started with { clock: 'virtual' } can advance");
    }
    await this.clock.advance(parseDurationMs(duration));
  }

  /** Ends everything. Rejects when a component failed meanwhile. */
  async stop(): Promise<void> {
    await this.#nodes?.stop();
    this.#stop.abort(new Error('the cluster stops'));
    const results = await Promise.allSettled(this.#running);
    await this.#server.close();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #startControllers(options: ClusterOptions, random: Random, log: Logger): void {
    const server = this.#server;
    const manager = new ControllerManager({
      client: server.clientAs(controllerManagerUser, 'kube-controller-manager'),
      clientFor: (name) => server.clientAs(serviceAccountUser('kube-system', name), `kube-controller-manager/${name}`),
      clock: this.clock,
      random,
      log: log.named('kube-controller-manager'),
      options: { ...defaultControllerManagerOptions, rootCA: server.rootCA, ...options.controllerOptions },
      definitions: chosenControllers(options.controllers ?? ['*'], controllerDefinitions),
    });
    this.#run(manager.run(this.#stop.signal));
  }

  #startScheduler(random: Random, log: Logger): void {
    const client = this.#server.clientAs(schedulerUser, 'kube-scheduler');
    const world = { client, clock: this.clock, random, log: log.named('kube-scheduler') };
    const recorder = new SeriesEventRecorder({
      ...world,
      reportingController: 'default-scheduler',
      reportingInstance: 'default-scheduler',
    });
    const scheduler = new Scheduler({ ...world, recorder });
    this.#run(scheduler.run(this.#stop.signal).finally(() => recorder.stop()));
  }

  async #startNodes({ nodes = 1, simulation = {} }: ClusterOptions, random: Random, log: Logger): Promise<void> {
    const server = this.#server;
    this.#nodes = await SimulatedNodes.start({
      ...simulation,
      count: nodes,
      clientFor: (name) => server.clientAs(nodeUser(name), 'kubelet'),
      sharedClient: server.clientAs(adminUser, 'kubelet'),
      clock: this.clock,
      random,
      log: log.named('kubelet'),
      podCIDR,
    });
  }

  #run(component: Promise<void>): void {
    // Awaited in `stop`: it may fail before.
    component.catch(() => {});
    this.#running.push(component);
  }
}
