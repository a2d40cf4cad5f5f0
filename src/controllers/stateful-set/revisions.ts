import type { ControllerRevision, StatefulSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { controllerRevisions, statefulSets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import {
  controllerRevisionHashLabel,
  createRevision,
  isRevisionOf,
  nextRevisionNumber,
  renumber,
  restoredTemplate,
  revisionName,
  templatePatch,
} from '../history.ts';
import { controllerReferenceTo } from '../owner.ts';
import { hashOf } from '../template-hash.ts';

/** On the revisions of StatefulSets: the hash of their data. */
const dataHashLabel = 'controller.kubernetes.io/hash';
/** Upstream's default of `spec.revisionHistoryLimit`. */
const defaultHistoryLimit = 10;

export interface SetRevisions {
  /** Of the Pods that are not updated yet. */
  readonly current: ControllerRevision;
  /** Of the set's template. */
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

function newRevision(set: StatefulSet, number: number, collisionCount: number): ControllerRevision {
  const { name = '', namespace = '', annotations } = set.metadata;
  const data = templatePatch(set.spec.template);
  const hash = hashOf(data, collisionCount);
  return {
    metadata: {
      name: revisionName(name, hash),
      namespace,
      labels: { ...set.spec.template.metadata?.labels, [dataHashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ownerReferences: [controllerReferenceTo(statefulSets, set)],
    },
    data,
    revision: number,
  };
}

/**
 * The revisions that a set rolls from and to. A template that was never there gets a revision; one that comes back makes
 * its old revision the newest.
 * @param revisions All of the set, in order.
 */
export async function syncRevisions(
  client: Client,
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
): Promise<SetRevisions> {
  const number = nextRevisionNumber(revisions);
  const known = revisions.findLast((revision) => isRevisionOf(revision, set.spec.template));
  let collisionCount = set.status?.collisionCount ?? 0;
  let update: ControllerRevision;
  if (set.metadata.deletionTimestamp !== undefined) {
    // The garbage collector takes the revisions away: none must come after them.
    update = known ?? newRevision(set, number, collisionCount);
  } else if (known === undefined) {
    const created = await createRevision(client, collisionCount, (count) => newRevision(set, number, count));
    ({ revision: update, collisionCount } = created);
  } else {
    update = known === revisions.at(-1) ? known : await renumber(client, known, number);
  }
  const currentName = set.status?.currentRevision;
  const current = revisions.find(({ metadata }) => metadata.name === currentName) ?? update;
  return { current, update, collisionCount };
}

/** The set as it was at a revision. */
export function setAt(set: StatefulSet, revision: ControllerRevision): StatefulSet {
  return { ...set, spec: { ...set.spec, template: restoredTemplate(set.spec.template, revision) } };
}

/** The name of the revision that a Pod was made from. */
export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[controllerRevisionHashLabel] ?? '';
}

/**
 * The revisions that nothing needs: older ones beyond `spec.revisionHistoryLimit`, except those that Pods are of.
 * @param revisions All of the set, in order.
 */
export function expendableRevisions(
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
  pods: readonly Pod[],
  inUse: readonly ControllerRevision[],
): ControllerRevision[] {
  const live = new Set([...inUse.map(({ metadata }) => metadata.name), ...pods.map(revisionOf)]);
  const history = revisions.filter(({ metadata }) => !live.has(metadata.name));
  const limit = set.spec.revisionHistoryLimit ?? defaultHistoryLimit;
  return limit < 0 ? [] : history.slice(0, Math.max(history.length - limit, 0));
}

export async function deleteRevisions(client: Client, revisions: readonly ControllerRevision[]): Promise<void> {
  for (const { metadata } of revisions) {
    try {
      await client.delete(controllerRevisions, metadata.namespace, metadata.name ?? '');
    } catch (error) {
      // The informer may not know of it yet.
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
