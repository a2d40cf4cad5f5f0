import type { Node } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { nodes } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { CIDR } from '../../machinery/cidr.ts';
import { StatusError } from '../../machinery/status.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { CIDRSet } from './cidr-set.ts';

/** Gives each Node networks for its Pods: one of each range of `--cluster-cidr`, of which two families are one each. */
export class NodeIPAMController implements Controller {
  readonly #context: ControllerContext;
  readonly #nodes: Informer<Node>;
  readonly #loop: ReconcileLoop;
  readonly #sets: readonly CIDRSet[];

  /** Throws a RangeError for ranges that cannot be cut as the options ask. */
  constructor(context: ControllerContext) {
    this.#context = context;
    const { options, informers, client } = context;
    this.#sets = options.clusterCIDRs.map((text) => {
      const cluster = parse(text);
      return new CIDRSet(cluster, cluster.family === 4 ? options.nodeCIDRMaskSizeIPv4 : options.nodeCIDRMaskSizeIPv6);
    });
    for (const text of options.serviceClusterIPRanges) {
      const range = parse(text);
      for (const set of this.#sets) if (set.cluster.overlaps(range)) set.occupy(range);
    }
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('node_ipam_controller'),
      // One after the other, so that none is given to two.
      workers: 1,
      reconcile: (name, cause) => this.#reconcile(name, client.causedBy(cause)),
    });
    this.#nodes = informers.of(nodes);
    const changed = (node: Node): void => {
      // Networks that somebody else gave are taken, before any of ours is given.
      if ((node.spec?.podCIDRs ?? []).length > 0) this.#forEach(node, (set, network) => set.occupy(network));
      else this.#loop.enqueue(node.metadata.name ?? '', node.metadata.resourceVersion);
    };
    this.#nodes.addHandlers({
      added: changed,
      updated: changed,
      deleted: (node) => this.#forEach(node, (set, network) => set.release(network)),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#nodes.synced;
    await this.#loop.run(signal);
  }

  async #reconcile(name: string, client: Client): Promise<void> {
    const node = this.#nodes.lister.get(name);
    if (node === undefined || (node.spec?.podCIDRs ?? []).length > 0) return;
    const networks: CIDR[] = [];
    for (const set of this.#sets) {
      const network = set.allocate();
      if (network === undefined) {
        this.#release(networks);
        this.#tell(node, 'CIDRNotAvailable');
        throw new Error(`failed to allocate cidr from cluster cidr ${set.cluster}: there are none left`);
      }
      networks.push(network);
    }
    const podCIDRs = networks.map(String);
    try {
      const patch = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } };
      await client.patch(nodes, undefined, name, 'strategic', patch);
    } catch (error) {
      // What did not reach us may have been written: it is kept until it is seen, or until a restart.
      if (error instanceof StatusError && error.reason !== 'ServerTimeout') this.#release(networks);
      if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict')) return;
      this.#tell(node, 'CIDRAssignmentFailed');
      throw error;
    }
  }

  #release(networks: readonly CIDR[]): void {
    for (const [index, network] of networks.entries()) this.#sets[index]?.release(network);
  }

  #forEach({ metadata, spec }: Node, act: (set: CIDRSet, network: CIDR) => void): void {
    for (const [index, text] of (spec?.podCIDRs ?? []).entries()) {
      const set = this.#sets[index];
      const network = CIDR.parse(text);
      if (set !== undefined && network !== undefined && set.cluster.overlaps(network)) act(set, network);
      else {
        this.#context.log.v(1)?.info('The network of a Node is in none of the ranges', {
          node: metadata.name ?? '',
          network: text,
        });
      }
    }
  }

  #tell(node: Node, reason: string): void {
    const message = `Node ${node.metadata.name ?? ''} status is now: ${reason}`;
    this.#context.recorder.event(nodes, node, 'Normal', reason, message);
  }
}

function parse(text: string): CIDR {
  const cidr = CIDR.parse(text);
  if (cidr === undefined) throw new RangeError(`${JSON.stringify(text)} is no network`);
  return cidr;
}
