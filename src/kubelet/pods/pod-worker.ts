import type { Pod, PodStatus } from '../../api/types/core.v1.ts';
import { pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Timer } from '../../machinery/clock.ts';
import { formatTime } from '../../machinery/time.ts';
import { PodProbes } from '../probes/pod-probes.ts';
import { generatePodStatus, type Verdict } from '../status/pod-status.ts';
import { activeDeadlineMs, deadlineExceeded } from './active-deadline.ts';
import { computePodActions } from './actions.ts';
import { PodSync, type PodSyncOptions } from './pod-sync.ts';
import { isRunning, readPodRuntimeStatus, type PodRuntimeStatus } from './runtime-status.ts';
import { messageOf } from './start-failure.ts';
import type { StatusManager } from '../status/status-manager.ts';
import type { Prober } from '../probes/contract.ts';
import type { Client } from '../../client/client.ts';
import type { Logger } from '../../machinery/logging.ts';

export interface PodWorkerOptions extends PodSyncOptions {
  readonly client: Client;
  readonly statuses: StatusManager;
  readonly prober: Prober;
  readonly log: Logger;
  readonly runtimeName: string;
  hostIPs(): readonly string[];
  /** The Pod has left the API and the runtime. */
  onGone(podUid: string): void;
  /** It will use the node's resources no more. */
  onTerminated(podUid: string): void;
}

/** Made once: an abort without a reason makes an exception with its stack each time. */
const ended = new Error('the pod worker has ended');
const superseded = new Error('something more urgent came');

/** More rounds without a pause than any Pod needs would be a loop without end: the next one waits. */
const maxRounds = 100;

type Stage = 'running' | 'terminating' | 'terminated';

/**
 * Brings one Pod's containers to what its spec says, and its status to what its containers are. One thing at a time:
 * whatever happens meanwhile is looked at afterwards. A Pod only ever goes on from running to terminating to terminated.
 */
