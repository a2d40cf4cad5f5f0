import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Lister } from '../../client/indexer.ts';
import { persistentVolumeClaims, pods, statefulSets } from '../../client/resources.ts';
import { hasReason, retryOnConflict } from '../../client/retry-on-conflict.ts';
import { identityMatches, ordinalOf, withIdentity } from './identity.ts';
import { hasUnexpectedController, isOwnerUpToDate, isStaleFor, ownersFor } from './retention.ts';
import { newClaim, podClaims, storageMatches, withStorage, type PodClaim } from './storage.ts';

type Verb = 'create' | 'update' | 'delete';

const titles: Readonly<Record<Verb, string>> = { create: 'Create', update: 'Update', delete: 'Delete' };

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Creates, mends and deletes a set's Pods and their claims, and tells of it in the set's events. */
export class StatefulPodControl {
  readonly #recorder: EventRecorder;
  readonly #claims: Lister<PersistentVolumeClaim>;
  readonly #wroteClaim: (set: StatefulSet, written: PersistentVolumeClaim) => void;

  /** @param wroteClaim Told what the server answered to each write of a claim. */
  constructor(
    recorder: EventRecorder,
    claims: Lister<PersistentVolumeClaim>,
    wroteClaim: (set: StatefulSet, written: PersistentVolumeClaim) => void,
  ) {
    this.#recorder = recorder;
    this.#claims = claims;
    this.#wroteClaim = wroteClaim;
  }

