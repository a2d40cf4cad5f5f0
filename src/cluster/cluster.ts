import type { UserInfo } from '../api/contract.ts';
import type { Client } from '../client/client.ts';
import type { Transport } from '../client/contract.ts';
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
import { Restartable } from './restartable.ts';
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
  /**
   * Stands between the components and the API server, for tests of what they do when that does not answer. Each node
   * then watches for itself. Not for the cluster's own `client`.
   */
  readonly transport?: (transport: Transport, user: UserInfo, clock: Clock) => Transport;
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
  /** kube-controller-manager. */
  readonly controllers: Restartable;
  /** kube-scheduler. */
  readonly scheduler: Restartable;
  readonly #server: EmbeddedApiServer;
  readonly #clients = new Map<string, Client>();
  #nodes: SimulatedNodes | undefined;

  private constructor(server: EmbeddedApiServer, clock: Clock, random: Random, log: Logger, options: ClusterOptions) {
    this.#server = server;
    this.clock = clock;
    this.client = server.clientAs(adminUser, 'kubets-cluster');
    this.controllers = new Restartable((signal) => this.#runControllers(options, random, log, signal));
    this.scheduler = new Restartable((signal) => this.#runScheduler(options, random, log, signal));
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
    const cluster = new Cluster(server, clock, random, log, options);
    try {
      cluster.controllers.start();
      if (options.scheduler !== false) cluster.scheduler.start();
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

  /** A client in the name of a user of the cluster; no credentials are needed within the process. */
  clientAs(user: UserInfo, userAgent = 'kubets-cluster'): Client {
    return this.#server.clientAs(user, userAgent);
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
    const results = await Promise.allSettled([this.controllers.stop(), this.scheduler.stop()]);
    await this.#server.close();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #runControllers(options: ClusterOptions, random: Random, log: Logger, signal: AbortSignal): Promise<void> {
    const clientAs = (user: UserInfo, agent: string): Client => this.#clientAs(options, user, agent);
    const { rootCA, rootKey, serviceAccountKey } = this.#server.keys;
    const manager = new ControllerManager({
      client: clientAs(controllerManagerUser, 'kube-controller-manager'),
      clientFor: (name) => clientAs(serviceAccountUser('kube-system', name), `kube-controller-manager/${name}`),
      clock: this.clock,
      random,
      log: log.named('kube-controller-manager'),
      options: {
        ...defaultControllerManagerOptions,
        rootCA,
        clusterSigning: { certificate: rootCA, key: rootKey },
        serviceAccountKey,
        ...options.controllerOptions,
      },
      definitions: chosenControllers(options.controllers ?? ['*'], controllerDefinitions),
    });
    return manager.run(signal);
  }

  #runScheduler(options: ClusterOptions, random: Random, log: Logger, signal: AbortSignal): Promise<void> {
    const client = this.#clientAs(options, schedulerUser, 'kube-scheduler');
    const world = { client, clock: this.clock, random, log: log.named('kube-scheduler') };
    const recorder = new SeriesEventRecorder({
      ...world,
      reportingController: 'default-scheduler',
      reportingInstance: 'default-scheduler',
    });
    return new Scheduler({ ...world, recorder }).run(signal).finally(() => recorder.stop());
  }

  async #startNodes(options: ClusterOptions, random: Random, log: Logger): Promise<void> {
    const { nodes = 1, simulation = {}, transport } = options;
    this.#nodes = await SimulatedNodes.start({
      ...simulation,
      count: nodes,
      clientFor: (name) => this.#clientAs(options, nodeUser(name), 'kubelet'),
      sharedClient: transport === undefined ? this.#clientAs(options, adminUser, 'kubelet') : undefined,
      clock: this.clock,
      random,
      log: log.named('kubelet'),
      podCIDR,
    });
  }

  /** One that is started again goes on with the clients that it had. */
  #clientAs({ transport }: ClusterOptions, user: UserInfo, agent: string): Client {
    const key = `${user.username} ${agent}`;
    let client = this.#clients.get(key);
    if (client === undefined) {
      const wrap = transport && ((carried: Transport): Transport => transport(carried, user, this.clock));
      this.#clients.set(key, (client = this.#server.clientAs(user, agent, wrap)));
    }
    return client;
  }
}
