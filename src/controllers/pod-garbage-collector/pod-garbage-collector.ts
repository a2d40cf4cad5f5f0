import type { Node, Pod } from '../../api/types/core.v1.ts';
import type { Informer } from '../../client/informer.ts';
import { nodes, pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Counter } from '../../machinery/metrics.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { markDisrupted, type PodDisruption } from '../pods/pod-disruption.ts';
import { isPodFinished } from '../pods/pod-state.ts';
import { isStuckOutOfService, isUnscheduledTerminating, surplusTerminated } from './garbage.ts';

const periodMs = 20_000;
/** A node that an informer does not show may only be late; after so long the server is asked. */
const quarantineMs = 40_000;
/** So many Pods are deleted at a time. */
const batchSize = 50;

const labelNames = ['namespace', 'reason'] as const;
type Labels = typeof labelNames;

const nodeIsGone: PodDisruption = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };

/** Removes Pods that nobody else removes: too many that have ended, and those whose node cannot do it. */
export class PodGarbageCollector implements Controller {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  /** By name of a node that Pods are on: since when it is missing, on the monotonic clock. */
  readonly #missingSinceMs = new Map<string, number>();
  readonly #deletions: Counter<Labels>;
  readonly #errors: Counter<Labels>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#pods = context.informers.of(pods);
    this.#nodes = context.informers.of(nodes);
    this.#deletions = context.metrics.counter({
      name: 'pod_gc_collector_force_delete_pods_total',
      help: '[ALPHA] Number of pods that are being forcefully deleted since the Pod GC Controller started.',
      labelNames,
    });
    this.#errors = context.metrics.counter({
      name: 'pod_gc_collector_force_delete_pod_errors_total',
      help: '[ALPHA] Number of errors encountered when forcefully deleting the pods since the Pod GC Controller started.',
      labelNames,
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#pods.synced, this.#nodes.synced]);
    while (!signal.aborted) {
      await this.#collect(signal);
      await this.#context.clock.sleep(periodMs, signal).catch(() => {});
    }
  }

  async #collect(signal: AbortSignal): Promise<void> {
    const all = [...this.#pods.lister.values()];
    const nodeOf = ({ spec }: Pod): Node | undefined => this.#nodes.lister.get(spec.nodeName ?? '');
    const gone = await this.#goneNodes(all);
    const isOrphan = ({ spec }: Pod): boolean => gone.has(spec.nodeName ?? '');
    const { terminatedPodGCThreshold } = this.#context.options;
    const garbage: readonly (readonly [reason: string, found: readonly Pod[], disruption?: PodDisruption])[] = [
      ['terminated', surplusTerminated(all, terminatedPodGCThreshold)],
      ['out-of-service', all.filter((pod) => isStuckOutOfService(pod, nodeOf(pod)))],
      ['orphaned', all.filter(isOrphan), nodeIsGone],
      ['unscheduled', all.filter(isUnscheduledTerminating)],
    ];
    const done = new Set<Pod>();
    for (const [reason, found, disruption] of garbage) {
      const left = found.filter((pod) => !done.has(pod));
      for (const pod of left) done.add(pod);
      for (let at = 0; at < left.length && !signal.aborted; at += batchSize) {
        await Promise.all(left.slice(at, at + batchSize).map((pod) => this.#remove(pod, reason, disruption)));
      }
    }
  }

  /** Nodes that Pods are on and that, after a while, the server does not know either. */
  async #goneNodes(all: readonly Pod[]): Promise<ReadonlySet<string>> {
    const nowMs = this.#context.clock.monotonicMs();
    const missing = new Set<string>();
    for (const { spec } of all) {
      const name = spec.nodeName ?? '';
      if (name !== '' && this.#nodes.lister.get(name) === undefined) missing.add(name);
    }
    for (const name of this.#missingSinceMs.keys()) if (!missing.has(name)) this.#missingSinceMs.delete(name);
    const gone = new Set<string>();
    for (const name of missing) {
      const sinceMs = this.#missingSinceMs.get(name) ?? nowMs;
      this.#missingSinceMs.set(name, sinceMs);
      if (nowMs - sinceMs >= quarantineMs && !(await this.#exists(name))) gone.add(name);
    }
    return gone;
  }

  async #exists(name: string): Promise<boolean> {
    try {
      await this.#context.client.get(nodes, undefined, name);
      return true;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return false;
      // Nobody knows: it is asked again in the next round.
      this.#context.log.v(2)?.info('Asking for a node failed', { node: name, error: String(error) });
      return true;
    }
  }

  async #remove(pod: Pod, reason: string, disruption: PodDisruption | undefined): Promise<void> {
    const { client, clock, log } = this.#context;
    const { namespace = '', name = '' } = pod.metadata;
    this.#deletions.labels(namespace, reason).inc();
    try {
      // No kubelet will say how it ended, and who waits for its end should not wait for ever.
      if (!isPodFinished(pod)) await markDisrupted(client, pod, { disruption, isFailed: true }, clock.now());
      await client.delete(pods, namespace, name, { gracePeriodSeconds: 0 });
      log.v(0)?.info('Forced deletion of Pod succeeded', { pod: `${namespace}/${name}`, reason });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      this.#errors.labels(namespace, reason).inc();
      log.v(2)?.info('Forced deletion of Pod failed', { pod: `${namespace}/${name}`, error: String(error) });
    }
  }
}
