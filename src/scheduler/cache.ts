import type { Node, Pod } from '../api/types/core.v1.ts';
import type { Snapshot } from './contract.ts';
import { NodeInfo, podInfoOf } from './node-info.ts';
import { ResourceColumns } from './resources.ts';

function uidOf({ metadata }: Pod): string {
  return metadata.uid ?? '';
}

/** Finished Pods take nothing of their node any more. */
function takesRoom({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/**
 * The nodes and what is on them, a moment ahead of the API server: a Pod that was given a node counts there before its
 * binding is written, so that the next Pod sees the room that is left (upstream's scheduler cache).
 */
export class SchedulerCache implements Snapshot {
  readonly columns = new ResourceColumns();
  readonly #nodes = new Map<string, NodeInfo>();
  /** Node by Pod: where it counts now. */
  readonly #placed = new Map<string, string>();
  #list: readonly NodeInfo[] | undefined;

  /** Those that exist, in a lasting order. */
  get nodes(): readonly NodeInfo[] {
    this.#list ??= [...this.#nodes.values()].filter(({ node }) => node !== undefined);
    return this.#list;
  }

  get(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node === undefined ? undefined : info;
  }

  setNode(node: Node): void {
    this.#infoOf(node.metadata.name ?? '').setNode(node);
    this.#list = undefined;
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    info?.setNode(undefined);
    if (info?.podCount === 0) this.#nodes.delete(name);
    this.#list = undefined;
  }

  /** A Pod as the API server has it. */
  setPod(pod: Pod): void {
    const { nodeName = '' } = pod.spec;
    if (nodeName === '' || !takesRoom(pod)) {
      // One that is only about to be bound stays where it was assumed.
      if (!takesRoom(pod)) this.removePod(pod);
      return;
    }
    this.#place(pod, nodeName);
  }

  removePod(pod: Pod): void {
    const name = this.#placed.get(uidOf(pod));
    if (name === undefined) return;
    this.#placed.delete(uidOf(pod));
    const info = this.#nodes.get(name);
    info?.removePod(uidOf(pod));
    if (info?.node === undefined && info?.podCount === 0) this.#nodes.delete(name);
  }

  /** Counts a Pod on the node that it is going to be bound to. */
  assume(pod: Pod, nodeName: string): void {
    this.#place(pod, nodeName);
  }

  /** Takes an assumption back: the Pod was not bound. */
  forget(pod: Pod): void {
    this.removePod(pod);
  }

  #place(pod: Pod, nodeName: string): void {
    const uid = uidOf(pod);
    if (this.#placed.get(uid) !== nodeName) this.removePod(pod);
    this.#placed.set(uid, nodeName);
    this.#infoOf(nodeName).addPod(uid, podInfoOf(this.columns, pod));
  }

  #infoOf(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (info === undefined) this.#nodes.set(name, (info = new NodeInfo(name, this.columns)));
    return info;
  }
}
