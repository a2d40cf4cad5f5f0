import type { Lease } from '../../api/types/coordination.v1.ts';
import type { Node, NodeCondition, Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { leases, nodes, pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Timer } from '../../machinery/clock.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { nodeCondition, nodeNameIndex, nodeNameOf, zoneKey } from '../nodes/node-state.ts';
import { changeTaints, hasTaint } from '../nodes/node-taints.ts';
import { conditionTaintChanges, notReady, unreachable } from './condition-taints.ts';
import { inParallel } from './in-parallel.ts';
import { examine, type NodeHealth } from './node-health.ts';
import { missingOldLabels } from './node-labels.ts';
import { markNotReady } from './not-ready-pods.ts';
import { Zones } from './zones.ts';

/** Upstream's numbers. */
const nodeWorkers = 8;
const podWorkers = 4;
const updateAttempts = 5;
const updateRetryMs = 20;
const taintingPeriodMs = 100;

const excludeLabel = 'node.kubernetes.io/exclude-disruption';

/** A Node, and its Ready condition before and after it was looked at. */
interface Look {
  readonly node: Node;
  readonly observed: NodeCondition;
  readonly ready: NodeCondition | undefined;
}

/**
 * Finds out which Nodes have fallen silent, tells so in their conditions, takes their Pods out of service, and taints them
 * so that Pods leave (https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller).
 */
export class NodeLifecycleController implements Controller {
  readonly #context: ControllerContext;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #leases: Informer<Lease>;
  readonly #nodeLoop: ReconcileLoop;
  readonly #podLoop: ReconcileLoop;
  readonly #zones: Zones;
  readonly #evictions;
  /** By name; what is gone is told once. */
  readonly #known = new Map<string, Node>();
  readonly #health = new Map<string, NodeHealth>();
  /** Nodes some of whose Pods could not be marked. */
  readonly #toRetry = new Set<string>();
  #tainting: Timer | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, options, clock, metrics, client } = context;
    this.#nodeLoop = new ReconcileLoop({
      ...context.queueOptions('node_lifecycle_controller'),
      workers: nodeWorkers,
      reconcile: (name, cause) => this.#reconcileNode(name, client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#podLoop = new ReconcileLoop({
      ...context.queueOptions('node_lifecycle_controller_pods'),
      workers: podWorkers,
      reconcile: (key, cause) => this.#reconcilePod(key, client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#zones = new Zones({
      clock,
      options,
      metrics,
      onAllIll: () =>
        inParallel([...this.#nodes.lister.values()], nodeWorkers, (node) => this.#quietly(this.#clearTaints(node))),
      onRecovery: () => this.#restartGracePeriods(),
    });
    this.#evictions = metrics.counter({
      name: 'node_collector_evictions_total',
      help: 'How many nodes were tainted so that their Pods leave.',
      labelNames: ['zone'] as const,
    });
    this.#nodes = informers.of(nodes);
    this.#leases = informers.of(leases);
    this.#pods = informers.of(pods);
    this.#pods.addIndex(nodeNameIndex, nodeNameOf);
    const changed = ({ metadata }: Node): void => this.#nodeLoop.enqueue(metadata.name ?? '', metadata.resourceVersion);
    this.#nodes.addHandlers({
      added: changed,
      updated: changed,
      deleted: ({ metadata: { name = '' } }) => {
        this.#toRetry.delete(name);
        this.#health.delete(name);
      },
    });
    const assigned = (pod: Pod): void => this.#podLoop.enqueue(keyOf(pod), pod.metadata.resourceVersion);
    this.#pods.addHandlers({
      added: (pod) => {
        if (pod.spec.nodeName) assigned(pod);
      },
      updated: (pod, old) => {
        if (pod.spec.nodeName && pod.spec.nodeName !== old.spec.nodeName) assigned(pod);
      },
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#nodes.synced, this.#pods.synced, this.#leases.synced]);
    await Promise.all([this.#nodeLoop.run(signal), this.#podLoop.run(signal), this.#monitor(signal)]);
    this.#tainting?.cancel();
  }

  /** Taints that follow the conditions, and labels under their old names. */
  async #reconcileNode(name: string, client: Client): Promise<void> {
    const node = this.#nodes.lister.get(name);
    if (node === undefined) return;
    try {
      const { added, removed } = conditionTaintChanges(node);
      if (added.length > 0 || removed.length > 0) await changeTaints(client, node, added.map(this.#timed), removed);
      const labels = missingOldLabels(node.metadata.labels);
      if (labels !== undefined) await client.patch(nodes, undefined, name, 'strategic', { metadata: { labels } });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  /** A Pod that turns out to be on a Node that was found ill before. */
  async #reconcilePod(key: string, client: Client): Promise<void> {
    const pod = this.#pods.lister.get(key);
    const ready = this.#health.get(pod?.spec.nodeName ?? '')?.ready;
    if (pod === undefined || ready === undefined || ready.status === 'True') return;
    if (this.#nodes.lister.get(pod.spec.nodeName ?? '') === undefined) return;
    await markNotReady(client, this.#context.recorder, [pod], this.#context.clock.now());
  }

  async #monitor(signal: AbortSignal): Promise<void> {
    const { clock, options, log } = this.#context;
    while (!signal.aborted) {
      try {
        await this.#monitorOnce();
      } catch (error) {
        if (!signal.aborted) log.error('Error monitoring node health', error);
      }
      if (!signal.aborted) this.#planTainting(signal);
      await clock.sleep(options.nodeMonitorPeriodMs, signal).catch(() => {});
    }
  }

  async #monitorOnce(): Promise<void> {
    await this.#classify();
    const readyByZone = new Map<string, boolean[]>();
    await inParallel([...this.#nodes.lister.values()], nodeWorkers, async (node) => {
      const ready = await this.#monitorNode(node);
      if (ready === undefined || node.metadata.labels?.[excludeLabel] !== undefined) return;
      const zone = zoneKey(node);
      readyByZone.set(zone, [...(readyByZone.get(zone) ?? []), ready]);
    });
    await this.#zones.update(readyByZone);
  }

  async #classify(): Promise<void> {
    const seen = this.#nodes.lister;
    for (const node of seen.values()) {
      const { name = '' } = node.metadata;
      this.#zones.queueOf(zoneKey(node));
      if (this.#known.has(name)) continue;
      this.#known.set(name, node);
      this.#tellOf(node, 'RegisteredNode', `Registered Node ${name} in Controller`);
      await this.#quietly(this.#clearTaints(node));
    }
    for (const [name, node] of this.#known) {
      if (seen.get(name) !== undefined) continue;
      this.#known.delete(name);
      for (const queue of this.#zones.queues) queue.remove(name);
      this.#tellOf(node, 'RemovingNode', `Removing Node ${name} from Controller`);
    }
  }

  #tellOf(node: Node, reason: string, what: string): void {
    const message = `Node ${node.metadata.name ?? ''} event: ${what}`;
    this.#context.recorder.event(nodes, node, 'Normal', reason, message);
  }

  /** Whether the Node is ready now; undefined: it could not be looked at. */
  async #monitorNode(seen: Node): Promise<boolean | undefined> {
    const { client, recorder, clock, log } = this.#context;
    const { name = '' } = seen.metadata;
    let looked: Look;
    try {
      looked = await this.#updateHealth(seen);
    } catch (error) {
      log.v(2)?.info('The health of a Node could not be updated', { node: name, error: String(error) });
      return undefined;
    }
    const { node, observed, ready } = looked;
    if (ready === undefined) return false;
    const isReady = ready.status === 'True';
    await this.#quietly(this.#taintFor(node, observed));
    const hasFallenSilent = !isReady && observed.status === 'True';
    if (hasFallenSilent) {
      recorder.event(nodes, node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
    if (hasFallenSilent || (this.#toRetry.has(name) && observed.status !== 'True')) {
      try {
        await markNotReady(client, recorder, this.#pods.lister.byIndex(nodeNameIndex, name), clock.now());
      } catch (error) {
        log.v(2)?.info('Not all Pods could be marked not ready', { node: name, error: String(error) });
        this.#toRetry.add(name);
        return isReady;
      }
    }
    this.#toRetry.delete(name);
    return isReady;
  }

  async #updateHealth(seen: Node): Promise<Look> {
    const { client, clock, options } = this.#context;
    const { name = '' } = seen.metadata;
    let node = seen;
    for (let attempt = 1; ; attempt++) {
      const lease = this.#leases.lister.get(`kube-node-lease/${name}`);
      const moment = { nowMs: clock.now(), monotonicMs: clock.monotonicMs() };
      const { health, observed, ready, conditions } = examine(node, lease, this.#health.get(name), moment, options);
      this.#health.set(name, health);
      if (conditions === undefined) return { node, observed, ready };
      try {
        const updated = await client.updateStatus(nodes, { ...node, status: { ...node.status, conditions } });
        this.#health.set(name, { ...health, ready: nodeCondition(updated, 'Ready') });
        return { node: updated, observed, ready };
      } catch (error) {
        if (attempt >= updateAttempts) throw error;
        await clock.sleep(updateRetryMs);
        node = await client.get(nodes, undefined, name);
      }
    }
  }

  async #taintFor(node: Node, { status }: NodeCondition): Promise<void> {
    if (status === 'True') {
      await this.#clearTaints(node);
      return;
    }
    const [wanted, opposite] = status === 'False' ? [notReady, unreachable] : [unreachable, notReady];
    // One that is tainted already is no news to its Pods: only the reason changes.
    if (hasTaint(node, opposite)) await changeTaints(this.#context.client, node, [this.#timed(wanted)], [opposite]);
    else {
      const { name = '' } = node.metadata;
      const queue = this.#zones.queueOf(zoneKey(node));
      if (!hasTaint(node, wanted)) queue.remove(name);
      queue.add(name);
    }
  }

  async #clearTaints(node: Node): Promise<void> {
    this.#zones.queueOf(zoneKey(node)).remove(node.metadata.name ?? '');
    await changeTaints(this.#context.client, node, [], [notReady, unreachable]);
  }

  /** Taints Nodes as fast as the rate of their zone allows: when nobody waits, nothing runs. */
  #planTainting(signal: AbortSignal): void {
    const nextInMs = Math.min(...[...this.#zones.queues].map((queue) => queue.nextInMs));
    this.#tainting?.cancel();
    if (nextInMs === Infinity) return;
    this.#tainting = this.#context.clock.setTimeout(
      () => {
        void this.#taintQueued().finally(() => {
          if (!signal.aborted) this.#planTainting(signal);
        });
      },
      Math.max(taintingPeriodMs, nextInMs),
    );
  }

  async #taintQueued(): Promise<void> {
    for (const queue of this.#zones.queues) await queue.drain((name) => this.#taintOne(name));
  }

  /** False when it has to be tried again. */
  async #taintOne(name: string): Promise<boolean> {
    const node = this.#nodes.lister.get(name);
    if (node === undefined) return true;
    const status = nodeCondition(node, 'Ready')?.status;
    if (status === undefined) return false;
    if (status === 'True') return true;
    const [wanted, opposite] = status === 'False' ? [notReady, unreachable] : [unreachable, notReady];
    try {
      await changeTaints(this.#context.client, node, [this.#timed(wanted)], [opposite]);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return true;
      this.#context.log.v(2)?.info('A Node could not be tainted', { node: name, error: String(error) });
      return false;
    }
    this.#evictions.labels(zoneKey(node)).inc();
    return true;
  }

  readonly #timed = <T extends object>(taint: T): T & { readonly timeAdded: string } => ({
    ...taint,
    timeAdded: formatTime(this.#context.clock.now()),
  });

  #restartGracePeriods(): void {
    const probeMs = this.#context.clock.monotonicMs();
    for (const [name, health] of this.#health) this.#health.set(name, { ...health, probeMs });
  }

  /** What fails here is tried again with the next look. */
  async #quietly(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      this.#context.log.v(2)?.info('The taints of a Node could not be changed', { error: String(error) });
    }
  }
}
