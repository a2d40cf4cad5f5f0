import type { Lease } from '../../api/types/coordination.v1.ts';
import type { Node } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { leases } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Clock } from '../../machinery/clock.ts';
import { formatMicroTime } from '../../machinery/time.ts';
import { leaseDurationSeconds } from './contract.ts';

const namespace = 'kube-node-lease';
/** Upstream's `maxUpdateRetries`. */
const maxTries = 5;

/** The Lease by which a node shows that its kubelet is there (KEP-589). */
export class NodeLease {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #nodeName: string;
  #latest: Lease | undefined;

  constructor(client: Client, clock: Clock, nodeName: string) {
    this.#client = client;
    this.#clock = clock;
    this.#nodeName = nodeName;
  }

  /** Throws what the server answers when it cannot be renewed. */
  async renew(node: Node | undefined, signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const known = this.#latest ?? (await this.#get(signal));
        this.#latest =
          known === undefined
            ? await this.#client.create(leases, this.#renewed(this.#fresh(), node), { signal })
            : await this.#client.update(leases, this.#renewed(known, node), { signal });
        return;
      } catch (error) {
        const isLost = (['Conflict', 'NotFound', 'AlreadyExists'] as const).some((reason) => hasReason(error, reason));
        if (!isLost || tries >= maxTries) throw error;
        this.#latest = undefined;
      }
    }
  }

  async #get(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#client.get(leases, namespace, this.#nodeName, signal);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #fresh(): Lease {
    return { metadata: { name: this.#nodeName, namespace }, spec: {} };
  }

  #renewed(lease: Lease, node: Node | undefined): Lease {
    const { uid = '' } = node?.metadata ?? {};
    const owner = { apiVersion: 'v1', kind: 'Node', name: this.#nodeName, uid };
    const hasOwner = (lease.metadata.ownerReferences ?? []).length > 0 || uid === '';
    return {
      ...lease,
      metadata: { ...lease.metadata, ...(hasOwner ? {} : { ownerReferences: [owner] }) },
      spec: {
        ...lease.spec,
        holderIdentity: this.#nodeName,
        leaseDurationSeconds,
        renewTime: formatMicroTime(this.#clock.now()),
      },
    };
  }
}
