/** Which Pods a node takes: upstream's admission of the kubelet, which runs after the scheduler's choice. */
import { aggregateContainerResources } from '../api/core/pod-resources.ts';
import { meetsNodeRequirements } from '../api/core/node-selector.ts';
import { untoleratedTaint } from '../api/core/taints.ts';
import { addAmounts, quantityOf } from '../api/core/resource-list.ts';
import type { Node, Pod, PodSpec } from '../api/types/core.v1.ts';
import { anyAddress, hostPortsOf, type HostPort } from '../api/core/host-ports.ts';

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** What one Pod takes of its node. */
interface Share {
  /** CPU in thousandths, everything else in whole units. */
  readonly amounts: ReadonlyMap<string, number>;
  readonly ports: readonly HostPort[];
}

/** Adds up what the Pods of a node take, and refuses what does not fit. */
export class PodAdmission {
  readonly #shares = new Map<string, Share>();
  readonly #used = new Map<string, number>();

  /** Undefined: the Pod is taken, until `release`. */
  admit(pod: Pod, node: Node): Rejection | undefined {
    const { uid = '' } = pod.metadata;
    if (this.#shares.has(uid)) return undefined;
    const share: Share = { amounts: amountsOf(pod.spec), ports: hostPortsOf(pod.spec) };
    const rejection = this.#judge(pod, share, node);
    if (rejection === undefined) this.#take(uid, share);
    return rejection;
  }

  /** A Pod that was taken asks for other amounts now (KEP-1287). */
  resized({ metadata: { uid = '' }, spec }: Pod): void {
    if (!this.#shares.has(uid)) return;
    this.release(uid);
    this.#take(uid, { amounts: amountsOf(spec), ports: hostPortsOf(spec) });
  }

  release(podUid: string): void {
    const share = this.#shares.get(podUid);
    if (share === undefined) return;
    this.#shares.delete(podUid);
    for (const [name, amount] of share.amounts) this.#used.set(name, (this.#used.get(name) ?? 0) - amount);
  }

  #take(podUid: string, share: Share): void {
    this.#shares.set(podUid, share);
    for (const [name, amount] of share.amounts) this.#used.set(name, (this.#used.get(name) ?? 0) + amount);
  }

  #judge(pod: Pod, share: Share, node: Node): Rejection | undefined {
    const { spec } = pod;
    if (spec.os !== undefined && spec.os.name !== 'linux') {
      return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
    }
    const lack = this.#lackOf(share, node);
    if (lack !== undefined) return lack;
    if (spec.nodeName !== undefined && spec.nodeName !== node.metadata.name) {
      return predicate('NodeName', "node(s) didn't match the requested node name");
    }
    if (!meetsNodeRequirements(spec, node)) {
      return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
    }
    if (this.#hasConflict(share.ports)) {
      return predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports");
    }
    if (untoleratedTaint(node.spec?.taints, spec.tolerations, ['NoExecute']) !== undefined) {
      return predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate");
    }
    return undefined;
  }

  #lackOf({ amounts }: Share, node: Node): Rejection | undefined {
    const allocatable = node.status?.allocatable ?? {};
    for (const [name, requested] of amounts) {
      // Extended resources that a node does not know belong to the cluster.
      if (!Object.hasOwn(allocatable, name) && name.includes('/')) continue;
      const capacity = quantityOf(allocatable[name]).ceilNumber(name === 'cpu' ? -3 : 0);
      const used = this.#used.get(name) ?? 0;
      if (requested === 0 || requested <= capacity - used) continue;
      const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
      return { reason: `OutOf${name}`, message };
    }
    return undefined;
  }

  #hasConflict(ports: readonly HostPort[]): boolean {
    if (ports.length === 0) return false;
    const taken = [...this.#shares.values()].flatMap((share) => share.ports);
    return ports.some((port) => taken.some((other) => conflicts(port, other)));
  }
}

function predicate(name: string, why: string): Rejection {
  return { reason: name, message: `Predicate ${name} failed: ${why}` };
}

function conflicts(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress;
}

/** What a Pod requests as a whole: its containers' requests or its own, its overhead, and itself. */
function amountsOf(spec: PodSpec): Map<string, number> {
  const sum = aggregateContainerResources(spec, ({ requests }) => requests);
  for (const [name, text] of Object.entries(spec.resources?.requests ?? {})) sum.set(name, quantityOf(text));
  addAmounts(sum, spec.overhead);
  const amounts = new Map<string, number>([['pods', 1]]);
  for (const [name, quantity] of sum) amounts.set(name, quantity.ceilNumber(name === 'cpu' ? -3 : 0));
  return amounts;
}
