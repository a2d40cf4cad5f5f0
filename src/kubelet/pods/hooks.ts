import type { Container, LifecycleHandler, Pod } from '../../api/types/core.v1.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { RuntimeService } from '../contract.ts';

/** A container's lifecycle hook that failed; the message is for the event. */
export class HookError extends Error {
  override name = 'HookError';
}

/** What hooks need of the network. */
export interface HookNetwork {
  /** Throws a HookError for an answer that is none, or not a good one. */
  httpGet(
    action: NonNullable<LifecycleHandler['httpGet']>,
    pod: Pod,
    container: Container,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Runs lifecycle hooks (https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/). */
export class HookRunner {
  readonly #runtime: RuntimeService;
  readonly #clock: Clock;
  readonly #network: HookNetwork;

  constructor(runtime: RuntimeService, clock: Clock, network: HookNetwork) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#network = network;
  }

  /** Throws a HookError, or the signal's reason. */
  async run(
    containerId: string,
    pod: Pod,
    container: Container,
    handler: LifecycleHandler,
    signal: AbortSignal,
  ): Promise<void> {
    if (handler.exec !== undefined) {
      const command = handler.exec.command ?? [];
      const { exitCode, stdout, stderr } = await this.#runtime.execSync(containerId, command, 0, signal);
      if (exitCode === 0) return;
      const output = Buffer.concat([stdout, stderr]).toString('utf8');
      throw new HookError(`command '${command.join(' ')}' exited with ${exitCode}: ${output}`);
    }
    if (handler.sleep !== undefined) return this.#clock.sleep(handler.sleep.seconds * 1000, signal);
    if (handler.httpGet !== undefined) return this.#network.httpGet(handler.httpGet, pod, container, signal);
    throw new HookError('invalid handler: it names no action');
  }
}
