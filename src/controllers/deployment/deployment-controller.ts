import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import { namespaceIndex, ownerIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { deployments, pods, replicaSets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { candidatesFor, claim } from '../claims.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerOf, isReferenceTo } from '../owner.ts';
import { isPodFinished } from '../pods/pod-state.ts';
import { compareRevisions, desiredReplicasOf } from './annotations.ts';
import { conditionOf, newCondition, withCondition } from './conditions.ts';
import { desiredReplicas, isRolling, sumReplicas } from './limits.ts';
import { proportionalSizes } from './proportions.ts';
import { syncRevisions, type Revisions } from './revisions.ts';
import { nextStepOfNew, nextStepsOfOld } from './rolling.ts';
import { Rollout } from './rollout.ts';
import { countedStatus, hasProgressDeadline, isComplete, rolloutStatus, stuckAfterMs } from './status.ts';

function isActive({ spec }: ReplicaSet): boolean {
  return (spec?.replicas ?? 1) > 0;
}

/** Brings the Pods of a Deployment from one revision of its template to the next. */
export class DeploymentController implements Controller {
  readonly #context: ControllerContext;
  readonly #deployments: Informer<Deployment>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('deployment'),
      workers: context.options.concurrentSyncs.deployment,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#deployments = context.informers.of(deployments);
    this.#replicaSets = context.informers.of(replicaSets);
    this.#pods = context.informers.of(pods);
    const enqueue = (deployment: Deployment): void =>
      this.#loop.enqueue(keyOf(deployment), deployment.metadata.resourceVersion);
    this.#deployments.addHandlers({ added: enqueue, updated: enqueue, deleted: enqueue });
    this.#replicaSets.addHandlers({
      added: (set) => this.#setChanged(set, undefined),
      updated: (set, old) => this.#setChanged(set, old),
      deleted: (set) => this.#enqueueOwner(set, set),
    });
    this.#pods.addHandlers({ deleted: (pod) => this.#podDeleted(pod) });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#deployments.synced, this.#replicaSets.synced, this.#pods.synced]);
    await this.#loop.run(signal);
  }

  #ownerOf(namespace: string | undefined, reference: OwnerReference | undefined): Deployment | undefined {
    if (reference === undefined || !isReferenceTo(deployments, reference)) return undefined;
    const owner = this.#deployments.lister.get(`${namespace ?? ''}/${reference.name}`);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  #enqueueOwner(set: ReplicaSet, cause: ReplicaSet): void {
    const owner = this.#ownerOf(set.metadata.namespace, controllerOf(set));
    if (owner !== undefined) this.#loop.enqueue(keyOf(owner), cause.metadata.resourceVersion);
  }

  #setChanged(set: ReplicaSet, old: ReplicaSet | undefined): void {
    if (old !== undefined && controllerOf(old)?.uid !== controllerOf(set)?.uid) this.#enqueueOwner(old, set);
    if (controllerOf(set) !== undefined) {
      this.#enqueueOwner(set, set);
      return;
    }
    const isNews =
      old === undefined ||
      controllerOf(old) !== undefined ||
      !semanticDeepEqual(set.metadata.labels, old.metadata.labels);
    if (!isNews) return;
    for (const deployment of this.#deployments.lister.byIndex(namespaceIndex, set.metadata.namespace ?? '')) {
      const selector = LabelSelector.fromObject(deployment.spec.selector);
      if (!selector.isEmpty && selector.matches(set.metadata.labels)) {
        this.#loop.enqueue(keyOf(deployment), set.metadata.resourceVersion);
      }
    }
  }

  /** Recreating waits for the last Pod to be gone. */
  #podDeleted(pod: Pod): void {
    const reference = controllerOf(pod);
    if (reference === undefined || !isReferenceTo(replicaSets, reference)) return;
    const set = this.#replicaSets.lister.get(`${pod.metadata.namespace ?? ''}/${reference.name}`);
    const owner = set === undefined ? undefined : this.#ownerOf(set.metadata.namespace, controllerOf(set));
    if (owner === undefined || owner.spec.strategy?.type !== 'Recreate') return;
    this.#loop.enqueue(keyOf(owner), pod.metadata.resourceVersion);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const { recorder, clock } = this.#context;
    const deployment = this.#deployments.lister.get(key);
    if (deployment === undefined) return;
    const rollout = new Rollout(deployment, client, recorder, clock);
    const selector = LabelSelector.fromObject(deployment.spec.selector);
    if (selector.isEmpty) {
      const message = 'This deployment is selecting all pods. A non-empty selector is required.';
      recorder.event(deployments, deployment, 'Warning', 'SelectingAll', message);
      const { generation } = deployment.metadata;
      if ((deployment.status?.observedGeneration ?? 0) < (generation ?? 0)) {
        await rollout.update({ ...deployment, status: { ...deployment.status, observedGeneration: generation ?? 0 } });
      }
      return;
    }
    const sets = await claim(candidatesFor(this.#replicaSets.lister, deployment), {
      client,
      owners: deployments,
      owner: deployment,
      owned: replicaSets,
      matches: ({ metadata }) => selector.matches(metadata.labels),
    });
    if (deployment.metadata.deletionTimestamp !== undefined) {
      await this.#countOnly(rollout, await syncRevisions(rollout, sets, false));
      return;
    }
    await this.#tellPause(rollout);
    if (rollout.deployment.spec.paused === true || isScaled(rollout.deployment, sets)) await this.#scale(rollout, sets);
    else if (isRolling(rollout.deployment)) await this.#roll(rollout, sets);
    else await this.#recreate(rollout, sets);
  }

  /** A paused Deployment must not run into its deadline; the condition says why it does not. */
  async #tellPause(rollout: Rollout): Promise<void> {
    const { deployment, clock } = rollout;
    if (!hasProgressDeadline(deployment)) return;
    const { conditions = [] } = deployment.status ?? {};
    const current = conditionOf(conditions, 'Progressing');
    if (current?.reason === 'ProgressDeadlineExceeded') return;
    const isPaused = deployment.spec.paused === true;
    const isTold = current?.reason === 'DeploymentPaused';
    if (isPaused === isTold) return;
    const [reason, message] = isPaused
      ? ['DeploymentPaused', 'Deployment is paused']
      : ['DeploymentResumed', 'Deployment is resumed'];
    const condition = newCondition('Progressing', 'Unknown', reason, message, clock.now());
    await rollout.update({
      ...deployment,
      status: { ...deployment.status, conditions: withCondition(conditions, condition) },
    });
  }

  async #roll(rollout: Rollout, sets: readonly ReplicaSet[]): Promise<void> {
    const { newest, old } = await syncRevisions(rollout, sets, true);
    if (newest === undefined) return;
    const growth = nextStepOfNew(rollout.deployment, newest, [...old, newest]);
    if (growth !== undefined) {
      const grown = await rollout.resize(newest, growth.size);
      await this.#tell(rollout, { newest: grown, old });
      return;
    }
    const resized = new Map<ReplicaSet, ReplicaSet>();
    for (const { set, size } of nextStepsOfOld(rollout.deployment, newest, old)) {
      resized.set(set, await rollout.resize(set, size));
    }
    await this.#finish(rollout, { newest, old: old.map((set) => resized.get(set) ?? set) }, resized.size > 0);
  }

  async #recreate(rollout: Rollout, sets: readonly ReplicaSet[]): Promise<void> {
    const { newest, old } = await syncRevisions(rollout, sets, false);
    const active = old.filter(isActive);
    if (active.length > 0) {
      const emptied = new Map<ReplicaSet, ReplicaSet>();
      for (const set of active) emptied.set(set, await rollout.resize(set, 0));
      await this.#tell(rollout, { newest, old: old.map((set) => emptied.get(set) ?? set) });
      return;
    }
    if (this.#hasOldPods(old)) {
      await this.#tell(rollout, { newest, old });
      return;
    }
    const revisions = newest === undefined ? await syncRevisions(rollout, sets, true) : { newest, old };
    if (revisions.newest === undefined) return;
    const grown = await rollout.resize(revisions.newest, desiredReplicas(rollout.deployment));
    await this.#finish(rollout, { newest: grown, old: revisions.old }, grown !== revisions.newest);
  }

  #hasOldPods(old: readonly ReplicaSet[]): boolean {
    return old.some((set) =>
      this.#pods.lister.byIndex(ownerIndex, set.metadata.uid ?? '').some((pod) => !isPodFinished(pod)),
    );
  }

  /** Of a Deployment that is paused, or was scaled: the sizes follow, no revision is rolled out. */
  async #scale(rollout: Rollout, sets: readonly ReplicaSet[]): Promise<void> {
    const revisions = await syncRevisions(rollout, sets, false);
    const sizes = wantedSizes(rollout.deployment, revisions);
    const resized = new Map<ReplicaSet, ReplicaSet>();
    for (const [set, size] of sizes) resized.set(set, await rollout.resize(set, size));
    const { newest } = revisions;
    const after = {
      newest: newest === undefined ? undefined : (resized.get(newest) ?? newest),
      old: revisions.old.map((set) => resized.get(set) ?? set),
    };
    if (rollout.deployment.spec.paused === true) await this.#cleanUp(rollout, after.old);
    await this.#countOnly(rollout, after);
  }

  async #countOnly(rollout: Rollout, { newest, old }: Revisions): Promise<void> {
    const { deployment, clock } = rollout;
    const all = newest === undefined ? old : [...old, newest];
    const status = countedStatus(deployment, all, newest, clock.now());
    if (!semanticDeepEqual(status, deployment.status)) await rollout.update({ ...deployment, status });
  }

  async #finish(rollout: Rollout, revisions: Revisions, hasChanged: boolean): Promise<void> {
    if (!hasChanged && isComplete(rollout.deployment, rollout.deployment.status ?? {})) {
      await this.#cleanUp(rollout, revisions.old);
    }
    await this.#tell(rollout, revisions);
  }

  async #tell(rollout: Rollout, { newest, old }: Revisions): Promise<void> {
    const { deployment, clock } = rollout;
    const all = newest === undefined ? old : [...old, newest];
    const status = rolloutStatus(deployment, all, newest, clock.now());
    if (!semanticDeepEqual(status, deployment.status)) {
      await rollout.update({ ...deployment, status });
      return;
    }
    const afterMs = stuckAfterMs(deployment, status, clock.now());
    if (afterMs !== undefined) this.#loop.enqueueAfter(keyOf(deployment), afterMs);
  }

  /** Removes the oldest revisions beyond the limit, which have no Pods any more. */
  async #cleanUp({ deployment, client }: Rollout, old: readonly ReplicaSet[]): Promise<void> {
    const limit = deployment.spec.revisionHistoryLimit;
    if (limit === undefined) return;
    const kept = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const byRevision = kept.toSorted(compareRevisions);
    for (const { metadata, spec, status } of byRevision.slice(0, Math.max(0, kept.length - limit))) {
      const isObserved = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
      if ((status?.replicas ?? 0) > 0 || (spec?.replicas ?? 1) > 0 || !isObserved) continue;
      await client.delete(replicaSets, metadata.namespace, metadata.name ?? '').catch((error: unknown) => {
        if (!hasReason(error, 'NotFound')) throw error;
      });
    }
  }
}

