import type { KubernetesObject } from '../../api/contract.ts';
import type { ObjectReference } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { metadataOnly, type Resource } from '../../client/resource.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { BoundedCache } from '../../machinery/bounded.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { foregroundFinalizer, isKnownOwner, orphanFinalizer, OwnerGraph, type GraphNode } from './graph.ts';
import { Monitors } from './monitors.ts';
import { aborted } from '../../machinery/aborted.ts';

/** Upstream's: owners that are known not to be there. */
const maxAbsent = 500;

/** What the owners of an object are to it. */
interface Owners {
  /** There, and to stay. */
  readonly solid: readonly OwnerReference[];
  readonly absent: readonly OwnerReference[];
  /** Going, once their dependents are gone. */
  readonly waiting: readonly OwnerReference[];
}

/**
 * Deletes objects whose owners are gone, and carries out foreground deletion and orphaning
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/).
 */
export class GarbageCollector implements Controller {
  readonly #context: ControllerContext;
  readonly #graph: OwnerGraph;
  readonly #monitors: Monitors;
  readonly #deletions: ReconcileLoop;
  readonly #orphanings: ReconcileLoop;
  readonly #absent = new BoundedCache<string, true>({ maxEntries: maxAbsent });

  constructor(context: ControllerContext) {
    this.#context = context;
    const workers = context.options.concurrentSyncs.gc;
    const isNoteworthy = (error: unknown): boolean => !hasReason(error, 'Conflict');
    this.#deletions = new ReconcileLoop({
      ...context.queueOptions('garbage_collector_attempt_to_delete'),
      workers,
      isNoteworthy,
      reconcile: (uid) => this.#attemptToDelete(uid, context.client),
    });
    this.#orphanings = new ReconcileLoop({
      ...context.queueOptions('garbage_collector_attempt_to_orphan'),
      workers,
      isNoteworthy,
      reconcile: (uid) => this.#orphanDependents(uid, context.client),
    });
    this.#graph = new OwnerGraph({
      mayGo: ({ identity }) => this.#deletions.enqueue(identity.uid),
      mayOrphan: ({ identity }) => this.#orphanings.enqueue(identity.uid),
    });
    this.#monitors = new Monitors(context, this.#graph);
  }

  async run(signal: AbortSignal): Promise<void> {
    const synced = Promise.withResolvers<void>();
    const watching = this.#monitors.run(signal, synced.resolve);
    // Before everything is known, a missing owner may only be one that was not seen yet.
    await Promise.race([synced.promise, aborted(signal)]);
    await Promise.all([this.#deletions.run(signal), this.#orphanings.run(signal), watching]);
  }

  async #attemptToDelete(uid: string, client: Client): Promise<void> {
    const node = this.#graph.get(uid);
    if (node === undefined) return;
    if (node.isBeingDeleted && !node.isDeletingDependents && !node.isVirtual) return;
    const live = await this.#read(node, client);
    if (live === undefined) {
      this.#absent.set(uid, true);
      // It was never seen, or its end was not: its dependents must hear of it.
      this.#graph.delete(uid);
      return;
    }
    if (node.isDeletingDependents) {
      await this.#finishForeground(node, live, client);
      return;
    }
    const references = live.metadata?.ownerReferences ?? [];
    if (references.length === 0 || live.metadata?.deletionTimestamp !== undefined) return;
    const { solid, absent, waiting } = await this.#judge(node, references, client);
    if (solid.length > 0) {
      const lost = [...absent, ...waiting];
      if (lost.length > 0) await this.#dropOwners(node, live, lost, client);
      return;
    }
    if (waiting.length > 0 && node.dependents.size > 0) {
      // Of a loop in which each waits for the next, one must stop waiting.
      const isLoop = [...node.dependents].some(({ isDeletingDependents }) => isDeletingDependents);
      const unblocked = isLoop ? await this.#unblockOwners(node, live, client) : live;
      await this.#delete(node, unblocked, 'Foreground', client);
      return;
    }
    await this.#delete(node, live, policyOf(live), client);
  }

  /** The object as it is now; undefined: it is gone, another has its name, or its kind is not served. */
  async #read(node: GraphNode, client: Client): Promise<KubernetesObject | undefined> {
    const { apiVersion, kind, name, namespace, uid } = node.identity;
    const resource = node.resource ?? this.#monitors.resourceOf(apiVersion, kind);
    if (resource === undefined) {
      if (node.isVirtual) throw new Error(`unable to get REST mapping for ${apiVersion}/${kind}.`);
      return undefined;
    }
    // A virtual node's namespace is that of who referred to it: of a cluster-scoped object it is none.
    if (resource.namespaced && namespace === '') return undefined;
    try {
      const live = await client.get(metadataOnly(resource), namespace, name);
      return live.metadata?.uid === uid ? live : undefined;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #judge(node: GraphNode, references: readonly OwnerReference[], client: Client): Promise<Owners> {
    const solid: OwnerReference[] = [];
    const absent: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const reference of references) {
      if (await this.#isAbsent(node, reference, client)) absent.push(reference);
      else if (this.#graph.get(reference.uid)?.isDeletingDependents === true) waiting.push(reference);
      else solid.push(reference);
    }
    return { solid, absent, waiting };
  }

  async #isAbsent(node: GraphNode, reference: OwnerReference, client: Client): Promise<boolean> {
    if (isKnownOwner(this.#graph, node, reference)) return false;
    const { uid, apiVersion, kind, name } = reference;
    const { namespace } = node.identity;
    const key = `${namespace}/${uid}/${apiVersion}/${kind}/${name}`;
    if (this.#absent.get(key) !== undefined) return true;
    const resource = this.#monitors.resourceOf(apiVersion, kind);
    // Its kind may be served again: who belongs to it stays until then.
    if (resource === undefined) throw new Error(`unable to get REST mapping for ${apiVersion}/${kind}.`);
    if (resource.namespaced && namespace === '') {
      this.#tellInvalid(node, reference);
      return false;
    }
    try {
      const owner = await client.get(metadataOnly(resource), namespace, name);
      if (owner.metadata?.uid === uid) return false;
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
    if (this.#graph.get(uid)?.isVirtual === false) this.#tellInvalid(node, reference);
    this.#absent.set(key, true);
    return true;
  }

  /** An owner is somewhere else than the reference says, mostly in another namespace. */
  #tellInvalid({ identity }: GraphNode, { apiVersion, kind, name, uid }: OwnerReference): void {
    const { namespace } = identity;
    const involved: ObjectReference = { ...identity, namespace };
    const where = namespace === '' ? 'does not exist' : `does not exist in namespace "${namespace}"`;
    const message = `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] ${where}`;
    this.#context.recorder.eventOf(involved, 'Warning', 'OwnerRefInvalidNamespace', message);
  }

  /** Lets an object go whose dependents are gone, as far as they hold it; hurries those that are not. */
  async #finishForeground(node: GraphNode, live: KubernetesObject, client: Client): Promise<void> {
    const { uid } = node.identity;
    const blocking = [...node.dependents].filter(({ owners }) =>
      owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
    );
    if (blocking.length === 0) {
      await this.#removeFinalizer(node, live, foregroundFinalizer, client);
      return;
    }
    for (const dependent of blocking) {
      if (!dependent.isDeletingDependents) this.#deletions.enqueue(dependent.identity.uid);
    }
  }

  async #orphanDependents(uid: string, client: Client): Promise<void> {
    const node = this.#graph.get(uid);
    if (node === undefined) return;
    const results = await Promise.allSettled(
      [...node.dependents].map(async (dependent) => {
        const live = await this.#read(dependent, client);
        const owned = live?.metadata?.ownerReferences?.filter((owner) => owner.uid === uid) ?? [];
        if (live !== undefined && owned.length > 0) await this.#dropOwners(dependent, live, owned, client);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const live = await this.#read(node, client);
    if (live !== undefined) await this.#removeFinalizer(node, live, orphanFinalizer, client);
  }

  async #dropOwners(
    node: GraphNode,
    live: KubernetesObject,
    lost: readonly OwnerReference[],
    client: Client,
  ): Promise<void> {
    const uids = new Set(lost.map(({ uid }) => uid));
    const ownerReferences = (live.metadata?.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid));
    await this.#patch(node, live, { ownerReferences: ownerReferences.length === 0 ? null : ownerReferences }, client);
  }

  async #unblockOwners(node: GraphNode, live: KubernetesObject, client: Client): Promise<KubernetesObject> {
    const owners = live.metadata?.ownerReferences ?? [];
    if (!owners.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)) return live;
    const ownerReferences = owners.map((owner) => ({
      ...owner,
      ...(owner.blockOwnerDeletion === true ? { blockOwnerDeletion: false } : {}),
    }));
    return (await this.#patch(node, live, { ownerReferences }, client)) ?? live;
  }

  async #removeFinalizer(node: GraphNode, live: KubernetesObject, finalizer: string, client: Client): Promise<void> {
    const finalizers = live.metadata?.finalizers ?? [];
    if (!finalizers.includes(finalizer)) return;
    const others = finalizers.filter((one) => one !== finalizer);
    await this.#patch(node, live, { finalizers: others.length === 0 ? null : others }, client);
  }

  /** Changes the metadata of what was read; a merge patch works on every kind, and the revision makes it safe. */
  async #patch(
    node: GraphNode,
    live: KubernetesObject,
    change: object,
    client: Client,
  ): Promise<KubernetesObject | undefined> {
    const { resource } = node;
    if (resource === undefined) return undefined;
    const { uid, resourceVersion } = live.metadata ?? {};
    const { namespace, name } = node.identity;
    const metadata = { ...change, uid, resourceVersion };
    try {
      return await client.patch(metadataOnly(resource), namespace, name, 'merge', { metadata });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #delete(
    node: GraphNode,
    live: KubernetesObject,
    propagationPolicy: 'Foreground' | 'Background' | 'Orphan',
    client: Client,
  ): Promise<void> {
    const resource: Resource | undefined = node.resource;
    if (resource === undefined) return;
    const { namespace, name, uid } = node.identity;
    // What changed since it was judged is judged again.
    const { resourceVersion = '' } = live.metadata ?? {};
    try {
      await client.delete(resource, namespace, name, { preconditions: { uid, resourceVersion }, propagationPolicy });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

/** An object that is deleted as garbage goes the way that its own finalizers ask for. */
function policyOf({ metadata }: KubernetesObject): 'Foreground' | 'Background' | 'Orphan' {
  if (metadata?.finalizers?.includes(orphanFinalizer) === true) return 'Orphan';
  return metadata?.finalizers?.includes(foregroundFinalizer) === true ? 'Foreground' : 'Background';
}
