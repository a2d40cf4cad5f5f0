import type { ControllerRevision, DaemonSet, DaemonSetStatus } from '../../api/types/apps.v1.ts';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { KubernetesObject } from '../../api/contract.ts';
import type { Client } from '../../client/client.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf, type Resource } from '../../client/resource.ts';
import { controllerRevisions, daemonSets, nodes, pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { WrittenRevisions, type RevisionSource } from '../../client/written-revisions.ts';
import { deepEqual, semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { candidatesFor, claim } from '../claims.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerOf, isReferenceTo } from '../owner.ts';
import { PodControl } from '../pods/pod-control.ts';
import { isPodReady } from '../pods/pod-state.ts';
import { staleSyncCounter } from '../stale-syncs.ts';
import { byNode } from './daemon-pod.ts';
import { eligibilityFor } from './eligibility.ts';
import { FailedPodBackoff } from '../pods/failed-pod-backoff.ts';
import { deleteRevision, expendableRevisions, hashOfRevision, syncHistory } from './revisions.ts';
import { Round } from './round.ts';
import { daemonSetStatus } from './status.ts';

/** What the informers have not seen after this long is looked for again: what was written may have been lost to them. */
const staleRetryMs = 1000;

/** Keeps one Pod of a DaemonSet on every node that is to have one. */
export class DaemonSetController implements Controller {
  readonly #context: ControllerContext;
  readonly #sets: Informer<DaemonSet>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #written = new WrittenRevisions();
  readonly #backoff: FailedPodBackoff;
  readonly #podControl: PodControl<DaemonSet>;
  readonly #countStaleSync: (behind: RevisionSource) => void;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, recorder, options, clock } = context;
    this.#backoff = new FailedPodBackoff(clock);
    this.#podControl = new PodControl(recorder, daemonSets);
    this.#countStaleSync = staleSyncCounter(context.metrics, 'daemonset_controller', 'DaemonSet');
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('daemonset'),
      workers: options.concurrentSyncs.daemonSet,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#sets = informers.of(daemonSets);
    this.#pods = informers.of(pods);
    this.#nodes = informers.of(nodes);
    this.#revisions = informers.of(controllerRevisions);
    const enqueue = (set: DaemonSet): void => this.#enqueue(set, set);
    this.#sets.addHandlers({ added: enqueue, updated: enqueue, deleted: enqueue });
    this.#pods.addHandlers({
      added: (pod) => this.#ownedChanged(pod, undefined),
      updated: (pod, old) => this.#podUpdated(pod, old),
      deleted: (pod) => this.#ownedGone(pod),
    });
    this.#revisions.addHandlers({
      // One that has an owner was made by this controller, which knows.
      added: (revision) => {
        if (controllerOf(revision) === undefined) this.#ownedChanged(revision, undefined);
      },
      updated: (revision, old) => this.#ownedChanged(revision, old),
      deleted: (revision) => this.#ownedGone(revision),
    });
    this.#nodes.addHandlers({
      added: (node) => this.#nodeChanged(node, undefined),
      updated: (node, old) => this.#nodeChanged(node, old),
      deleted: (node) => this.#nodeChanged(undefined, node),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#sets.synced, this.#pods.synced, this.#nodes.synced, this.#revisions.synced]);
    await this.#loop.run(signal);
  }

  #enqueue(set: DaemonSet, cause: KubernetesObject): void {
    this.#loop.enqueue(keyOf(set), cause.metadata?.resourceVersion);
  }

  /** The set that a reference in the namespace is to, if it is still the one that is meant. */
  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): DaemonSet | undefined {
    if (reference === undefined || !isReferenceTo(daemonSets, reference)) return undefined;
    const set = this.#sets.lister.get(`${namespace ?? ''}/${reference.name}`);
    return set?.metadata.uid === reference.uid ? set : undefined;
  }

  #ownedGone(owned: Pod | ControllerRevision): void {
    const set = this.#resolve(owned.metadata.namespace, controllerOf(owned));
    if (set !== undefined) this.#enqueue(set, owned);
  }

  /** Returns the set that it belongs to. One that belongs to nobody concerns all that could adopt it. */
  #ownedChanged(owned: Pod | ControllerRevision, old: Pod | ControllerRevision | undefined): DaemonSet | undefined {
    const { namespace = '', labels } = owned.metadata;
    const reference = controllerOf(owned);
    const ownerChanged = old !== undefined && controllerOf(old)?.uid !== reference?.uid;
    if (ownerChanged) this.#ownedGone(old);
    if (reference !== undefined) {
      const set = this.#resolve(namespace, reference);
      if (set !== undefined) this.#enqueue(set, owned);
      return set;
    }
    if (old !== undefined && !ownerChanged && semanticDeepEqual(labels, old.metadata.labels)) return undefined;
    for (const set of this.#sets.lister.byIndex(namespaceIndex, namespace)) {
      const selector = LabelSelector.fromObject(set.spec.selector);
      if (!selector.isEmpty && selector.matches(labels)) this.#enqueue(set, owned);
    }
    return undefined;
  }

  #podUpdated(pod: Pod, old: Pod): void {
    const set = this.#ownedChanged(pod, old);
    const { minReadySeconds = 0 } = set?.spec ?? {};
    // It is ready now and available later; one second more, because times are kept in whole seconds.
    if (set !== undefined && !isPodReady(old) && isPodReady(pod) && minReadySeconds > 0) {
      this.#loop.enqueueAfter(keyOf(set), (minReadySeconds + 1) * 1000);
    }
  }

  /** Nodes change all the time, but seldom in what decides about their Pods. */
  #nodeChanged(node: Node | undefined, old: Node | undefined): void {
    const decides = (one: Node | undefined): unknown => [one?.metadata.labels, one?.spec?.taints];
    if (node !== undefined && old !== undefined && semanticDeepEqual(decides(node), decides(old))) return;
    const cause = node ?? old ?? {};
    for (const set of this.#sets.lister.values()) {
      const eligibilityOf = eligibilityFor(set);
      const [before, after] = [old, node].map((one) => (one === undefined ? 'none' : eligibilityOf(one)));
      if (before !== after) this.#enqueue(set, cause);
    }
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const set = this.#sets.lister.get(key);
    if (set === undefined) {
      this.#written.forget(key);
      return;
    }
    if (deepEqual(set.spec.selector, {})) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#context.recorder.event(daemonSets, set, 'Warning', 'SelectingAll', message);
      return;
    }
    const behind = this.#written.behind(key);
    if (behind !== undefined) {
      this.#countStaleSync(behind);
      this.#loop.enqueueAfter(key, staleRetryMs);
      return;
    }
    // Its history may be gone already, without which nothing can be said about its Pods.
    if (set.metadata.deletionTimestamp !== undefined) return;
    await this.#sync(key, set, client);
  }

  async #sync(key: string, set: DaemonSet, client: Client): Promise<void> {
    const known = await this.#claim(set, controllerRevisions, this.#revisions, client);
    const owned = await this.#claim(set, pods, this.#pods, client);
    const history = await syncHistory(client, set, known, owned);
    const eligibilityOf = eligibilityFor(set);
    const { clock, recorder } = this.#context;
    const observation = {
      set,
      hash: hashOfRevision(history.current),
      nodes: [...this.#nodes.lister.values()].map((node) => ({ node, eligibility: eligibilityOf(node) })),
      pods: byNode(history.pods),
      nowMs: clock.now(),
    };
    const round = new Round({
      ...observation,
      client,
      podControl: this.#podControl,
      recorder,
      backoff: this.#backoff,
      wrote: (answer) => this.#written.note(key, this.#pods, answer),
      again: (delayMs) => this.#loop.enqueueAfter(key, delayMs),
    });
    let problem: unknown;
    try {
      await round.run();
      for (const old of expendableRevisions(set, history.old, history.pods)) await deleteRevision(client, old);
    } catch (error) {
      problem = error;
    }
    try {
      await this.#updateStatus(
        set,
        daemonSetStatus({ ...observation, collisionCount: history.collisionCount }),
        client,
      );
    } catch (error) {
      problem ??= error;
    }
    if (problem !== undefined) throw problem;
  }

  /** Its own objects, and those without an owner that its selector finds. */
  #claim<T extends KubernetesObject>(
    set: DaemonSet,
    resource: Resource<T>,
    informer: Informer<T>,
    client: Client,
  ): Promise<T[]> {
    const selector = LabelSelector.fromObject(set.spec.selector);
    return claim(candidatesFor(informer.lister, set), {
      client,
      owners: daemonSets,
      owner: set,
      owned: resource,
      matches: ({ metadata }) => selector.matches(metadata?.labels),
    });
  }

  async #updateStatus(set: DaemonSet, status: DaemonSetStatus, client: Client): Promise<void> {
    const key = keyOf(set);
    if (!semanticDeepEqual(status, set.status)) {
      this.#written.note(key, this.#sets, await client.updateStatus(daemonSets, { ...set, status }));
    }
    const { minReadySeconds = 0 } = set.spec;
    // Clocks differ: what was not available yet is looked at once more when it should be.
    if (minReadySeconds > 0 && status.numberReady !== (status.numberAvailable ?? 0)) {
      this.#loop.enqueueAfter(key, minReadySeconds * 1000);
    }
  }
}