/** Whether a ReplicaSet was sized for another number of replicas than the Deployment asks for now. */
function isScaled(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.filter(isActive).some((set) => {
    const desired = desiredReplicasOf(set);
    return desired !== undefined && desired !== desiredReplicas(deployment);
  });
}

/** Whether the newest ReplicaSet has all the Pods of the Deployment, and they are available. */
function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (set.spec?.replicas ?? 1) === desired &&
    desiredReplicasOf(set) === desired &&
    (set.status?.availableReplicas ?? 0) === desired
  );
}

function wantedSizes(deployment: Deployment, { newest, old }: Revisions): ReadonlyMap<ReplicaSet, number> {
  const desired = desiredReplicas(deployment);
  const active = [...old, ...(newest === undefined ? [] : [newest])].filter(isActive);
  const [only] = active.length === 0 ? [newest ?? latestOf(old)] : active.length === 1 ? active : [];
  if (only !== undefined) return new Map([[only, desired]]);
  if (newest !== undefined && isSaturated(deployment, newest)) {
    return new Map(old.filter(isActive).map((set) => [set, 0]));
  }
  if (!isRolling(deployment) || sumReplicas(active) === 0) return new Map();
  return proportionalSizes(deployment, active);
}

function latestOf(sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.toSorted(compareRevisions).at(-1);
}
