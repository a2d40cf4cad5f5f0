import type { ControllerRevision, StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { controllerRevisions, persistentVolumeClaims, pods, statefulSets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { WrittenRevisions, type RevisionSource } from '../../client/written-revisions.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelectorError } from '../../machinery/label-requirement.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { candidatesFor, claim } from '../claims.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { revisionsOf } from '../history.ts';
import { controllerOf, isReferenceTo } from '../owner.ts';
import { FailedPodBackoff } from '../pods/failed-pod-backoff.ts';
import { isPodReady } from '../pods/pod-state.ts';
import { staleSyncCounter } from '../stale-syncs.ts';
import { isMemberOf, replicasOf } from './identity.ts';
import { deleteRevisions, expendableRevisions, syncRevisions, type SetRevisions } from './revisions.ts';
import { Rollout } from './rollout.ts';
import { isNews, statusOf, type ReplicaCounts } from './status.ts';
import { StatefulPodControl } from './stateful-pod-control.ts';
import { isClaimNameOf } from './storage.ts';

/** What the informers have not seen after this long is looked for again: what was written may have been lost to them. */
const staleRetryMs = 1000;

/** Keeps Pods with an identity and storage of their own: StatefulSets. */
export class StatefulSetController implements Controller {
  readonly #context: ControllerContext;
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #written = new WrittenRevisions();
  readonly #control: StatefulPodControl;
  readonly #backoff: FailedPodBackoff;
  readonly #countStaleSync: (behind: RevisionSource) => void;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, recorder, options } = context;
    this.#backoff = new FailedPodBackoff(context.clock);
    this.#countStaleSync = staleSyncCounter(context.metrics, 'statefulset_controller', 'StatefulSet');
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('statefulset'),
      workers: options.concurrentSyncs.statefulSet,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#sets = informers.of(statefulSets);
    this.#pods = informers.of(pods);
    this.#claims = informers.of(persistentVolumeClaims);
    this.#revisions = informers.of(controllerRevisions);
    this.#control = new StatefulPodControl(recorder, this.#claims.lister, (set, written) =>
      this.#written.note(keyOf(set), this.#claims, written),
    );
    const enqueue = (set: StatefulSet): void => this.#enqueue(set, set);
    this.#sets.addHandlers({ added: enqueue, updated: enqueue, deleted: enqueue });
    this.#pods.addHandlers({
      added: (pod) => this.#podAdded(pod),
      updated: (pod, old) => this.#podUpdated(pod, old),
      deleted: (pod) => this.#podDeleted(pod),
    });
    this.#claims.addHandlers({
      added: (one) => this.#claimChanged(one),
      updated: (one, old) => {
        if (one.metadata.deletionTimestamp !== old.metadata.deletionTimestamp || !isSameOwner(one, old)) {
          this.#claimChanged(one);
        }
      },
      deleted: (one) => this.#claimChanged(one),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#sets.synced, this.#pods.synced, this.#claims.synced, this.#revisions.synced]);
    await this.#loop.run(signal);
  }

  #enqueue(set: StatefulSet, cause: { readonly metadata: { readonly resourceVersion?: string } }): void {
    this.#loop.enqueue(keyOf(set), cause.metadata.resourceVersion);
  }

  /** The set that a reference in the namespace is to, if it is still the one that is meant. */
  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): StatefulSet | undefined {
    if (reference === undefined || !isReferenceTo(statefulSets, reference)) return undefined;
    const set = this.#sets.lister.get(`${namespace ?? ''}/${reference.name}`);
    return set?.metadata.uid === reference.uid ? set : undefined;
  }

  #setsOf(namespace: string | undefined): readonly StatefulSet[] {
    return this.#sets.lister.byIndex(namespaceIndex, namespace ?? '');
  }

  #enqueueMatching(pod: Pod): void {
    for (const set of this.#setsOf(pod.metadata.namespace)) {
      const selector = selectorOf(set);
      if (selector !== undefined && !selector.isEmpty && selector.matches(pod.metadata.labels)) this.#enqueue(set, pod);
    }
  }

  #podAdded(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#podDeleted(pod);
      return;
    }
    const reference = controllerOf(pod);
    const set = this.#resolve(pod.metadata.namespace, reference);
    if (set !== undefined) this.#enqueue(set, pod);
    else if (reference === undefined) this.#enqueueMatching(pod);
  }

  #podUpdated(pod: Pod, old: Pod): void {
    const [reference, oldReference] = [controllerOf(pod), controllerOf(old)];
    const ownerChanged = reference?.uid !== oldReference?.uid;
    if (ownerChanged) {
      const set = this.#resolve(old.metadata.namespace, oldReference);
      if (set !== undefined) this.#enqueue(set, pod);
    }
    if (reference === undefined) {
      if (ownerChanged || !semanticDeepEqual(pod.metadata.labels, old.metadata.labels)) this.#enqueueMatching(pod);
      return;
    }
    const set = this.#resolve(pod.metadata.namespace, reference);
    if (set === undefined) return;
    this.#enqueue(set, pod);
    const { minReadySeconds = 0 } = set.spec;
    // It is ready now and available later; one second more, because times are kept in whole seconds.
    if (!isPodReady(old) && isPodReady(pod) && minReadySeconds > 0) {
      this.#loop.enqueueAfter(keyOf(set), (minReadySeconds + 1) * 1000);
    }
  }

  #podDeleted(pod: Pod): void {
    const set = this.#resolve(pod.metadata.namespace, controllerOf(pod));
    if (set !== undefined) this.#enqueue(set, pod);
  }

  /** A Pod may wait for a claim of the one before it to be gone, or need a new one, or one with other owners. */
  #claimChanged({ metadata }: PersistentVolumeClaim): void {
    for (const set of this.#setsOf(metadata.namespace)) {
      if (isClaimNameOf(set, metadata.name ?? '')) this.#enqueue(set, { metadata });
    }
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const set = this.#sets.lister.get(key);
    if (set === undefined) {
      this.#written.forget(key);
      return;
    }
    const behind = this.#written.behind(key);
    if (behind !== undefined) {
      this.#countStaleSync(behind);
      this.#loop.enqueueAfter(key, staleRetryMs);
      return;
    }
    const selector = selectorOf(set);
    if (selector === undefined) {
      this.#context.log.info('Error converting StatefulSet selector', { statefulSet: key });
      return;
    }
    await this.#adoptRevisions(set, selector, client);
    const owned = await this.#claimPods(set, selector, client);
    await this.#sync(set, selector, owned, client);
  }

  /** Revisions that lost their owner belong to the set that selects them. */
  async #adoptRevisions(set: StatefulSet, selector: LabelSelector, client: Client): Promise<void> {
    const orphans = revisionsOf(this.#revisions.lister, set, selector).filter((one) => controllerOf(one) === undefined);
    if (orphans.length === 0) return;
    await claim(orphans, {
      client,
      owners: statefulSets,
      owner: set,
      owned: controllerRevisions,
      matches: () => true,
    });
  }

  /** Its own Pods, and those without an owner that have one of its names. */
  async #claimPods(set: StatefulSet, selector: LabelSelector, client: Client): Promise<Pod[]> {
    return claim(candidatesFor(this.#pods.lister, set), {
      client,
      owners: statefulSets,
      owner: set,
      owned: pods,
      matches: (pod) => selector.matches(pod.metadata.labels) && isMemberOf(set, pod),
    });
  }

  async #sync(set: StatefulSet, selector: LabelSelector, owned: readonly Pod[], client: Client): Promise<void> {
    const key = keyOf(set);
    const known = revisionsOf(this.#revisions.lister, set, selector);
    const revisions = await syncRevisions(client, set, known);
    const rollout = new Rollout({
      set,
      pods: owned,
      revisions,
      client,
      control: this.#control,
      nowMs: this.#context.clock.now(),
      wrote: (answer) => this.#written.note(key, this.#pods, answer),
      replaceAfterMs: ({ metadata }) => {
        const waitMs = this.#backoff.take(`${set.metadata.uid ?? ''}/${metadata.name ?? ''}`);
        if (waitMs > 0) this.#loop.enqueueAfter(key, waitMs);
        return waitMs;
      },
    });
    const { counts, problem } = await rollout.run();
    try {
      await this.#updateStatus(set, revisions, counts, client);
    } catch (error) {
      throw problem ?? error;
    } finally {
      await deleteRevisions(client, expendableRevisions(set, known, owned, [revisions.current, revisions.update]));
    }
    if (problem !== undefined) throw problem;
    const { minReadySeconds = 0 } = set.spec;
    // Clocks differ: what was not available yet is looked at once more when it should be.
    if (minReadySeconds > 0 && counts.availableReplicas !== replicasOf(set)) {
      this.#loop.enqueueAfter(key, minReadySeconds * 1000);
    }
  }

  async #updateStatus(set: StatefulSet, revisions: SetRevisions, counts: ReplicaCounts, client: Client): Promise<void> {
    const status = statusOf(set, revisions, counts);
    if (!isNews(set, status)) return;
    const updated = await client.updateStatus(statefulSets, { ...set, status });
    this.#written.note(keyOf(set), this.#sets, updated);
  }
}

function isSameOwner(a: PersistentVolumeClaim, b: PersistentVolumeClaim): boolean {
  return semanticDeepEqual(a.metadata.ownerReferences, b.metadata.ownerReferences);
}

/** Undefined: it is not valid, and no retry will help. */
function selectorOf({ spec }: StatefulSet): LabelSelector | undefined {
  try {
    return LabelSelector.fromObject(spec.selector);
  } catch (error) {
    if (error instanceof LabelSelectorError) return undefined;
    throw error;
  }
}
