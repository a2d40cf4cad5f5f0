import type { Client } from '../client/client.ts';
import type { ControllerDefinition } from '../controllers/contract.ts';
import { ControllerManager } from '../controllers/manager.ts';
import { defaultControllerManagerOptions, type ControllerManagerOptions } from '../controllers/options.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { EmbeddedApiServer } from './embedded-api-server.ts';
import { settle } from './settle.ts';
import { adminUser, controllerManagerUser, serviceAccountUser } from './users.ts';

export interface VirtualControlPlaneOptions {
  readonly controllers: readonly ControllerDefinition[];
  readonly seed?: string;
  readonly options?: Partial<ControllerManagerOptions>;
  /** Of kube-apiserver. */
  readonly flags?: readonly string[];
  readonly log?: Logger;
}

/** An API server and some controllers on a clock that moves only when it is told to: for tests of controllers. */
export class VirtualControlPlane {
  readonly clock: VirtualClock;
  /** May do everything. */
  readonly client: Client;
  readonly server: EmbeddedApiServer;
  readonly manager: ControllerManager;
  readonly #stop: AbortController;
  readonly #running: Promise<void>;

  private constructor(
    parts: Pick<VirtualControlPlane, 'clock' | 'server' | 'manager'>,
    stop: AbortController,
    running: Promise<void>,
  ) {
    this.clock = parts.clock;
    this.server = parts.server;
    this.manager = parts.manager;
    this.client = parts.server.clientAs(adminUser, 'test');
    this.#stop = stop;
    this.#running = running;
  }

  static async start(options: VirtualControlPlaneOptions): Promise<VirtualControlPlane> {
    const { controllers, seed = 'control plane', flags = [], log = Logger.silent } = options;
    const random = seededRandom(seed);
    const started: { server?: EmbeddedApiServer } = {};
    const clock = new VirtualClock({ settle: () => settle(() => started.server?.isIdle ?? true) });
    const server = await EmbeddedApiServer.start({ clock, random, log, flags });
    started.server = server;
    const manager = new ControllerManager({
      client: server.clientAs(controllerManagerUser, 'kube-controller-manager'),
      clientFor: (name) => server.clientAs(serviceAccountUser('kube-system', name), `kube-controller-manager/${name}`),
      clock,
      random,
      log,
      options: { ...defaultControllerManagerOptions, ...options.options },
      definitions: controllers,
    });
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    running.catch(() => {});
    const plane = new VirtualControlPlane({ clock, server, manager }, stop, running);
    await plane.settle();
    return plane;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  /** Rejects when a controller failed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.server.close();
  }
}
