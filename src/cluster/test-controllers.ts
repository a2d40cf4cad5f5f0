import type { Client } from '../client/client.ts';
import { ConnectionError } from '../client/contract.ts';
import type { ControllerDefinition } from '../controllers/contract.ts';
import { ControllerManager } from '../controllers/manager.ts';
import { defaultControllerManagerOptions } from '../controllers/options.ts';
import { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { controllerManagerUser, serviceAccountUser } from './users.ts';
import type { VirtualControlPlane } from './virtual-control-plane.ts';

/** Controllers that can be killed, and started again with nothing remembered, and whose requests fail at times. */
export class FlakyControllers {
  readonly #plane: VirtualControlPlane;
  readonly #random: Random;
  readonly #definitions: readonly ControllerDefinition[];
  /** How often a request is lost, and an answer. */
  failureRate = 0.1;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(plane: VirtualControlPlane, random: Random, definitions: readonly ControllerDefinition[]) {
    this.#plane = plane;
    this.#random = random;
    this.#definitions = definitions;
  }

  start(): void {
    const { server, clock } = this.#plane;
    const random = this.#random;
    const manager = new ControllerManager({
      client: server.clientAs(controllerManagerUser, 'kube-controller-manager'),
      clientFor: (name) => this.#flaky(server.clientAs(serviceAccountUser('kube-system', name), name)),
      clock,
      random,
      log: Logger.silent,
      options: defaultControllerManagerOptions,
      definitions: this.#definitions,
    });
    this.#stop = new AbortController();
    this.#running = manager.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #flaky(client: Client): Client {
    const { rest } = client;
    const request = rest.request.bind(rest);
    const isLost = (): boolean => this.#random.float() < this.failureRate;
    rest.request = async <T>(...args: Parameters<typeof request>): Promise<T> => {
      if (isLost()) throw new ConnectionError('the request is lost');
      const answer = await request<T>(...args);
      if (isLost()) throw new ConnectionError('the answer is lost');
      return answer;
    };
    return client;
  }
}
