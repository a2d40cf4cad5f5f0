import type { Node, Pod } from '../api/types/core.v1.ts';
import type { Informer, InformerHandlers } from '../client/informer.ts';

/** Where a kubelet learns of its Pods. An informer with `spec.nodeName` as its field selector is one. */
export interface PodSource {
  /** Resolves when all that was there at the start has been told. */
  readonly synced: Promise<void>;
  /** Tells of what is there already, then of changes. Returns what ends that. */
  addHandlers(handlers: InformerHandlers<Pod>): () => void;
}

/** Where it learns of its own node. */
export interface NodeSource {
  addHandlers(handlers: InformerHandlers<Node>): () => void;
}

/** One informer's Pods by node, for many kubelets in one process. */
export class PodsByNode {
  readonly #informer: Informer<Pod>;
  readonly #handlers = new Map<string, Set<InformerHandlers<Pod>>>();

  constructor(informer: Informer<Pod>) {
    this.#informer = informer;
    informer.addIndex(nodeNameIndex, ({ spec }) => (spec.nodeName === undefined ? [] : [spec.nodeName]));
    informer.addHandlers({
      added: (pod) => this.#tell(pod, (handlers) => handlers.added?.(pod)),
      updated: (pod, old) =>
        this.#tell(pod, (handlers) => (isBound(old) ? handlers.updated?.(pod, old) : handlers.added?.(pod))),
      deleted: (pod) => this.#tell(pod, (handlers) => handlers.deleted?.(pod)),
    });
  }

  of(nodeName: string): PodSource {
    return {
      synced: this.#informer.synced,
      addHandlers: (handlers) => {
        let ofNode = this.#handlers.get(nodeName);
        if (ofNode === undefined) this.#handlers.set(nodeName, (ofNode = new Set()));
        ofNode.add(handlers);
        for (const pod of this.#informer.lister.byIndex(nodeNameIndex, nodeName)) handlers.added?.(pod);
        return () => ofNode.delete(handlers);
      },
    };
  }

  #tell(pod: Pod, call: (handlers: InformerHandlers<Pod>) => void): void {
    const { nodeName } = pod.spec;
    if (nodeName === undefined) return;
    for (const handlers of this.#handlers.get(nodeName) ?? []) call(handlers);
  }
}

const nodeNameIndex = 'spec.nodeName';

function isBound({ spec }: Pod): boolean {
  return spec.nodeName !== undefined && spec.nodeName !== '';
}

/** One informer's nodes by name. */
export class NodesByName {
  readonly #informer: Informer<Node>;
  readonly #handlers = new Map<string, InformerHandlers<Node>>();

  constructor(informer: Informer<Node>) {
    this.#informer = informer;
    informer.addHandlers({
      added: (node) => this.#handlers.get(node.metadata.name ?? '')?.added?.(node),
      updated: (node, old) => this.#handlers.get(node.metadata.name ?? '')?.updated?.(node, old),
      deleted: (node) => this.#handlers.get(node.metadata.name ?? '')?.deleted?.(node),
    });
  }

  of(nodeName: string): NodeSource {
    return {
      addHandlers: (handlers) => {
        this.#handlers.set(nodeName, handlers);
        const node = this.#informer.lister.get(nodeName);
        if (node !== undefined) handlers.added?.(node);
        return () => this.#handlers.delete(nodeName);
      },
    };
  }
}
