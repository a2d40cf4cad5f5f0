import type { Node, Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf, splitKey } from '../../client/resource.ts';
import { nodes, pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { CounterSeries } from '../../machinery/metrics.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { nodeNameIndex, nodeNameOf } from '../nodes/node-state.ts';
import { podCondition } from '../pods/pod-state.ts';
import { noExecuteTaints, tolerationMs } from './toleration-time.ts';

const workers = 8;

/** When a Pod goes, on the monotonic clock. */
interface Eviction {
  readonly uid: string;
  readonly dueMs: number;
  /** Its Pod was deleted; it stands so that this happens once. */
  readonly isDone: boolean;
}

/** Deletes Pods that do not tolerate a `NoExecute` taint of their Node, or no longer. */
export class TaintEvictionController implements Controller {
  readonly #context: ControllerContext;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #loop: ReconcileLoop;
  readonly #evictions = new Map<string, Eviction>();
  readonly #deletions: CounterSeries;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, client, metrics } = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('noexec_taint_pod'),
      workers,
      reconcile: (key, cause) => this.#reconcile(key, client.causedBy(cause)),
    });
    this.#deletions = metrics
      .counter({
        name: 'taint_eviction_controller_pod_deletions_total',
        help: 'How many Pods were deleted because of taints.',
      })
      .labels();
    this.#nodes = informers.of(nodes);
    this.#pods = informers.of(pods);
    this.#pods.addIndex(nodeNameIndex, nodeNameOf);
    this.#nodes.addHandlers({
      added: (node) => this.#nodeChanged(node),
      updated: (node, old) => {
        const [taints, before] = [noExecuteTaints(node.spec?.taints), noExecuteTaints(old.spec?.taints)];
        if (!semanticDeepEqual(taints, before)) this.#nodeChanged(node);
      },
      deleted: (node) => this.#nodeChanged(node),
    });
    const enqueue = (pod: Pod): void => this.#loop.enqueue(keyOf(pod), pod.metadata.resourceVersion);
    this.#pods.addHandlers({
      added: enqueue,
      updated: (pod, old) => {
        const isSame =
          pod.spec.nodeName === old.spec.nodeName && semanticDeepEqual(pod.spec.tolerations, old.spec.tolerations);
        if (!isSame) enqueue(pod);
      },
      deleted: enqueue,
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#nodes.synced, this.#pods.synced]);
    await this.#loop.run(signal);
  }

  #nodeChanged({ metadata: { name = '', resourceVersion } }: Node): void {
    for (const pod of this.#pods.lister.byIndex(nodeNameIndex, name)) this.#loop.enqueue(keyOf(pod), resourceVersion);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const pod = this.#pods.lister.get(key);
    const node = this.#nodes.lister.get(pod?.spec.nodeName ?? '');
    const taints = noExecuteTaints(node?.spec?.taints);
    const stayMs = taints.length === 0 ? Infinity : tolerationMs(taints, pod?.spec.tolerations);
    if (pod === undefined || stayMs === Infinity) {
      this.#cancel(key);
      return;
    }
    const nowMs = this.#context.clock.monotonicMs();
    const known = this.#evictions.get(key);
    const { uid = '' } = pod.metadata;
    if (known?.uid === uid && known.isDone) return;
    // Other taints, or the same for another reason, do not let a Pod stay longer than it was going to.
    const dueMs = known?.uid === uid && stayMs > 0 ? known.dueMs : nowMs + stayMs;
    this.#evictions.set(key, { uid, dueMs, isDone: false });
    if (dueMs > nowMs) {
      this.#loop.enqueueAfter(key, dueMs - nowMs);
      return;
    }
    await this.#evict(key, pod, client);
    this.#evictions.set(key, { uid, dueMs, isDone: true });
  }

  async #evict(key: string, pod: Pod, client: Client): Promise<void> {
    const { namespace, name = '' } = pod.metadata;
    this.#tell(key, `Marking for deletion Pod ${key}`);
    try {
      await this.#addCondition(pod, client);
      await client.delete(pods, namespace, name, { preconditions: { uid: pod.metadata.uid ?? '' } });
      this.#deletions.inc();
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  async #addCondition(pod: Pod, client: Client): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata;
    const reason = 'DeletionByTaintManager';
    const old = podCondition(pod, 'DisruptionTarget');
    if (old?.status === 'True' && old.reason === reason) return;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason,
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: old?.status === 'True' ? old.lastTransitionTime : formatTime(this.#context.clock.now()),
    };
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    await client.patch(pods, namespace, name, 'strategic', patch, { subresource: 'status' });
  }

  #cancel(key: string): void {
    const known = this.#evictions.get(key);
    if (known === undefined) return;
    this.#evictions.delete(key);
    if (!known.isDone) this.#tell(key, `Cancelling deletion of Pod ${key}`);
  }

  #tell(key: string, message: string): void {
    const reference = { apiVersion: 'v1', kind: 'Pod', ...splitKey(key), uid: this.#evictions.get(key)?.uid ?? '' };
    this.#context.recorder.eventOf(reference, 'Normal', 'TaintManagerEviction', message);
  }
}
