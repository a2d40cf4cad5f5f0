/**
 * The history of an owner's pod template, kept in ControllerRevisions: what StatefulSets and DaemonSets roll to and back
 * to (https://kubernetes.io/docs/tasks/manage-daemon/rollback-daemon-set/).
 * The data of a revision is a strategic merge patch that puts its template in the place of the owner's.
 */
import type { KubernetesObject } from '../api/contract.ts';
import { setPodTemplateDefaults } from '../api/core/pod-defaults.ts';
import { knownSchema } from '../api/known-schema.ts';
import { patchSchemaOf } from '../api/schema/patch-schema.ts';
import type { ControllerRevision } from '../api/types/apps.v1.ts';
import type { PodTemplateSpec } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import type { Lister } from '../client/indexer.ts';
import { controllerRevisions } from '../client/resources.ts';
import { hasReason, retryOnConflict } from '../client/retry-on-conflict.ts';
import { deepEqual, semanticDeepEqual } from '../machinery/deep-equal.ts';
import type { LabelSelector } from '../machinery/label-selector.ts';
import { applyStrategicMergePatch } from '../machinery/patch/strategic.ts';
import { candidatesFor } from './claims.ts';
import { canonicalJson } from './template-hash.ts';

/** On Pods: the revision they were made from. StatefulSets put its name here, DaemonSets its hash. */
export const controllerRevisionHashLabel = 'controller-revision-hash';

/** A name must not be longer than 253 bytes, of which a hash and its dash take up to 30. */
const maxPrefixLength = 223;

export function revisionName(ownerName: string, hash: string): string {
  return `${ownerName.slice(0, maxPrefixLength)}-${hash}`;
}

/** What a revision of this template holds. Clients that roll back compare its bytes, so its keys are in order. */
export function templatePatch(template: PodTemplateSpec): object {
  return JSON.parse(canonicalJson(patchWith(template))) as object;
}

function patchWith(template: PodTemplateSpec): object {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

// Both kinds keep their template in the same place.
const ownerSchema = patchSchemaOf(knownSchema('io.k8s.api.apps.v1.StatefulSet'));

/** The template that an owner has once a revision is applied to it. */
export function restoredTemplate(owner: PodTemplateSpec, { data }: ControllerRevision): PodTemplateSpec {
  const restored = applyStrategicMergePatch({ spec: { template: owner } }, data ?? null, ownerSchema);
  return (restored as { readonly spec: { readonly template: PodTemplateSpec } }).spec.template;
}

/**
 * Whether a revision is of this template. One that was written before a field got a default is still the same (upstream's
 * StatefulSetSemanticRevisionComparison).
 */
export function isRevisionOf(revision: ControllerRevision, template: PodTemplateSpec): boolean {
  if (deepEqual(revision.data, patchWith(template))) return true;
  return semanticDeepEqual(withDefaults(restoredTemplate(template, revision)), withDefaults(template));
}

function withDefaults(template: PodTemplateSpec): PodTemplateSpec {
  const defaulted = structuredClone(template);
  setPodTemplateDefaults(defaulted);
  return defaulted;
}

/** By revision, then by age, then by name: an order that everybody finds. */
export function compareRevisions(a: ControllerRevision, b: ControllerRevision): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  const orderOf = ({ metadata }: ControllerRevision): string =>
    `${metadata.creationTimestamp ?? ''}/${metadata.name ?? ''}`;
  return orderOf(a) < orderOf(b) ? -1 : orderOf(a) > orderOf(b) ? 1 : 0;
}

/** @param revisions In order. */
export function nextRevisionNumber(revisions: readonly ControllerRevision[]): number {
  return (revisions.at(-1)?.revision ?? 0) + 1;
}

/** The revisions that a selector finds and that belong to the owner or to nobody, in order. */
export function revisionsOf(
  lister: Lister<ControllerRevision>,
  owner: KubernetesObject,
  selector: LabelSelector,
): ControllerRevision[] {
  return candidatesFor(lister, owner)
    .filter(({ metadata }) => selector.matches(metadata.labels))
    .sort(compareRevisions);
}

/** Makes `revision` the number of a revision, so that an old one becomes the newest again. */
export async function renumber(
  client: Client,
  revision: ControllerRevision,
  number: number,
): Promise<ControllerRevision> {
  if (revision.revision === number) return revision;
  let isFirst = true;
  return retryOnConflict(async () => {
    const { namespace, name = '' } = revision.metadata;
    const current = isFirst ? revision : await client.get(controllerRevisions, namespace, name);
    isFirst = false;
    return client.update(controllerRevisions, { ...current, revision: number });
  });
}

export interface CreatedRevision {
  readonly revision: ControllerRevision;
  /** How often other templates had the same hash, those met just now among them. */
  readonly collisionCount: number;
}

/**
 * Creates the revision that `build` makes for a collision count, with the next count as long as another one has its name.
 * One with this name and this data is what was wanted.
 */
export async function createRevision(
  client: Client,
  collisionCount: number,
  build: (collisionCount: number) => ControllerRevision,
): Promise<CreatedRevision> {
  for (let count = collisionCount; ; count++) {
    const wanted = build(count);
    try {
      return { revision: await client.create(controllerRevisions, wanted), collisionCount: count };
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      const { namespace, name = '' } = wanted.metadata;
      const existing = await client.get(controllerRevisions, namespace, name);
      if (deepEqual(existing.data, wanted.data)) return { revision: existing, collisionCount: count };
    }
  }
}
