import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { EventRecorder, EventType } from '../../client/event-recorder.ts';
import type { Clock } from '../../machinery/clock.ts';
import { formatDurationMs } from '../../machinery/duration.ts';
import type { PodSandboxConfig, Runtime } from '../contract.ts';
import { Backoff } from './backoff.ts';
import { containerConfigOf, type EnvironmentSource } from './configs.ts';
import type { HookRunner } from './hooks.ts';
import type { ImagePuller } from './image-puller.ts';
import { containerReference, formatPod } from './pod-names.ts';
import { latestContainer, type PodRuntimeStatus } from './runtime-status.ts';
import { messageOf, StartFailure } from './start-failure.ts';

/** Upstream's numbers (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy). */
const baseBackoffMs = 10_000;
const maxBackoffMs = 300_000;

export interface ContainerStarterOptions {
  readonly runtime: Runtime;
  readonly images: ImagePuller;
  readonly environment: EnvironmentSource;
  readonly hooks: HookRunner;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

/** A Pod whose sandbox is there. */
export interface StartTarget {
  readonly pod: Pod;
  readonly sandboxId: string;
  readonly sandboxConfig: PodSandboxConfig;
  readonly runtimeStatus: PodRuntimeStatus;
  readonly podIPs: readonly string[];
}

/** Starts containers: image, creation, start, hook after the start; puts off those that crash again and again. */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;
  readonly #backoff: Backoff;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.clock, baseBackoffMs, maxBackoffMs);
  }

  /** Throws a StartFailure, or the signal's reason. */
  async start(target: StartTarget, container: Container, signal: AbortSignal): Promise<void> {
    const { runtime, images } = this.#options;
    const { pod, sandboxConfig, sandboxId, runtimeStatus } = target;
    this.#checkBackoff(target, container);
    const imageRef = await images.ensure(pod, container, sandboxConfig, signal).catch((error: unknown) => {
      if (error instanceof StartFailure) this.#tell(pod, container, 'Warning', 'Failed', `Error: ${error.reason}`);
      throw error;
    });
    const attempt = (latestContainer(runtimeStatus, container.name)?.metadata.attempt ?? -1) + 1;
    const environment = await this.#fails(pod, container, 'CreateContainerConfigError', signal, () =>
      this.#options.environment.prepare(pod, container, target.podIPs, signal),
    );
    const config = containerConfigOf(pod, container, attempt, imageRef, environment);
    const id = await this.#fails(pod, container, 'CreateContainerError', signal, () =>
      runtime.createContainer(sandboxId, config, sandboxConfig, signal),
    );
    this.#tell(pod, container, 'Normal', 'Created', 'Container created');
    await this.#fails(pod, container, 'RunContainerError', signal, () => runtime.startContainer(id, signal));
    this.#tell(pod, container, 'Normal', 'Started', 'Container started');
    await this.#afterStart(pod, container, id, signal);
  }

  /** The Pod is gone. */
  forget(podUid: string): void {
    this.#backoff.forget((key) => key.startsWith(`${podUid}/`));
    this.#options.images.forget(podUid);
  }

  #checkBackoff({ pod, runtimeStatus }: StartTarget, container: Container): void {
    const last = runtimeStatus.containers.find(
      ({ metadata, state }) => metadata.name === container.name && state === 'CONTAINER_EXITED',
    );
    if (last === undefined) return;
    const finishedMs = Number(last.finishedAt / 1_000_000n);
    const key = `${pod.metadata.uid}/${container.name}`;
    const remainingMs = this.#backoff.remainingMs(key, finishedMs);
    if (remainingMs === 0) {
      this.#backoff.next(key, finishedMs);
      return;
    }
    const text = `Back-off restarting failed container ${container.name} in pod ${formatPod(pod)}`;
    this.#tell(pod, container, 'Warning', 'BackOff', text);
    const delay = formatDurationMs(this.#backoff.delayMs(key));
    const message = `back-off ${delay} restarting failed container=${container.name} pod=${formatPod(pod)}`;
    throw new StartFailure('CrashLoopBackOff', message, remainingMs);
  }

  async #afterStart(pod: Pod, container: Container, id: string, signal: AbortSignal): Promise<void> {
    const handler = container.lifecycle?.postStart;
    if (handler === undefined) return;
    const { hooks, runtime } = this.#options;
    try {
      await hooks.run(id, pod, container, handler, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#tell(pod, container, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
      await runtime.stopContainer(id, pod.spec.terminationGracePeriodSeconds ?? 0, signal);
      throw new StartFailure('PostStartHookError', messageOf(error));
    }
  }

  async #fails<T>(
    pod: Pod,
    container: Container,
    reason: string,
    signal: AbortSignal,
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted) throw error;
      this.#tell(pod, container, 'Warning', 'Failed', `Error: ${messageOf(error)}`);
      throw new StartFailure(reason, messageOf(error));
    }
  }

  #tell(pod: Pod, container: Container, type: EventType, reason: string, message: string): void {
    this.#options.events.eventOf(containerReference(pod, container), type, reason, message);
  }
}
