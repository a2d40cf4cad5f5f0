import type { KubernetesObject } from '../../api/contract.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf, type Resource } from '../../client/resource.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from '../contract.ts';

export interface Protection<T extends KubernetesObject> {
  /** What its queue is called in metrics. */
  readonly queue: string;
  readonly resource: Resource<T>;
  readonly finalizer: string;
  isUsed(object: T, client: Client): boolean | Promise<boolean>;
  /** Resolves when what `isUsed` reads is there. */
  readonly synced: Promise<unknown>;
}

/** Keeps a finalizer on objects of a resource, which goes when one is to be deleted and nobody uses it any longer. */
export class ProtectionController<T extends KubernetesObject> implements Controller {
  readonly #protection: Protection<T>;
  readonly #objects: Informer<T>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext, protection: Protection<T>) {
    this.#protection = protection;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions(protection.queue),
      workers: 1,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#objects = context.informers.of(protection.resource);
    const changed = (object: T): void => {
      if (!isAtRest(object, protection.finalizer)) this.#loop.enqueue(keyOf(object), object.metadata?.resourceVersion);
    };
    this.#objects.addHandlers({ added: changed, updated: changed });
  }

  /** Somebody may have stopped using an object. */
  enqueue(key: string, cause: string | undefined): void {
    this.#loop.enqueue(key, cause);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#objects.synced, this.#protection.synced]);
    await this.#loop.run(signal);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const { resource, finalizer, isUsed } = this.#protection;
    const object = this.#objects.lister.get(key);
    if (object === undefined || isAtRest(object, finalizer)) return;
    const finalizers = object.metadata?.finalizers ?? [];
    if (object.metadata?.deletionTimestamp === undefined) {
      // Admission puts it on what is new; this is one from before.
      await write([...finalizers, finalizer]);
    } else if (!(await isUsed(object, client))) {
      await write(finalizers.filter((one) => one !== finalizer));
    }

    async function write(changed: string[]): Promise<void> {
      try {
        await client.update(resource, { ...object, metadata: { ...object?.metadata, finalizers: changed } } as T);
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
  }
}

/** It has the finalizer and is to stay, or goes without. */
function isAtRest({ metadata }: KubernetesObject, finalizer: string): boolean {
  const has = metadata?.finalizers?.includes(finalizer) ?? false;
  return has === (metadata?.deletionTimestamp === undefined);
}
