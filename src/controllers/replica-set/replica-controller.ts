import type { Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import { Expectations } from '../../client/expectations.ts';
import type { Informer } from '../../client/informer.ts';
import { namespaceIndex, ownerIndex } from '../../client/indexer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { WrittenRevisions } from '../../client/written-revisions.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { candidatesFor, claim } from '../claims.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerOf, isReferenceTo } from '../owner.ts';
import { compareForDeletion } from '../pods/deletion-order.ts';
import { isNamespaceTerminating, PodControl } from '../pods/pod-control.ts';
import { isPodActive, isPodReady, isPodTerminating } from '../pods/pod-state.ts';
import { slowStartBatch } from '../slow-start.ts';
import { templateOf, type ReplicaKind, type ReplicaOwner } from './replica-owner.ts';
import { replicaStatus, type ReplicaFailure } from './replica-status.ts';

/** In one round no more Pods than this are created or deleted: upstream's BurstReplicas. */
const maxBurst = 500;

/** Keeps as many Pods of an owner as it asks for: ReplicaSets and ReplicationControllers. */
export class ReplicaController<T extends ReplicaOwner> implements Controller {
  readonly #context: ControllerContext;
  readonly #kind: ReplicaKind<T>;
  readonly #owners: Informer<T>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #written = new WrittenRevisions();
  readonly #podControl: PodControl<T>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext, kind: ReplicaKind<T>, workers: number) {
    this.#context = context;
    this.#kind = kind;
    this.#expectations = new Expectations(context.clock);
    this.#podControl = new PodControl(context.recorder, kind.resource);
    this.#loop = new ReconcileLoop({
      ...context.queueOptions(kind.resource.kind.toLowerCase()),
      workers,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#owners = context.informers.of(kind.resource);
    this.#pods = context.informers.of(pods);
    this.#owners.addHandlers({
      added: (owner) => this.#enqueue(owner, owner),
      updated: (owner, old) => {
        if (owner.metadata.uid !== old.metadata.uid) this.#expectations.forget(keyOf(old));
        this.#enqueue(owner, owner);
      },
      deleted: (owner) => {
        this.#expectations.forget(keyOf(owner));
        this.#enqueue(owner, owner);
      },
    });
    this.#pods.addHandlers({
      added: (pod) => this.#podAdded(pod),
      updated: (pod, old) => this.#podUpdated(pod, old),
      deleted: (pod) => this.#podDeleted(pod),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#owners.synced, this.#pods.synced]);
    await this.#loop.run(signal);
  }

  #enqueue(owner: T, cause: { readonly metadata: { readonly resourceVersion?: string } }): void {
    this.#loop.enqueue(keyOf(owner), cause.metadata.resourceVersion);
  }

  /** The owner that a reference in the namespace is to, if it is still the one that is meant. */
  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): T | undefined {
    if (reference === undefined || !isReferenceTo(this.#kind.resource, reference)) return undefined;
    const owner = this.#owners.lister.get(`${namespace ?? ''}/${reference.name}`);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  #ownersMatching({ metadata: { namespace = '', labels } }: Pod): T[] {
    return this.#owners.lister
      .byIndex(namespaceIndex, namespace)
      .filter((owner) => this.#kind.selectorOf(owner).matches(labels));
  }

  #podAdded(pod: Pod): void {
    // A controller that starts may be told of Pods that are on their way out already.
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#podDeleted(pod);
      return;
    }
    const reference = controllerOf(pod);
    if (reference === undefined) {
      for (const owner of this.#ownersMatching(pod)) this.#enqueue(owner, pod);
      return;
    }
    const owner = this.#resolve(pod.metadata.namespace, reference);
    if (owner === undefined) return;
    this.#expectations.creationObserved(keyOf(owner));
    this.#enqueue(owner, pod);
  }

  #podUpdated(pod: Pod, old: Pod): void {
    const labelsChanged = !semanticDeepEqual(pod.metadata.labels, old.metadata.labels);
    if (pod.metadata.deletionTimestamp !== undefined) {
      // It counts as gone from now on: nobody should wait for a kubelet to see another one created.
      this.#podDeleted(pod);
      if (labelsChanged) this.#podDeleted(old);
      return;
    }
    const reference = controllerOf(pod);
    const oldReference = controllerOf(old);
    const ownerChanged = reference?.uid !== oldReference?.uid;
    if (ownerChanged) {
      const owner = this.#resolve(old.metadata.namespace, oldReference);
      if (owner !== undefined) this.#enqueue(owner, pod);
    }
    if (reference === undefined) {
      if (labelsChanged || ownerChanged) for (const owner of this.#ownersMatching(pod)) this.#enqueue(owner, pod);
      return;
    }
    const owner = this.#resolve(pod.metadata.namespace, reference);
    if (owner === undefined) return;
    this.#enqueue(owner, pod);
    const { minReadySeconds = 0 } = owner.spec ?? {};
    // It is ready now and available later; one second more, because times are kept in whole seconds.
    if (!isPodReady(old) && isPodReady(pod) && minReadySeconds > 0) {
      this.#loop.enqueueAfter(keyOf(owner), (minReadySeconds + 1) * 1000);
    }
  }

  #podDeleted(pod: Pod): void {
    const owner = this.#resolve(pod.metadata.namespace, controllerOf(pod));
    if (owner === undefined) return;
    this.#expectations.deletionObserved(keyOf(owner), keyOf(pod));
    this.#enqueue(owner, pod);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const owner = this.#owners.lister.get(key);
    if (owner === undefined) {
      this.#expectations.forget(key);
      this.#written.forget(key);
      return;
    }
    // What it wrote last is still on its way: a change made to what it reads would be a conflict.
    if (this.#written.behind(key) !== undefined) return;
    const mayWrite = this.#expectations.areSatisfied(key);
    const claimed = await this.#claimPods(owner, client);
    const active = claimed.filter(isPodActive);
    const terminating = this.#kind.countsTerminating ? claimed.filter(isPodTerminating).length : undefined;
    let failure: ReplicaFailure | undefined;
    let problem: unknown;
    if (mayWrite && owner.metadata.deletionTimestamp === undefined) {
      const missing = (owner.spec?.replicas ?? 1) - active.length;
      try {
        if (missing > 0) await this.#createPods(key, owner, Math.min(missing, maxBurst), client);
        else if (missing < 0) await this.#deletePods(key, owner, active, Math.min(-missing, maxBurst), client);
      } catch (error) {
        problem = error;
        const message = error instanceof Error ? error.message : String(error);
        failure = { reason: missing > 0 ? 'FailedCreate' : 'FailedDelete', message };
      }
    }
    await this.#updateStatus(owner, active, terminating, failure, client);
    if (problem !== undefined) throw problem;
  }

  /** Its own Pods and those without an owner, in its namespace. */
  async #claimPods(owner: T, client: Client): Promise<Pod[]> {
    const selector = this.#kind.selectorOf(owner);
    const candidates = candidatesFor(this.#pods.lister, owner).filter(
      (pod) => controllerOf(pod) !== undefined || isPodActive(pod),
    );
    return claim(candidates, {
      client,
      owners: this.#kind.resource,
      owner,
      owned: pods,
      matches: ({ metadata }) => selector.matches(metadata.labels),
    });
  }

  async #createPods(key: string, owner: T, count: number, client: Client): Promise<void> {
    this.#expectations.expectCreations(key, count);
    const { succeeded, error } = await slowStartBatch(count, 1, async () => {
      try {
        await this.#podControl.createFromTemplate(client, templateOf(owner), owner);
      } catch (reason) {
        if (isNamespaceTerminating(reason)) return;
        throw reason;
      }
    });
    for (let i = succeeded; i < count; i++) this.#expectations.creationObserved(key);
    if (error !== undefined) throw error;
  }

  async #deletePods(key: string, owner: T, active: readonly Pod[], count: number, client: Client): Promise<void> {
    const doomed = this.#choose(owner, active, count);
    this.#expectations.expectDeletions(key, doomed.map(keyOf));
    const results = await Promise.allSettled(doomed.map((pod) => this.#podControl.delete(client, pod, owner)));
    let problem: unknown;
    for (const [i, result] of results.entries()) {
      const pod = doomed[i];
      if (result.status === 'fulfilled' || pod === undefined) continue;
      // Its deletion will not be seen: it failed, or was seen before.
      this.#expectations.deletionObserved(key, keyOf(pod));
      if (!hasReason(result.reason, 'NotFound')) problem ??= result.reason;
    }
    if (problem !== undefined) throw problem;
  }

  /** Those that will be missed least. */
  #choose(owner: T, active: readonly Pod[], count: number): Pod[] {
    if (count >= active.length) return [...active];
    const crowds = this.#crowds(owner);
    const order = {
      nowMs: this.#context.clock.now(),
      rank: ({ spec }: Pod): number => crowds.get(spec.nodeName ?? '') ?? 0,
    };
    return [...active].sort((a, b) => compareForDeletion(a, b, order)).slice(0, count);
  }

  /** How many Pods the owner and those with the same owner above them have on each node (KEP-2185). */
  #crowds(owner: T): ReadonlyMap<string, number> {
    const above = controllerOf(owner);
    const { namespace = '' } = owner.metadata;
    const related = new Set([owner.metadata.uid]);
    if (above !== undefined) {
      for (const other of this.#owners.lister.byIndex(namespaceIndex, namespace)) {
        if (controllerOf(other)?.uid === above.uid) related.add(other.metadata.uid);
      }
    }
    const crowds = new Map<string, number>();
    for (const uid of related) {
      for (const pod of this.#pods.lister.byIndex(ownerIndex, uid ?? '')) {
        if (!isPodActive(pod)) continue;
        const node = pod.spec.nodeName ?? '';
        crowds.set(node, (crowds.get(node) ?? 0) + 1);
      }
    }
    return crowds;
  }

  async #updateStatus(
    owner: T,
    active: readonly Pod[],
    terminating: number | undefined,
    failure: ReplicaFailure | undefined,
    client: Client,
  ): Promise<void> {
    const { clock } = this.#context;
    const status = replicaStatus(owner, { active, terminating, failure, nowMs: clock.now() });
    if (!semanticDeepEqual(status, owner.status)) {
      const written = await client.updateStatus(this.#kind.resource, { ...owner, status });
      this.#written.note(keyOf(owner), this.#owners, written);
    }
    const { minReadySeconds = 0, replicas = 1 } = owner.spec ?? {};
    // Clocks differ: what was not available yet is looked at once more when it should be.
    if (minReadySeconds > 0 && status.readyReplicas === replicas && status.availableReplicas !== replicas) {
      this.#loop.enqueueAfter(keyOf(owner), minReadySeconds * 1000);
    }
  }
}
