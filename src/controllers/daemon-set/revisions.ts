import type { ControllerRevision, DaemonSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { controllerRevisions, daemonSets, pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import {
  compareRevisions,
  controllerRevisionHashLabel,
  createRevision,
  isRevisionOf,
  renumber,
  revisionName,
  templatePatch,
} from '../history.ts';
import { controllerReferenceTo } from '../owner.ts';
import { templateHash } from '../template-hash.ts';
import { hashOfPod } from './daemon-pod.ts';

/** Upstream's default of `spec.revisionHistoryLimit`. */
const defaultHistoryLimit = 10;

export interface DaemonSetHistory {
  /** Of the set's template. */
  readonly current: ControllerRevision;
  readonly old: readonly ControllerRevision[];
  readonly collisionCount: number | undefined;
  /** The Pods of the set, as they are now. */
  readonly pods: readonly Pod[];
}

export function hashOfRevision({ metadata }: ControllerRevision): string {
  return metadata.labels?.[controllerRevisionHashLabel] ?? '';
}

function newRevision(set: DaemonSet, number: number, collisionCount: number): ControllerRevision {
  const { name = '', namespace = '', annotations } = set.metadata;
  const hash = templateHash(set.spec.template, collisionCount === 0 ? undefined : collisionCount);
  return {
    metadata: {
      name: revisionName(name, hash),
      namespace,
      labels: { ...set.spec.template.metadata?.labels, [controllerRevisionHashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ownerReferences: [controllerReferenceTo(daemonSets, set)],
    },
    data: templatePatch(set.spec.template),
    revision: number,
  };
}

/**
 * The set's history with a revision of its template, which is the newest.
 * @param revisions All of the set.
 * @param owned The Pods of the set.
 */
export async function syncHistory(
  client: Client,
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
  owned: readonly Pod[],
): Promise<DaemonSetHistory> {
  const labelled = await Promise.all(revisions.map((revision) => withHash(client, revision)));
  const equal = labelled.filter((revision) => isRevisionOf(revision, set.spec.template));
  const old = labelled.filter((revision) => !equal.includes(revision)).sort(compareRevisions);
  const number = (old.at(-1)?.revision ?? 0) + 1;
  const { collisionCount } = set.status ?? {};
  const known = equal.sort(compareRevisions).at(-1);
  if (known !== undefined) {
    const relabelled = await mergeInto(client, known, equal.slice(0, -1), owned);
    const current = known.revision < number ? await renumber(client, known, number) : known;
    return { current, old, collisionCount, pods: relabelled };
  }
  const created = await createRevision(client, collisionCount ?? 0, (count) => newRevision(set, number, count));
  const count = created.collisionCount === 0 ? collisionCount : created.collisionCount;
  return { current: created.revision, old, collisionCount: count, pods: owned };
}

/** A revision that has no hash is called by its name: it says more than a hash found anew, which may have collided. */
async function withHash(client: Client, revision: ControllerRevision): Promise<ControllerRevision> {
  if (hashOfRevision(revision) !== '') return revision;
  const { metadata } = revision;
  const labels = { ...metadata.labels, [controllerRevisionHashLabel]: metadata.name ?? '' };
  return client.update(controllerRevisions, { ...revision, metadata: { ...metadata, labels } });
}

/** Of several revisions of the same template one stays: the others go, and their Pods become its own. */
async function mergeInto(
  client: Client,
  kept: ControllerRevision,
  duplicates: readonly ControllerRevision[],
  owned: readonly Pod[],
): Promise<readonly Pod[]> {
  if (duplicates.length === 0) return owned;
  const merged = new Set(duplicates.map(hashOfRevision));
  const labels = { [controllerRevisionHashLabel]: hashOfRevision(kept) };
  const result: Pod[] = [];
  for (const pod of owned) {
    const { namespace, name = '' } = pod.metadata;
    const isMerged = merged.has(hashOfPod(pod));
    result.push(isMerged ? await client.patch(pods, namespace, name, 'merge', { metadata: { labels } }) : pod);
  }
  for (const duplicate of duplicates) await deleteRevision(client, duplicate);
  return result;
}

/** Old revisions beyond `spec.revisionHistoryLimit`, except those that Pods are of. */
export function expendableRevisions(
  set: DaemonSet,
  old: readonly ControllerRevision[],
  owned: readonly Pod[],
): ControllerRevision[] {
  const tooMany = old.length - (set.spec.revisionHistoryLimit ?? defaultHistoryLimit);
  if (tooMany <= 0) return [];
  const live = new Set(owned.map(hashOfPod));
  return old.filter((revision) => !live.has(hashOfRevision(revision))).slice(0, tooMany);
}

export async function deleteRevision(client: Client, { metadata }: ControllerRevision): Promise<void> {
  try {
    await client.delete(controllerRevisions, metadata.namespace, metadata.name ?? '');
  } catch (error) {
    // The informer may not know of it yet.
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