  /** Its claims come first, so that the scheduler finds them. */
  async create(client: Client, set: StatefulSet, pod: Pod): Promise<Pod> {
    const created = await this.#tell('create', set, pod, async () => {
      await this.#createClaims(client, set, pod);
      return client.create(pods, pod);
    });
    await this.#tell('update', set, pod, () => this.#updateOwners(client, set, pod), { onlyFailure: true });
    return created;
  }

  async delete(client: Client, set: StatefulSet, pod: Pod): Promise<object> {
    const { namespace, name = '' } = pod.metadata;
    return this.#tell('delete', set, pod, () => client.delete(pods, namespace, name));
  }

  /** Gives a Pod the identity and the storage that it should have. Undefined: the Pod itself has both. */
  async update(client: Client, set: StatefulSet, pod: Pod): Promise<Pod | undefined> {
    const ordinal = ordinalOf(pod);
    const isRight = (one: Pod): boolean => identityMatches(set, one) && storageMatches(set, one, ordinal);
    const claimsAreRight = this.ownersMatch(set, pod);
    if (isRight(pod) && claimsAreRight) return undefined;
    return this.#tell('update', set, pod, async () => {
      if (!storageMatches(set, pod, ordinal)) await this.#createClaims(client, set, pod);
      if (!claimsAreRight) await this.#updateOwners(client, set, pod);
      let latest: Pod | undefined = pod;
      return retryOnConflict(async () => {
        const { namespace, name = '' } = pod.metadata;
        const before: Pod = latest ?? (await client.get(pods, namespace, name));
        latest = undefined;
        if (isRight(before)) return undefined;
        return client.update(pods, withStorage(set, withIdentity(set, before, ordinal), ordinal));
      });
    });
  }

  /** Creates what is missing of the claims of a Pod that waits for them. */
  async createMissingClaims(client: Client, set: StatefulSet, pod: Pod): Promise<void> {
    await this.#createClaims(client, set, pod);
    await this.#tell('update', set, pod, () => this.#updateOwners(client, set, pod), { onlyFailure: true });
  }

  /** Whether the Pod's claims have the owners that the retention policy wants. */
  ownersMatch(set: StatefulSet, pod: Pod): boolean {
    return this.#existingClaims(set, pod).every((claim) => isOwnerUpToDate(set, claim, pod));
  }

  async updateOwners(client: Client, set: StatefulSet, pod: Pod): Promise<void> {
    if (!this.ownersMatch(set, pod)) await this.#updateOwners(client, set, pod);
  }

  /** Whether a claim of the Pod will be deleted with a Pod that had its name before. */
  hasStaleClaim(set: StatefulSet, pod: Pod): boolean {
    return this.#existingClaims(set, pod).some((claim) => isStaleFor(set, claim, pod));
  }

  #claimOf(set: StatefulSet, { claimName }: PodClaim): PersistentVolumeClaim | undefined {
    return this.#claims.get(`${set.metadata.namespace ?? ''}/${claimName}`);
  }

  #existingClaims(set: StatefulSet, pod: Pod): PersistentVolumeClaim[] {
    return podClaims(set, ordinalOf(pod)).flatMap((wanted) => this.#claimOf(set, wanted) ?? []);
  }

  async #createClaims(client: Client, set: StatefulSet, pod: Pod): Promise<void> {
    const problems: string[] = [];
    for (const wanted of podClaims(set, ordinalOf(pod))) {
      const existing = this.#claimOf(set, wanted);
      if (existing === undefined) {
        const problem = await this.#createClaim(client, set, pod, wanted);
        if (problem !== undefined) problems.push(problem);
      } else if (existing.metadata.deletionTimestamp !== undefined) {
        problems.push(`pvc ${wanted.claimName} is being deleted`);
      }
    }
    const [first] = problems;
    if (first !== undefined) throw new Error(problems.length === 1 ? first : `[${problems.join(', ')}]`);
  }

  /** Resolves to what went wrong. */
  async #createClaim(client: Client, set: StatefulSet, pod: Pod, wanted: PodClaim): Promise<string | undefined> {
    const setName = set.metadata.name ?? '';
    const podName = pod.metadata.name ?? '';
    const { claimName } = wanted;
    try {
      this.#wroteClaim(set, await client.create(persistentVolumeClaims, newClaim(set, wanted)));
      const message = `create Claim ${claimName} Pod ${podName} in StatefulSet ${setName} success`;
      this.#recorder.event(statefulSets, set, 'Normal', 'SuccessfulCreate', message);
      return undefined;
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) {
        const what = `create Claim ${claimName} for Pod ${podName} in StatefulSet ${setName} failed error: `;
        this.#recorder.event(statefulSets, set, 'Warning', 'FailedCreate', what + textOf(error));
      }
      return `failed to create PVC ${claimName}: ${textOf(error)}`;
    }
  }

  async #updateOwners(client: Client, set: StatefulSet, pod: Pod): Promise<void> {
    for (const claim of this.#existingClaims(set, pod)) {
      const { name = '' } = claim.metadata;
      if (hasUnexpectedController(set, claim, pod)) {
        // Upstream's spelling.
        const conflict = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
        this.#recorder.event(statefulSets, set, 'Warning', 'ConflictingController', conflict);
      }
      if (isOwnerUpToDate(set, claim, pod)) continue;
      const ownerReferences = ownersFor(set, claim, pod);
      try {
        const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
        this.#wroteClaim(set, await client.update(persistentVolumeClaims, owned));
      } catch (error) {
        const what = `could not update claim ${name} for delete policy ownerRefs: ${textOf(error)}`;
        throw new Error(what, { cause: error });
      }
    }
  }

  async #tell<T>(
    verb: Verb,
    set: StatefulSet,
    pod: Pod,
    act: () => Promise<T>,
    { onlyFailure = false }: { readonly onlyFailure?: boolean } = {},
  ): Promise<T> {
    const what = `${verb} Pod ${pod.metadata.name ?? ''} in StatefulSet ${set.metadata.name ?? ''}`;
    let result: T;
    try {
      result = await act();
    } catch (error) {
      // Somebody has made this Pod already: that is news to nobody but us.
      if (verb !== 'create' || !hasReason(error, 'AlreadyExists')) {
        const message = `${what} failed error: ${textOf(error)}`;
        this.#recorder.event(statefulSets, set, 'Warning', `Failed${titles[verb]}`, message);
      }
      throw error;
    }
    if (!onlyFailure) {
      this.#recorder.event(statefulSets, set, 'Normal', `Successful${titles[verb]}`, `${what} successful`);
    }
    return result;
  }
}
