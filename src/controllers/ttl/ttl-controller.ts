import type { Node } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { nodes } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { stepFor, ttlSecondsOf } from './steps.ts';

const annotation = 'node.alpha.kubernetes.io/ttl';

/** Tells kubelets for how long they may remember Secrets and ConfigMaps: the more Nodes ask, the longer. */
export class TTLController implements Controller {
  readonly #nodes: Informer<Node>;
  readonly #loop: ReconcileLoop;
  #step = 0;

  constructor(context: ControllerContext) {
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('ttlcontroller'),
      workers: 5,
      reconcile: (name, cause) => this.#reconcile(name, context.client.causedBy(cause)),
    });
    this.#nodes = context.informers.of(nodes);
    const count = (): void => {
      this.#step = stepFor(this.#nodes.lister.size, this.#step);
    };
    const enqueue = ({ metadata }: Node): void => this.#loop.enqueue(metadata.name ?? '', metadata.resourceVersion);
    this.#nodes.addHandlers({
      added: (node) => {
        count();
        enqueue(node);
      },
      // Nodes that were there before a change of size follow with their next heartbeat, not all at once.
      updated: enqueue,
      deleted: count,
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#nodes.synced;
    await this.#loop.run(signal);
  }

  async #reconcile(name: string, client: Client): Promise<void> {
    const node = this.#nodes.lister.get(name);
    const wanted = String(ttlSecondsOf(this.#step));
    if (node === undefined || node.metadata.annotations?.[annotation] === wanted) return;
    try {
      await client.patch(nodes, undefined, name, 'strategic', { metadata: { annotations: { [annotation]: wanted } } });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
