import type { Node, Pod } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import { CoreEventRecorder } from '../client/event-recorder.ts';
import { pods } from '../client/resources.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import { quote } from '../machinery/quote.ts';
import type { Random } from '../machinery/random.ts';
import { PodAdmission } from './admission.ts';
import { ContainerLogsError, loggedContainerId, runningContainerId } from './container-lookup.ts';
import {
  RuntimeError,
  type ExecOptions,
  type ExecStreams,
  type LogLine,
  type LogOptions,
  type Runtime,
} from './contract.ts';
import type { Machine } from './node/contract.ts';
import { NodeReporter } from './node/node-reporter.ts';
import type { EnvironmentSource } from './pods/configs.ts';
import { ContainerKiller } from './pods/container-killer.ts';
import { ContainerStarter } from './pods/container-starter.ts';
import { HookRunner, type HookNetwork } from './pods/hooks.ts';
import { ImagePuller } from './pods/image-puller.ts';
import { PodWorker, type PodWorkerOptions } from './pods/pod-worker.ts';
import type { Prober } from './probes/contract.ts';
import { RelistingEvents } from './relisting-events.ts';
import type { NodeSource, PodSource } from './sources.ts';
import { StatusManager } from './status/status-manager.ts';

export interface KubeletOptions {
  /** In the name of `system:node:<node>`. */
  readonly client: Client;
  readonly machine: Machine;
  readonly runtime: Runtime;
  readonly prober: Prober;
  readonly environment: EnvironmentSource;
  readonly hookNetwork: HookNetwork;
  readonly pods: PodSource;
  readonly node: NodeSource;
  readonly clock: Clock;
  /** For heartbeats; see `CoarseClock`. Default: the clock. */
  readonly timers?: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The agent of one node: registers it, keeps its status, and runs the Pods that are bound to it. */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #stop = new AbortController();
  readonly #events: CoreEventRecorder;
  readonly #reporter: NodeReporter;
  readonly #admission = new PodAdmission();
  readonly #statuses: StatusManager;
  readonly #workers = new Map<string, PodWorker>();
  #worker: Omit<PodWorkerOptions, 'onGone' | 'onTerminated'> | undefined;
  #podCIDR: string | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: KubeletOptions) {
    const { client, machine, clock, random, log, runtime, timers = clock } = options;
    this.#options = options;
    this.#events = new CoreEventRecorder({
      client,
      clock,
      random,
      log,
      component: 'kubelet',
      host: machine.nodeName,
    });
    this.#reporter = new NodeReporter({ client, machine, runtime, events: this.#events, clock, timers, random, log });
    this.#statuses = new StatusManager({ client, clock, log, signal: this.#stop.signal });
  }

  /** Resolves when the node is registered and its Pods are being looked after; `ended` tells of the rest. */
  async start(): Promise<void> {
    const { runtime, pods: source, node: nodeSource, machine, clock, log } = this.#options;
    const { signal } = this.#stop;
    const { runtimeName } = await runtime.version(signal);
    const reference = { kind: 'Node', apiVersion: 'v1', name: machine.nodeName, uid: machine.nodeName };
    this.#events.eventOf(reference, 'Normal', 'Starting', 'Starting kubelet.');
    this.#observe(await this.#reporter.register(signal));
    this.#worker = this.#workerOptions(runtimeName);
    const heartbeat = this.#reporter.run(signal);
    await source.synced;
    const initial: Pod[] = [];
    let add = (pod: Pod): unknown => initial.push(pod);
    const endPods = source.addHandlers({
      added: (pod) => add(pod),
      updated: (pod) => this.#update(pod),
      deleted: (pod) => this.#workers.get(pod.metadata.uid ?? '')?.remove(),
    });
    add = (pod) => this.#add(pod);
    // Those that have been here longest have the first claim to the node's resources.
    for (const pod of initial.toSorted(byCreation)) this.#add(pod);
    const endNode = nodeSource.addHandlers({
      added: (node) => this.#observe(node),
      updated: (node) => this.#observe(node),
    });
    const changes = runtime.onPodChange === undefined ? new RelistingEvents(runtime, clock, log) : undefined;
    const wake = (podUid: string): void => this.#workers.get(podUid)?.wake();
    const endRuntime = runtime.onPodChange?.(wake) ?? changes?.start(wake);
    this.#ended = heartbeat.finally(() => {
      endPods();
      endNode();
      endRuntime?.();
    });
    await this.#removeOrphans();
  }

  /** Ends the kubelet; what runs goes on running, as when a kubelet is restarted. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#events.stop();
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
    await this.#ended;
    await this.#statuses.settled();
    await this.#events.flush();
  }

  /**
   * What a container has written. Throws a ContainerLogsError with upstream's text when there is nothing to read yet.
   * @param previous Of the run before the present one.
   */
  logs(
    namespace: string,
    podName: string,
    containerName: string,
    { previous = false, ...options }: LogOptions & { readonly previous?: boolean } = {},
    signal?: AbortSignal,
  ): AsyncIterable<LogLine> {
    const worker = this.#workerOf(namespace, podName);
    if (worker === undefined) {
      throw new ContainerLogsError(`pod ${quote(podName)} cannot be found - no logs available`);
    }
    const id = loggedContainerId(podName, worker.status, containerName, previous);
    return this.#options.runtime.logs(id, options, signal);
  }

  /** Runs a command in a container. Resolves with its exit code. Throws a RuntimeError of code NotFound. */
  async exec(
    namespace: string,
    podName: string,
    containerName: string,
    options: ExecOptions,
    streams: ExecStreams,
    signal?: AbortSignal,
  ): Promise<number> {
    const status = this.#workerOf(namespace, podName)?.status;
    const containerId = status === undefined ? undefined : runningContainerId(status, containerName);
    if (containerId === undefined) throw new RuntimeError('NotFound', `container not found (${quote(containerName)})`);
    return this.#options.runtime.exec(containerId, options, streams, signal);
  }

  #workerOf(namespace: string, podName: string): PodWorker | undefined {
    for (const worker of this.#workers.values()) {
      const { metadata } = worker.pod;
      if (metadata.name === podName && metadata.namespace === namespace) return worker;
    }
    return undefined;
  }

  get podCount(): number {
    return this.#workers.size;
  }

  /** What runs of Pods that were deleted while no kubelet was there. */
  async #removeOrphans(): Promise<void> {
    const { runtime, log } = this.#options;
    try {
      for (const { id, metadata } of await runtime.listPodSandbox({}, this.#stop.signal)) {
        if (this.#workers.has(metadata.uid)) continue;
        await runtime.stopPodSandbox(id, this.#stop.signal);
        await runtime.removePodSandbox(id, this.#stop.signal);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) log.error('Pods that are no more could not be removed', error);
    }
  }

  #workerOptions(runtimeName: string): Omit<PodWorkerOptions, 'onGone' | 'onTerminated'> {
    const { client, runtime, prober, clock, random, log, environment, hookNetwork, machine } = this.#options;
    const events = this.#events;
    const hooks = new HookRunner(runtime, clock, hookNetwork);
    const images = new ImagePuller(runtime, events, clock);
    const hostIPs = machine.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
    return {
      client,
      runtime,
      prober,
      clock,
      random,
      log,
      events,
      runtimeName,
      statuses: this.#statuses,
      environment,
      starter: new ContainerStarter({ runtime, images, environment, hooks, events, clock }),
      killer: new ContainerKiller({ runtime, hooks, events, clock, log }),
      hostIPs: () => hostIPs,
    };
  }

  #observe(node: Node): void {
    this.#reporter.observe(node);
    const { podCIDR } = node.spec ?? {};
    if (podCIDR === undefined || podCIDR === '' || podCIDR === this.#podCIDR) return;
    this.#podCIDR = podCIDR;
    const { runtime, log } = this.#options;
    runtime
      .updateRuntimeConfig({ networkConfig: { podCidr: podCIDR } })
      .then(() => this.#reporter.report(this.#stop.signal))
      .catch((error: unknown) => log.v(2)?.info('The pod network could not be set', { error: String(error) }));
  }

  #add(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const known = this.#workers.get(uid);
    if (known !== undefined) {
      known.update(pod);
      return;
    }
    const { node } = this.#reporter;
    if (this.#worker === undefined || node === undefined || this.#stop.signal.aborted) return;
    const worker = new PodWorker(pod, {
      ...this.#worker,
      onTerminated: (podUid) => this.#admission.release(podUid),
      onGone: (podUid) => this.#forget(podUid),
    });
    this.#workers.set(uid, worker);
    const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    const rejection = isOver ? undefined : this.#admission.admit(pod, node);
    if (rejection !== undefined) {
      this.#events.event(pods, pod, 'Warning', rejection.reason, rejection.message);
      worker.reject(rejection.reason, rejection.message);
    }
    // One that is to go already goes.
    worker.update(pod);
    worker.wake();
  }

  #update(pod: Pod): void {
    const worker = this.#workers.get(pod.metadata.uid ?? '');
    if (worker === undefined) return this.#add(pod);
    this.#statuses.observe(pod);
    if (worker.pod.metadata.generation !== pod.metadata.generation) this.#admission.resized(pod);
    worker.update(pod);
  }

  #forget(podUid: string): void {
    this.#workers.delete(podUid);
    this.#admission.release(podUid);
    this.#statuses.forget(podUid);
    this.#worker?.starter.forget(podUid);
  }
}

function byCreation({ metadata: a }: Pod, { metadata: b }: Pod): number {
  return Date.parse(a.creationTimestamp ?? '') - Date.parse(b.creationTimestamp ?? '');
}
