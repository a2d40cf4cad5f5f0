import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { pods } from '../../client/resources.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Random } from '../../machinery/random.ts';
import type { Runtime } from '../contract.ts';
import type { WaitingReason } from '../status/container-statuses.ts';
import type { PodActions } from './actions.ts';
import { sandboxConfigOf, type EnvironmentSource } from './configs.ts';
import type { ContainerKiller } from './container-killer.ts';
import type { ContainerStarter, StartTarget } from './container-starter.ts';
import { isRunning, readPodRuntimeStatus, type PodRuntimeStatus } from './runtime-status.ts';
import { messageOf, StartFailure } from './start-failure.ts';

export interface PodSyncOptions {
  readonly runtime: Runtime;
  readonly starter: ContainerStarter;
  readonly killer: ContainerKiller;
  readonly environment: EnvironmentSource;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
}

export interface SyncOutcome {
  /** Something was done: the Pod is to be looked at again. */
  hasChanged: boolean;
  /** When what could not be done is tried again; Infinity when nothing failed. */
  retryAfterMs: number;
}

interface Waiting extends WaitingReason {
  /** Of the monotonic clock: not to be tried before. */
  readonly untilMs: number;
}

/** Upstream's `backOffPeriod`, and by how much of itself it may be longer. */
const retryMs = 10_000;
const retryJitter = 0.5;

/** Does for one Pod what was computed, in upstream's order. */
export class PodSync {
  readonly #options: PodSyncOptions;
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: PodSyncOptions) {
    this.#options = options;
  }

  /** Why a container has not been started. */
  waiting(containerName: string): WaitingReason | undefined {
    return this.#waiting.get(containerName);
  }

  /** What failed may be tried again at once: the Pod's spec has changed. */
  retryNow(): void {
    for (const [name, waiting] of this.#waiting) this.#waiting.set(name, { ...waiting, untilMs: 0 });
  }

  /** Throws the runtime's errors about the sandbox, and the signal's reason. */
  async apply(pod: Pod, actions: PodActions, status: PodRuntimeStatus, signal: AbortSignal): Promise<SyncOutcome> {
    const { killer, events } = this.#options;
    if (actions.createSandbox && actions.sandboxId !== undefined) {
      const text = 'Pod sandbox changed, it will be killed and re-created.';
      events.event(pods, pod, 'Normal', 'SandboxChanged', text);
    }
    if (actions.killPod) await killer.killPod(pod, status, undefined, signal);
    else await Promise.all(actions.containersToKill.map((each) => killer.killOne(pod, each, signal)));
    const isAnythingUp =
      status.containers.some((container) => isRunning(container)) ||
      status.sandboxes.some(({ state }) => state === 'SANDBOX_READY');
    const hasChanged = (actions.killPod && isAnythingUp) || actions.containersToKill.length > 0;
    const outcome: SyncOutcome = { hasChanged, retryAfterMs: Infinity };
    if (actions.killPod && !actions.createSandbox) return outcome;
    const sandboxId = actions.createSandbox ? await this.#createSandbox(pod, actions, signal) : actions.sandboxId;
    const { ephemeralContainersToStart, initContainersToStart, containersToStart } = actions;
    const toStart = [...ephemeralContainersToStart, ...initContainersToStart, ...containersToStart];
    if (sandboxId === undefined || toStart.length === 0) return outcome;
    // Kills and the new sandbox have changed what is there.
    const uid = pod.metadata.uid ?? '';
    const isStale = outcome.hasChanged || actions.createSandbox;
    const runtimeStatus = isStale ? await readPodRuntimeStatus(this.#options.runtime, uid) : status;
    const sandboxConfig = sandboxConfigOf(pod, actions.attempt);
    const target = { pod, sandboxId, sandboxConfig, runtimeStatus, podIPs: runtimeStatus.ips };
    for (const container of toStart) await this.#start(target, container, outcome, signal);
    return outcome;
  }

  /** Ends everything of the Pod; see `ContainerKiller.killPod`. */
  kill(pod: Pod, status: PodRuntimeStatus, graceSeconds: number | undefined, signal: AbortSignal): Promise<void> {
    return this.#options.killer.killPod(pod, status, graceSeconds, signal);
  }

  async #createSandbox(pod: Pod, { attempt }: PodActions, signal: AbortSignal): Promise<string> {
    const { runtime, events, environment } = this.#options;
    const config = sandboxConfigOf(pod, attempt);
    await environment.preparePod?.(pod, config, signal);
    try {
      return await runtime.runPodSandbox(config, '', signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const text = `Failed to create pod sandbox: ${messageOf(error)}`;
      events.event(pods, pod, 'Warning', 'FailedCreatePodSandBox', text);
      throw error;
    }
  }

  async #start(target: StartTarget, container: Container, outcome: SyncOutcome, signal: AbortSignal): Promise<void> {
    const { starter, clock } = this.#options;
    const remainingMs = (this.#waiting.get(container.name)?.untilMs ?? 0) - clock.monotonicMs();
    if (remainingMs > 0) {
      outcome.retryAfterMs = Math.min(outcome.retryAfterMs, remainingMs);
      return;
    }
    try {
      await starter.start(target, container, signal);
      this.#waiting.delete(container.name);
      outcome.hasChanged = true;
      await this.#prune(target, container);
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      const { reason, message, retryAfterMs = this.usualDelayMs() } = error;
      this.#waiting.set(container.name, { reason, message, untilMs: clock.monotonicMs() + retryAfterMs });
      outcome.retryAfterMs = Math.min(outcome.retryAfterMs, retryAfterMs);
    }
  }

  /** After which something that failed is tried again. */
  usualDelayMs(): number {
    return retryMs * (1 + retryJitter * this.#options.random.float());
  }

  /** Of a container's earlier runs the last one stays: its logs can be read, its end is in the status. */
  async #prune({ runtimeStatus }: StartTarget, { name }: Container): Promise<void> {
    const [, ...older] = runtimeStatus.containers.filter(({ metadata }) => metadata.name === name);
    for (const { id } of older) await this.#options.runtime.removeContainer(id);
  }
}
