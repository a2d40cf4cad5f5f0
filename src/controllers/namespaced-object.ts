import type { KubernetesObject } from '../api/contract.ts';
import type { Namespace } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import { ReconcileLoop } from '../client/reconcile-loop.ts';
import type { Resource } from '../client/resource.ts';
import { namespaces } from '../client/resources.ts';
import { hasReason } from '../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from './contract.ts';
import { isNamespaceTerminating } from './pods/pod-control.ts';

/** One object that every namespace has. */
export interface NamespacedObject<T extends KubernetesObject> {
  /** What its queue is called in metrics. */
  readonly queue: string;
  readonly resource: Resource<T>;
  readonly name: string;
  wanted(namespace: string): T;
  /** Whether what is there will do. */
  isAsWanted(object: T): boolean;
}

/** Keeps an object of a fixed name in every namespace that is not on its way out. */
export class NamespacedObjectController<T extends KubernetesObject> implements Controller {
  readonly #object: NamespacedObject<T>;
  readonly #namespaces: Informer<Namespace>;
  readonly #objects: Informer<T>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext, object: NamespacedObject<T>) {
    this.#object = object;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions(object.queue),
      workers: 1,
      reconcile: (namespace, cause) => this.#reconcile(namespace, context.client.causedBy(cause)),
    });
    this.#namespaces = context.informers.of(namespaces);
    this.#objects = context.informers.of(object.resource);
    const changed = ({ metadata }: KubernetesObject): void => {
      if (metadata?.name === object.name) this.#loop.enqueue(metadata.namespace ?? '', metadata.resourceVersion);
    };
    const seen = ({ metadata }: Namespace): void => this.#loop.enqueue(metadata.name ?? '', metadata.resourceVersion);
    this.#namespaces.addHandlers({ added: seen, updated: seen });
    this.#objects.addHandlers({ updated: changed, deleted: changed });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#namespaces.synced, this.#objects.synced]);
    await this.#loop.run(signal);
  }

  async #reconcile(name: string, client: Client): Promise<void> {
    const namespace = this.#namespaces.lister.get(name);
    if (namespace === undefined || namespace.status?.phase === 'Terminating') return;
    const { resource, wanted, isAsWanted } = this.#object;
    const object = this.#objects.lister.get(`${name}/${this.#object.name}`);
    if (object !== undefined && isAsWanted(object)) return;
    const desired = wanted(name);
    try {
      if (object === undefined) await client.create(resource, desired);
      else await client.update(resource, { ...desired, metadata: { ...object.metadata, ...desired.metadata } });
    } catch (error) {
      // Another came first, or nothing is needed here any more.
      if (!hasReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error;
    }
  }
}
