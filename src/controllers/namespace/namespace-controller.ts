import type { KubernetesObject } from '../../api/contract.ts';
import type { Namespace, Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { ServedResource } from '../../client/discovery.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { namespaces } from '../../client/resources.ts';
import { hasReason, retryOnConflict } from '../../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { namespaceConditions, type Emptying } from './conditions.ts';
import { deletableResources } from './deletable-resources.ts';

const finalizer = 'kubernetes';
/** Deletions are given this long to arrive, so that many of them are looked at together: upstream's. */
const batchMs = 5_000;

/** Something in the namespace needs time: a Pod's grace period, or another's finalizer. */
class ContentRemainingError extends Error {
  override name = 'ContentRemainingError';
  readonly afterMs: number;

  constructor(afterMs: number) {
    super('some content remains in the namespace');
    this.afterMs = afterMs;
  }
}

/** Deletes all that is in a namespace which is being deleted, of every kind that the server serves, and then lets it go. */
export class NamespaceController implements Controller {
  readonly #context: ControllerContext;
  readonly #namespaces: Informer<Namespace>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('namespace'),
      workers: context.options.concurrentSyncs.namespace,
      reconcile: (name, cause) => this.#reconcile(name, context.client.causedBy(cause)),
    });
    this.#namespaces = context.informers.of(namespaces);
    const seen = (namespace: Namespace): void => {
      const { deletionTimestamp, name = '', resourceVersion } = namespace.metadata;
      if (deletionTimestamp !== undefined) this.#loop.enqueue(name, resourceVersion);
    };
    this.#namespaces.addHandlers({ added: seen, updated: seen });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#namespaces.synced;
    await this.#loop.run(signal);
  }

  async #reconcile(name: string, client: Client): Promise<void> {
    const seen = this.#namespaces.lister.get(name);
    if (seen === undefined) return;
    const namespace = await client.get(namespaces, undefined, name).catch((error: unknown) => {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    });
    const isSame = namespace?.metadata.uid === seen.metadata.uid;
    if (namespace === undefined || !isSame || namespace.metadata.deletionTimestamp === undefined) return;
    if (!(namespace.spec?.finalizers ?? []).includes(finalizer)) return;
    try {
      await this.#empty(namespace, client);
    } catch (error) {
      if (!(error instanceof ContentRemainingError)) throw error;
      this.#loop.enqueueAfter(name, error.afterMs);
      return;
    }
    await this.#finalize(namespace, client);
  }

  async #empty(namespace: Namespace, client: Client): Promise<void> {
    const name = namespace.metadata.name ?? '';
    const discoveryErrors: string[] = [];
    let resources: readonly ServedResource[] = [];
    try {
      resources = await deletableResources(client);
    } catch (error) {
      discoveryErrors.push(String(error));
    }
    const deletionErrors: string[] = [];
    const remaining = new Map<string, number>();
    const finalizers = new Map<string, number>();
    let waitMs = 0;
    for (const resource of podsFirst(resources)) {
      try {
        const left = await this.#deleteAll(resource, name, client);
        if (left.length === 0) continue;
        remaining.set(`${resource.plural}.${resource.group}`, left.length);
        for (const object of left) {
          for (const one of object.metadata?.finalizers ?? []) finalizers.set(one, (finalizers.get(one) ?? 0) + 1);
        }
        waitMs = Math.max(waitMs, isPods(resource) ? graceMs(left as Pod[]) : batchMs);
      } catch (error) {
        deletionErrors.push(error instanceof Error ? error.message : String(error));
      }
      // What Pods may need until their end stays until then (KEP-5080).
      if (isPods(resource) && (remaining.size > 0 || deletionErrors.length > 0)) break;
    }
    await this.#tell(namespace, { discoveryErrors, deletionErrors, remaining, finalizers }, client);
    if (discoveryErrors.length > 0 || deletionErrors.length > 0) {
      throw new AggregateError([], [...discoveryErrors, ...deletionErrors].join(', '));
    }
    if (remaining.size > 0) throw new ContentRemainingError(waitMs);
  }

  /** What is left of a resource after its deletion was asked for. */
  async #deleteAll(resource: ServedResource, namespace: string, client: Client): Promise<KubernetesObject[]> {
    const canList = resource.verbs.includes('list');
    const present = canList ? (await client.list(resource, namespace)).items : [];
    if (canList && present.length === 0) return [];
    if (resource.verbs.includes('deletecollection')) {
      await client.deleteCollection(resource, namespace, { propagationPolicy: 'Background' });
    } else {
      for (const { metadata } of present) {
        await client
          .delete(resource, namespace, metadata?.name ?? '', { propagationPolicy: 'Background' })
          .catch((error: unknown) => {
            if (!hasReason(error, 'NotFound')) throw error;
          });
      }
    }
    return canList ? (await client.list(resource, namespace)).items : [];
  }

  async #tell(namespace: Namespace, emptying: Emptying, client: Client): Promise<void> {
    const name = namespace.metadata.name ?? '';
    await retryOnConflict(async () => {
      const current = await client.get(namespaces, undefined, name);
      const known = current.status?.conditions ?? [];
      const conditions = namespaceConditions(known, emptying, this.#context.clock.now());
      if (conditions === known) return;
      await client.updateStatus(namespaces, { ...current, status: { ...current.status, conditions: [...conditions] } });
    });
  }

  async #finalize(namespace: Namespace, client: Client): Promise<void> {
    const name = namespace.metadata.name ?? '';
    await retryOnConflict(async () => {
      const current = await client.get(namespaces, undefined, name).catch((error: unknown) => {
        if (hasReason(error, 'NotFound')) return undefined;
        throw error;
      });
      if (current === undefined || current.metadata.uid !== namespace.metadata.uid) return;
      const finalizers = (current.spec?.finalizers ?? []).filter((one) => one !== finalizer);
      await client
        .update(namespaces, { ...current, spec: { ...current.spec, finalizers } }, { subresource: 'finalize' })
        .catch((error: unknown) => {
          if (!hasReason(error, 'NotFound')) throw error;
        });
    });
  }
}

function isPods({ group, plural }: ServedResource): boolean {
  return group === '' && plural === 'pods';
}

function podsFirst(resources: readonly ServedResource[]): readonly ServedResource[] {
  return [...resources.filter(isPods), ...resources.filter((resource) => !isPods(resource))];
}

/** How long the longest of these Pods may take to end. */
function graceMs(pods: readonly Pod[]): number {
  const seconds = pods.map(({ spec }) => spec.terminationGracePeriodSeconds ?? 30);
  // Pods usually end sooner: half of it, and one second at least, as upstream waits.
  return (Math.max(...seconds) / 2 + 1) * 1000;
}
