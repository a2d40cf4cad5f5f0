import type { KubernetesObject } from '../api/contract.ts';
import type { Node, Pod } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { Resource } from '../client/resource.ts';
import { nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../client/resources.ts';
import { hasReason } from '../client/retry-on-conflict.ts';
import type { SeriesEventRecorder } from '../client/series-event-recorder.ts';
import { SharedInformers } from '../client/shared-informers.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { formatTime } from '../machinery/time.ts';
import { SchedulerCache } from './cache.ts';
import { CycleState, type ClusterEvent, type EnabledPlugin } from './contract.ts';
import { fitErrorMessage } from './fit-error.ts';
import { Framework } from './framework.ts';
import { defaultPlugins } from './profile.ts';
import { SchedulingQueue, type QueuedPod } from './queue.ts';
import { aborted } from '../machinery/aborted.ts';

export interface SchedulerOptions {
  readonly client: Client;
  readonly recorder: SeriesEventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Whose Pods it places: those with this `spec.schedulerName`. Default: `default-scheduler`. */
  readonly schedulerName?: string;
  /** Default: `defaultPlugins`. */
  readonly plugins?: readonly EnabledPlugin[];
  /** Upstream's `podInitialBackoffSeconds` and `podMaxBackoffSeconds`. */
  readonly initialBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

/** Finds a node for every Pod that has none (kube-scheduler). */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #name: string;
  readonly #informers: SharedInformers;
  readonly #pods: Informer<Pod>;
  readonly #cache = new SchedulerCache();
  readonly #framework: Framework;
  readonly #queue: SchedulingQueue;
  readonly #bindings = new Set<Promise<void>>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#name = options.schedulerName ?? 'default-scheduler';
    const { client, clock, random, log } = options;
    this.#informers = new SharedInformers({ client, clock, random, log });
    const plugins =
      options.plugins ?? defaultPlugins(this.#cache.columns, { client, informers: this.#informers, clock });
    this.#framework = new Framework(plugins);
    this.#queue = new SchedulingQueue({
      clock,
      initialBackoffMs: options.initialBackoffMs ?? 1_000,
      maxBackoffMs: options.maxBackoffMs ?? 10_000,
      preEnqueue: (pod) => this.#framework.preEnqueue(pod),
      mayHelp: (event, pod, refusers) => this.#framework.mayHelp(event, pod, refusers),
    });
    this.#pods = this.#informers.of(pods);
    this.#pods.addHandlers({
      added: (pod) => this.#podChanged(pod, undefined),
      updated: (pod, old) => this.#podChanged(pod, old),
      deleted: (pod) => this.#podDeleted(pod),
    });
    this.#informers.of(nodes).addHandlers({
      added: (node) => this.#nodeChanged({ resource: 'Node', action: 'Add', object: node }, node),
      updated: (node, old) => this.#nodeChanged({ resource: 'Node', action: 'Update', object: node, old }, node),
      deleted: (node) => {
        this.#cache.removeNode(node.metadata.name ?? '');
        this.#queue.happened({ resource: 'Node', action: 'Delete', object: node });
      },
    });
    this.#forward('PersistentVolume', persistentVolumes);
    this.#forward('PersistentVolumeClaim', persistentVolumeClaims);
    this.#forward('StorageClass', storageClasses);
  }

  /** How many Pods wait, and where. */
  get pending(): SchedulingQueue['pending'] {
    return this.#queue.pending;
  }

  /** Works until the signal aborts; resolves when no binding is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const close = (): void => this.#queue.close();
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
    this.#informers.start(signal);
    await Promise.race([this.#informers.synced(), aborted(signal)]);
    for (let queued = await this.#queue.next(); queued !== undefined; queued = await this.#queue.next()) {
      if (signal.aborted) break;
      this.#scheduleOne(queued, signal);
    }
    await Promise.all(this.#bindings);
    await this.#informers.ended();
  }

  #forward(kind: ClusterEvent['resource'], resource: Resource<KubernetesObject>): void {
    this.#informers.of(resource).addHandlers({
      added: (object) => this.#queue.happened({ resource: kind, action: 'Add', object }),
      updated: (object, old) => this.#queue.happened({ resource: kind, action: 'Update', object, old }),
      deleted: (object) => this.#queue.happened({ resource: kind, action: 'Delete', object }),
    });
  }

  #nodeChanged(event: ClusterEvent, node: Node): void {
    this.#cache.setNode(node);
    this.#queue.happened(event);
  }

  #isOurs({ spec }: Pod): boolean {
    return (spec.schedulerName ?? 'default-scheduler') === this.#name;
  }

  #podChanged(pod: Pod, old: Pod | undefined): void {
    const uid = pod.metadata.uid ?? '';
    const isDone = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if ((pod.spec.nodeName ?? '') === '' && !isDone) {
      if (!this.#isOurs(pod)) return;
      if (pod.metadata.deletionTimestamp !== undefined) this.#queue.delete(uid);
      else this.#queue.set(pod);
      return;
    }
    this.#queue.delete(uid);
    this.#cache.setPod(pod);
    const isNew = old === undefined || (old.spec.nodeName ?? '') === '';
    this.#queue.happened({
      resource: 'Pod',
      action: isNew ? 'Add' : 'Update',
      object: pod,
      ...(old === undefined ? {} : { old }),
    });
  }

  #podDeleted(pod: Pod): void {
    this.#queue.delete(pod.metadata.uid ?? '');
    this.#cache.removePod(pod);
    if ((pod.spec.nodeName ?? '') !== '') this.#queue.happened({ resource: 'Pod', action: 'Delete', object: pod });
  }

  /** Finds the node; what follows, which waits for others, goes on by itself. */
  #scheduleOne(queued: QueuedPod, signal: AbortSignal): void {
    const { pod } = queued;
    const state = new CycleState();
    try {
      const { feasible, rejected, rejectedBy, general } = this.#framework.findFeasible(state, pod, this.#cache);
      if (feasible.length === 0) {
        const isEmpty = this.#cache.nodes.length === 0;
        const advice = general === undefined ? this.#framework.postFilter(state, pod, rejected) : undefined;
        const message = isEmpty
          ? 'no nodes available to schedule pods'
          : fitErrorMessage(this.#cache.nodes.length, rejected, general, advice);
        // Without nodes every plugin might have refused: any new node helps.
        this.#fail(queued, isEmpty ? this.#framework.names : rejectedBy, message, 'Unschedulable');
        return;
      }
      const nodeName = this.#choose(state, pod, feasible);
      const refused = this.#framework.reserve(state, pod, nodeName);
      if (refused !== undefined) {
        this.#fail(queued, new Set([refused.plugin]), refused.rejection.reasons.join(', '), 'Unschedulable');
        return;
      }
      this.#cache.assume(pod, nodeName);
      const binding = this.#bind(queued, state, nodeName, signal).finally(() => this.#bindings.delete(binding));
      this.#bindings.add(binding);
    } catch (error) {
      this.#fail(queued, undefined, error instanceof Error ? error.message : String(error), 'SchedulerError');
    }
  }

  #choose(state: CycleState, pod: Pod, feasible: readonly { readonly name: string }[]): string {
    const [only] = feasible;
    if (feasible.length === 1 && only !== undefined) return only.name;
    const infos = feasible.map(({ name }) => this.#cache.get(name)).filter((info) => info !== undefined);
    const scores = this.#framework.score(state, pod, infos);
    let best = 0;
    let ties = 1;
    for (let i = 1; i < scores.length; i++) {
      const difference = (scores[i] ?? 0) - (scores[best] ?? 0);
      if (difference > 0) {
        best = i;
        ties = 1;
        // Of equal nodes each is as likely.
      } else if (difference === 0 && this.#options.random.int(++ties) === 0) best = i;
    }
    const chosen = infos[best];
    if (chosen === undefined) throw new Error('the nodes went while they were being scored');
    return chosen.name;
  }

  async #bind(queued: QueuedPod, state: CycleState, nodeName: string, signal: AbortSignal): Promise<void> {
    const { recorder } = this.#options;
    const { pod } = queued;
    const undo = (): void => {
      this.#framework.unreserve(state, pod, nodeName);
      this.#cache.forget(pod);
    };
    try {
      const refused = await this.#framework.preBind(state, pod, nodeName, signal);
      if (refused !== undefined) {
        undo();
        this.#fail(queued, new Set([refused.plugin]), refused.rejection.reasons.join(', '), 'Unschedulable');
        return;
      }
      await this.#framework.bind(state, pod, nodeName);
    } catch (error) {
      undo();
      if (signal.aborted) return;
      this.#fail(queued, undefined, error instanceof Error ? error.message : String(error), 'SchedulerError');
      return;
    }
    this.#queue.done(queued);
    const { namespace = '', name = '' } = pod.metadata;
    const note = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    recorder.event(pods, pod, 'Normal', 'Scheduled', 'Binding', note);
  }

  /** @param rejectedBy Undefined: an error, which is not the Pod's fault. */
  #fail(
    queued: QueuedPod,
    rejectedBy: ReadonlySet<string> | undefined,
    message: string,
    reason: 'Unschedulable' | 'SchedulerError',
  ): void {
    const { recorder, log } = this.#options;
    const current = this.#pods.lister.get(`${queued.pod.metadata.namespace ?? ''}/${queued.pod.metadata.name ?? ''}`);
    if (current === undefined || current.metadata.uid !== queued.uid || (current.spec.nodeName ?? '') !== '') {
      // It is gone, or somebody else has placed it.
      this.#queue.done(queued);
      return;
    }
    this.#queue.failed(queued, rejectedBy ?? new Set(), rejectedBy === undefined);
    recorder.event(pods, current, 'Warning', 'FailedScheduling', 'Scheduling', message);
    this.#writeCondition(current, reason, message).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) log.v(2)?.info('Error updating pod', { error: String(error) });
    });
  }

  async #writeCondition(pod: Pod, reason: string, message: string): Promise<void> {
    const { client, clock } = this.#options;
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (known?.status === 'False' && known.reason === reason && known.message === message) return;
    const now = formatTime(clock.now());
    const lastTransitionTime = known?.status === 'False' ? (known.lastTransitionTime ?? now) : now;
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime,
      reason,
      message,
    };
    const { namespace, name = '', uid } = pod.metadata;
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    await client.patch(pods, namespace, name, 'strategic', patch, { subresource: 'status' });
  }
}