export class PodWorker {
  readonly #options: PodWorkerOptions;
  readonly #sync: PodSync;
  readonly #probes: PodProbes;
  readonly #stop = new AbortController();
  #pod: Pod;
  #status: PodStatus;
  #stage: Stage = 'running';
  #verdict: Verdict | undefined;
  #isRemoved = false;
  /** The API knows that nothing runs any more; finalizers may still keep it. */
  #isReleased = false;
  #isDirty = false;
  #running: Promise<void> | undefined;
  /** Ends what is under way when something more urgent came. */
  #current = new AbortController();
  #graceSeconds: number | undefined;
  #timer: Timer | undefined;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.#pod = pod;
    this.#status = pod.status ?? {};
    this.#options = options;
    this.#sync = new PodSync(options);
    this.#probes = new PodProbes(pod, { ...options, onChange: () => this.#onProbe() });
  }

  /** The Pod as the API has it. */
  update(pod: Pod): void {
    const old = this.#pod;
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#terminate(pod.metadata.deletionGracePeriodSeconds);
      if (this.#stage === 'terminated') this.wake();
    }
    if (!isDifferent(old, pod)) return;
    if (old.metadata.generation !== pod.metadata.generation) this.#sync.retryNow();
    this.wake();
  }

  /** The API has it no more: its containers must go, however it was deleted. */
  remove(): void {
    this.#isRemoved = true;
    this.#terminate(undefined);
    this.wake();
  }

  /** The Pod is refused: it fails without ever having run. */
  reject(reason: string, message: string): void {
    const { statuses } = this.#options;
    const { generation } = this.#pod.metadata;
    this.#stage = 'terminated';
    const startTime = this.#status.startTime ?? formatTime(this.#options.clock.now());
    const rejection = { phase: 'Failed' as const, reason, message: `Pod was rejected: ${message}`, startTime };
    const { conditions, qosClass } = this.#pod.status ?? {};
    this.#status = {
      ...rejection,
      ...(conditions === undefined ? {} : { conditions }),
      ...(qosClass === undefined ? {} : { qosClass }),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
    statuses.set(this.#pod, this.#status);
    this.wake();
  }

  /** Something may have changed: the Pod is looked at. */
  wake(): void {
    this.#isDirty = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isDirty && !this.#stop.signal.aborted) this.wake();
    });
  }

  /** Ends the worker and leaves the containers as they are. */
  async stop(): Promise<void> {
    this.#stop.abort(ended);
    this.#current.abort(superseded);
    this.#timer?.cancel();
    this.#probes.stop();
    await this.#running;
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** What was last found out about it, which may not have been written yet. */
  get status(): PodStatus {
    return this.#status;
  }

  #terminate(graceSeconds: number | undefined): void {
    if (this.#stage === 'terminated') return;
    const isShorter = graceSeconds !== undefined && graceSeconds < (this.#graceSeconds ?? Infinity);
    if (isShorter) this.#graceSeconds = graceSeconds;
    if (this.#stage === 'terminating' && !isShorter) return;
    this.#stage = 'terminating';
    this.#current.abort(superseded);
    this.wake();
  }

  /** While containers end, what probes say of them is shown all the same: traffic must not go where nobody is ready. */
  #onProbe(): void {
    if (this.#stage !== 'terminating') return this.wake();
    const { runtime, log } = this.#options;
    readPodRuntimeStatus(runtime, this.#uid)
      .then((status) => {
        if (this.#stage !== 'terminating') return;
        this.#status = this.#generate(status, false);
        this.#show(this.#status);
      })
      .catch((error: unknown) => log.v(2)?.info('A pod could not be looked at', { error: messageOf(error) }));
  }

  async #run(): Promise<void> {
    for (let rounds = 1; this.#isDirty && !this.#stop.signal.aborted; rounds++) {
      this.#isDirty = false;
      if (rounds > maxRounds) return this.#wakeAfter(this.#sync.usualDelayMs());
      this.#timer?.cancel();
      this.#current = new AbortController();
      const { signal } = this.#current;
      try {
        await this.#step(signal);
      } catch (error) {
        if (signal.aborted) continue;
        const { log } = this.#options;
        log.v(2)?.info('A pod could not be synced', { pod: this.#pod.metadata.name, error: messageOf(error) });
        this.#wakeAfter(this.#sync.usualDelayMs());
      }
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    switch (this.#stage) {
      case 'running':
        return this.#syncRunning(signal);
      case 'terminating':
        return this.#syncTerminating(signal);
      case 'terminated':
        return this.#syncTerminated();
    }
  }

  async #syncRunning(signal: AbortSignal): Promise<void> {
    const { clock, events, statuses, runtime } = this.#options;
    const runtimeStatus = await readPodRuntimeStatus(runtime, this.#uid);
    signal.throwIfAborted();
    this.#verdict ??= deadlineExceeded(this.#pod, this.#status, clock.now());
    if (this.#verdict !== undefined) {
      events.event(pods, this.#pod, 'Normal', this.#verdict.reason, this.#verdict.message);
    }
    const status = this.#generate(runtimeStatus, false);
    const isOver = status.phase === 'Succeeded' || status.phase === 'Failed';
    const hasRunning = runtimeStatus.containers.some((container) => isRunning(container));
    this.#status = status;
    this.#probes.update(status);
    if (isOver) {
      // The phase is final only when nothing runs; without anything that runs that is at once.
      if (hasRunning) this.#show(status);
      this.#stage = 'terminating';
      this.#isDirty = true;
      return;
    }
    statuses.set(this.#pod, status);
    const actions = computePodActions(this.#pod, runtimeStatus, this.#probes);
    const outcome = await this.#sync.apply(this.#pod, actions, runtimeStatus, signal);
    if (outcome.hasChanged) this.#isDirty = true;
    else if (outcome.retryAfterMs < Infinity) {
      this.#status = this.#generate(await readPodRuntimeStatus(runtime, this.#uid), false);
      statuses.set(this.#pod, this.#status);
    }
    this.#wakeAfter(Math.min(outcome.retryAfterMs, activeDeadlineMs(this.#pod, this.#status, clock.now())));
  }

  async #syncTerminating(signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options;
    const before = await readPodRuntimeStatus(runtime, this.#uid);
    this.#probes.stopLiveness();
    this.#status = this.#generate(before, false);
    if (before.containers.some((container) => isRunning(container))) this.#show(this.#status);
    await this.#sync.kill(this.#pod, before, this.#graceSeconds, signal);
    const after = await readPodRuntimeStatus(runtime, this.#uid);
    signal.throwIfAborted();
    if (after.containers.some((container) => isRunning(container))) throw new Error('containers still run');
    this.#probes.stop();
    await this.#options.environment.removePod?.(this.#pod);
    this.#status = this.#generate(after, true);
    this.#stage = 'terminated';
    this.#options.statuses.set(this.#pod, this.#status);
    this.#options.onTerminated(this.#uid);
    this.#isDirty = true;
  }

  async #syncTerminated(): Promise<void> {
    const { client, statuses, runtime } = this.#options;
    const { deletionTimestamp, namespace, name = '', resourceVersion } = this.#pod.metadata;
    if (!this.#isRemoved && deletionTimestamp !== undefined) {
      if (this.#isReleased) return;
      await statuses.flush(this.#uid);
      try {
        const options = { gracePeriodSeconds: 0, preconditions: { uid: this.#uid } };
        await client.causedBy(resourceVersion).delete(pods, namespace, name, options, this.#stop.signal);
      } catch (error) {
        if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
      }
      this.#isReleased = true;
      return;
    }
    if (!this.#isRemoved) return;
    const { sandboxes } = await readPodRuntimeStatus(runtime, this.#uid);
    for (const { id } of sandboxes) await runtime.removePodSandbox(id);
    this.#isDirty = false;
    this.#stop.abort(ended);
    this.#timer?.cancel();
    this.#options.onGone(this.#uid);
  }

  /** While containers run, a Pod is not shown as over. */
  #show(status: PodStatus): void {
    const { phase, reason, message } = this.#pod.status ?? {};
    const isOver = status.phase === 'Succeeded' || status.phase === 'Failed';
    const { reason: _reason, message: _message, ...rest } = status;
    const shown = !isOver
      ? status
      : {
          ...rest,
          ...(phase === undefined ? {} : { phase }),
          ...(reason === undefined ? {} : { reason }),
          ...(message === undefined ? {} : { message }),
        };
    this.#options.statuses.set(this.#pod, shown);
  }

  #generate(runtime: PodRuntimeStatus, isTerminal: boolean): PodStatus {
    const { clock, runtimeName, hostIPs } = this.#options;
    return generatePodStatus({
      pod: this.#pod,
      old: this.#status,
      runtime,
      runtimeName,
      readiness: this.#probes,
      isTerminal,
      verdict: this.#verdict,
      hostIPs: hostIPs(),
      now: formatTime(clock.now()),
      waiting: (name) => this.#sync.waiting(name),
    });
  }

  get #uid(): string {
    return this.#pod.metadata.uid ?? '';
  }

  #wakeAfter(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = delayMs === Infinity ? undefined : this.#options.clock.setTimeout(() => this.wake(), delayMs);
  }
}

/** Whether a change asks for more than to be remembered: our own writes of the status do not. */
function isDifferent(old: Pod, pod: Pod): boolean {
  if (old.metadata.generation !== pod.metadata.generation) return true;
  if (JSON.stringify(old.metadata.annotations) !== JSON.stringify(pod.metadata.annotations)) return true;
  const gates = pod.spec.readinessGates ?? [];
  const statusOf = ({ status }: Pod, type: string): string | undefined =>
    status?.conditions?.find((condition) => condition.type === type)?.status;
  return gates.some(({ conditionType }) => statusOf(old, conditionType) !== statusOf(pod, conditionType));
}
