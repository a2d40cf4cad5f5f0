import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { statefulSets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { controllerRevisionHashLabel } from '../history.ts';
import { controllerReferenceTo } from '../owner.ts';
import { podFromTemplate } from '../pods/pod-control.ts';
import { isPodAvailable, isPodFinished } from '../pods/pod-state.ts';
import { slowStartBatch } from '../slow-start.ts';
import { isInOrdinalRange, ordinalOf, podNameOf, replicasOf, startOrdinalOf, withIdentity } from './identity.ts';
import { isCreated, isRunningAndReady, isTerminating, isUnavailable } from './pod-stage.ts';
import { revisionOf, setAt, type SetRevisions } from './revisions.ts';
import { podsToUpdate } from './rolling-update.ts';
import type { StatefulPodControl } from './stateful-pod-control.ts';
import { countReplicas, type ReplicaCounts } from './status.ts';
import { withStorage } from './storage.ts';

/** So many requests of one set are under way at a time at most: upstream's MaxBatchSize. */
const maxBatch = 500;

export interface RolloutOptions {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly revisions: SetRevisions;
  readonly client: Client;
  readonly control: StatefulPodControl;
  readonly nowMs: number;
  /** Told what the server answered to each write of a Pod. */
  wrote(answer: object): void;
  /** How long a Pod that ended stays, for that another would end as fast; 0: it may be replaced now. */
  replaceAfterMs(pod: Pod): number;
}

export interface RolloutResult {
  readonly counts: ReplicaCounts;
  /** What went wrong; the counts hold nevertheless. */
  readonly problem: unknown;
}

/** Whether a step is done and the next may follow; otherwise this round ends here. */
type Outcome = 'go on' | 'wait';

/**
 * One round of bringing the Pods of a set to their desired state. In order (`OrderedReady`) it ends with the first Pod
 * that has to be waited for; in parallel it does for all Pods what it can.
 */
export class Rollout {
  readonly #options: RolloutOptions;
  readonly #set: StatefulSet;
  /** The set at the revision that Pods shall be of. */
  readonly #updated: StatefulSet;
  /** By ordinal, from the first on; those that are not there yet as they will be created. */
  readonly #replicas: readonly Pod[];
  /** Beyond the last ordinal or before the first, the highest ordinal first. */
  readonly #condemned: readonly Pod[];
  readonly #isOrdered: boolean;
  readonly #minReadySeconds: number;

  constructor(options: RolloutOptions) {
    const { set, pods, revisions } = options;
    this.#options = options;
    this.#set = set;
    this.#updated = setAt(set, revisions.update);
    this.#isOrdered = set.spec.podManagementPolicy !== 'Parallel';
    this.#minReadySeconds = set.spec.minReadySeconds ?? 0;
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
    const current = setAt(set, revisions.current);
    const start = startOrdinalOf(set);
    this.#replicas = Array.from({ length: replicasOf(set) }, (_, index) => {
      return byOrdinal.get(start + index) ?? this.#plannedPod(current, start + index);
    });
    this.#condemned = pods
      .filter((pod) => ordinalOf(pod) >= 0 && !isInOrdinalRange(set, ordinalOf(pod)))
      .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  }

  async run(): Promise<RolloutResult> {
    const counted = this.#count(this.#options.pods);
    if (this.#set.metadata.deletionTimestamp !== undefined) return { counts: counted, problem: undefined };
    const firstUnavailable = this.#firstUnavailable();
    let outcome: Outcome;
    try {
      outcome = await this.#forEach(this.#replicas, (pod) => this.#keep(pod));
      if (outcome === 'go on') outcome = await this.#forEach(this.#condemned, (pod) => this.#keepClaims(pod));
      if (outcome === 'go on') {
        outcome = await this.#forEach(this.#condemned, (pod) => this.#condemn(pod, firstUnavailable));
      }
    } catch (problem) {
      return { counts: this.#count([...this.#replicas, ...this.#condemned]), problem };
    }
    const counts = this.#count([...this.#replicas, ...this.#condemned]);
    if (outcome === 'wait' || this.#set.spec.updateStrategy?.type === 'OnDelete') return { counts, problem: undefined };
    return this.#update(counts);
  }

  #count(pods: readonly Pod[]): ReplicaCounts {
    return countReplicas(pods, this.#options.revisions, this.#minReadySeconds, this.#options.nowMs);
  }

  /** A Pod that is missing: below the partition of the current revision, otherwise of the newest. */
  #plannedPod(current: StatefulSet, ordinal: number): Pod {
    const { set, revisions } = this.#options;
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    const fromStart = ordinal - startOrdinalOf(set);
    const isCurrent =
      rollingUpdate === undefined
        ? type === 'RollingUpdate' && fromStart < (set.status?.currentReplicas ?? 0)
        : fromStart < (rollingUpdate.partition ?? 0);
    const source = isCurrent ? current : this.#updated;
    const revision = isCurrent ? revisions.current : revisions.update;
    const bare = podFromTemplate(source.spec.template, set, controllerReferenceTo(statefulSets, set));
    const pod = withStorage(set, withIdentity(set, bare, ordinal), ordinal);
    const labels = { ...pod.metadata.labels, [controllerRevisionHashLabel]: revision.metadata.name ?? '' };
    // A host name and a subdomain give it a name of its own in DNS. Pods cannot change them later.
    const names = { hostname: podNameOf(set, ordinal), subdomain: set.spec.serviceName ?? '' };
    return { ...pod, metadata: { ...pod.metadata, labels }, spec: { ...pod.spec, ...names } };
  }

  #isUnavailable(pod: Pod): boolean {
    return isUnavailable(pod, this.#minReadySeconds, this.#options.nowMs);
  }

  #firstUnavailable(): Pod | undefined {
    return (
      this.#replicas.find((pod) => this.#isUnavailable(pod)) ??
      this.#condemned.findLast((pod) => this.#isUnavailable(pod))
    );
  }

  async #forEach(pods: readonly Pod[], step: (pod: Pod) => Promise<Outcome>): Promise<Outcome> {
    if (this.#isOrdered) {
      for (const pod of pods) if ((await step(pod)) === 'wait') return 'wait';
      return 'go on';
    }
    const act = async (index: number): Promise<void> => {
      const pod = pods[index];
      if (pod !== undefined) await step(pod);
    };
    const { error } = await slowStartBatch(pods.length, 1, act, maxBatch);
    if (error !== undefined) throw error;
    return 'go on';
  }

  /** Creates a replica, starts it again, waits for it, or mends it. */
  async #keep(pod: Pod): Promise<Outcome> {
    const { control, client, nowMs } = this.#options;
    // However a Pod ended, it is replaced once it is gone.
    if (isPodFinished(pod)) {
      if (!isTerminating(pod) && this.#options.replaceAfterMs(pod) === 0) await this.#delete(pod);
      return 'wait';
    }
    if (!isCreated(pod)) {
      if (control.hasStaleClaim(this.#set, pod)) return 'wait';
      this.#options.wrote(await control.create(client, this.#set, pod));
      return 'wait';
    }
    if (pod.status?.phase === 'Pending') await control.createMissingClaims(client, this.#set, pod);
    if (this.#isOrdered) {
      if (isTerminating(pod) || !isRunningAndReady(pod)) return 'wait';
      if (!isPodAvailable(pod, this.#minReadySeconds, nowMs)) return 'wait';
    }
    const updated = await control.update(client, this.#updated, pod);
    if (updated !== undefined) this.#options.wrote(updated);
    return 'go on';
  }

  async #keepClaims(pod: Pod): Promise<Outcome> {
    await this.#options.control.updateOwners(this.#options.client, this.#updated, pod);
    return 'go on';
  }

  /** Deletes a Pod that is one too many. In order, the next goes only when all others work. */
  async #condemn(pod: Pod, firstUnavailable: Pod | undefined): Promise<Outcome> {
    if (isTerminating(pod)) return this.#isOrdered ? 'wait' : 'go on';
    const isAvailable = isRunningAndReady(pod) && isPodAvailable(pod, this.#minReadySeconds, this.#options.nowMs);
    if (this.#isOrdered && !isAvailable && pod !== firstUnavailable) return 'wait';
    await this.#delete(pod);
    return 'wait';
  }

  async #delete(pod: Pod): Promise<void> {
    const { control, client } = this.#options;
    this.#options.wrote(await control.delete(client, this.#set, pod));
  }

  async #update(counts: ReplicaCounts): Promise<RolloutResult> {
    const { revisions, nowMs } = this.#options;
    const revision = revisions.update.metadata.name ?? '';
    let { currentReplicas } = counts;
    try {
      for (const pod of podsToUpdate({ set: this.#set, replicas: this.#replicas, revision, nowMs })) {
        try {
          await this.#delete(pod);
        } catch (error) {
          if (!hasReason(error, 'NotFound')) throw error;
        }
        // It goes, and counts no longer.
        if (revisionOf(pod) === revisions.current.metadata.name) currentReplicas--;
      }
    } catch (problem) {
      return { counts: { ...counts, currentReplicas }, problem };
    }
    return { counts: { ...counts, currentReplicas }, problem: undefined };
  }
}
