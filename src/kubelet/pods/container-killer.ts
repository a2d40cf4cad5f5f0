import { isSidecar } from '../../api/core/pod-resources.ts';
import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import type { RuntimeService } from '../contract.ts';
import { ephemeralContainers, type ContainerToKill, type KillReason } from './actions.ts';
import type { HookRunner } from './hooks.ts';
import { containerReference } from './pod-names.ts';
import { isRunning, type PodRuntimeStatus } from './runtime-status.ts';
import { messageOf } from './start-failure.ts';

/** Upstream's: what a container has to end in when hooks have used up its time. */
const minGraceSeconds = 2;
const defaultGraceSeconds = 30;

export interface ContainerKillerOptions {
  readonly runtime: RuntimeService;
  readonly hooks: HookRunner;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Ends containers: hook before the end, request, and force when the time is over. */
export class ContainerKiller {
  readonly #options: ContainerKillerOptions;

  constructor(options: ContainerKillerOptions) {
    this.#options = options;
  }

  /** Ends one container of a Pod that goes on. */
  async killOne(pod: Pod, { id, container, message, reason }: ContainerToKill, signal: AbortSignal): Promise<void> {
    await this.#kill(pod, container, id, message, graceOf(pod, container, reason), undefined, signal);
  }

  /**
   * Ends all that runs, at once but for sidecars: these end after the containers, in the reverse of their order
   * (KEP-753). Then takes the sandboxes down.
   * @param graceSeconds Undefined: what the Pod says.
   */
  async killPod(
    pod: Pod,
    status: PodRuntimeStatus,
    graceSeconds: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime } = this.#options;
    const running = status.containers.filter((container) => isRunning(container));
    const order = new TerminationOrder(pod, running);
    await Promise.all(
      running.map(async ({ id, metadata: { name } }) => {
        const container = containerNamed(pod, name);
        const grace = graceSeconds ?? graceOf(pod, container, '');
        const message = `Stopping container ${name}`;
        await this.#kill(pod, container, id, message, grace, order, signal);
        order.ended(id);
      }),
    );
    for (const { id } of status.sandboxes) await runtime.stopPodSandbox(id, signal);
  }

  async #kill(
    pod: Pod,
    container: Container,
    id: string,
    message: string,
    graceSeconds: number,
    order: TerminationOrder | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, clock, events } = this.#options;
    const endMs = clock.monotonicMs() + graceSeconds * 1000;
    const leftMs = (): number => Math.max(0, endMs - clock.monotonicMs());
    events.eventOf(containerReference(pod, container), 'Normal', 'Killing', message);
    if (container.lifecycle?.preStop !== undefined && graceSeconds > 0) {
      await this.#beforeStop(pod, container, id, leftMs(), signal);
    }
    if (order !== undefined && leftMs() > 0) await order.turnOf(id, clock, leftMs(), signal);
    await runtime.stopContainer(id, Math.max(Math.ceil(leftMs() / 1000), minGraceSeconds), signal);
  }

  async #beforeStop(pod: Pod, container: Container, id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const handler = container.lifecycle?.preStop;
    if (handler === undefined) return;
    const { hooks, events, clock, log } = this.#options;
    const timeout = new AbortController();
    const timer = clock.setTimeout(() => timeout.abort(), timeoutMs);
    try {
      await hooks.run(id, pod, container, handler, AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      if (signal.aborted) throw error;
      // A hook that takes too long has had its time; the container ends all the same.
      if (timeout.signal.aborted) {
        log.v(2)?.info('A PreStop hook did not end in time', { pod: pod.metadata.name, container: container.name });
        return;
      }
      events.eventOf(containerReference(pod, container), 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
      log.v(2)?.info('A PreStop hook failed', { container: container.name, error: messageOf(error) });
    } finally {
      timer.cancel();
    }
  }
}

function containerNamed({ spec }: Pod, name: string): Container {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...ephemeralContainers(spec)];
  return all.find((container) => container.name === name) ?? { name };
}

/** How long a container may take to end, in seconds. */
export function graceOf({ metadata, spec }: Pod, container: Container, reason: KillReason): number {
  const probe =
    reason === 'livenessProbe'
      ? container.livenessProbe
      : reason === 'startupProbe'
        ? container.startupProbe
        : undefined;
  if (metadata.deletionGracePeriodSeconds !== undefined) return metadata.deletionGracePeriodSeconds;
  return probe?.terminationGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? defaultGraceSeconds;
}

/** Who waits for whom: a sidecar for the containers, and for the sidecars after it. */
class TerminationOrder {
  readonly #ends = new Map<string, PromiseWithResolvers<void>>();
  readonly #after = new Map<string, readonly string[]>();

  constructor({ spec }: Pod, running: PodRuntimeStatus['containers']) {
    const sidecars = (spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
    for (const { id } of running) this.#ends.set(id, Promise.withResolvers());
    for (const { id, metadata } of running) {
      const position = sidecars.indexOf(metadata.name);
      if (position < 0) continue;
      const before = running.filter((other) => {
        const place = sidecars.indexOf(other.metadata.name);
        return place < 0 || place > position;
      });
      this.#after.set(
        id,
        before.map((other) => other.id),
      );
    }
  }

  ended(id: string): void {
    this.#ends.get(id)?.resolve();
  }

  /** Resolves when its turn has come, or the time is over. */
  async turnOf(id: string, clock: Clock, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const before = this.#after.get(id) ?? [];
    if (before.length === 0) return;
    const stop = new AbortController();
    const timeout = clock.sleep(timeoutMs, AbortSignal.any([signal, stop.signal]));
    timeout.catch(() => {});
    try {
      await Promise.race([Promise.all(before.map((other) => this.#ends.get(other)?.promise)), timeout]);
    } finally {
      stop.abort();
    }
  }
}
