/**
 * Who owns the claims of a StatefulSet's Pods, so that the garbage collector deletes what the retention policy says
 * (KEP-1847): the set when they go with it, the Pod when they go because it was scaled away, nobody when they stay.
 */
import type { KubernetesObject } from '../../api/contract.ts';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import { apiVersionOf, type Resource } from '../../client/resource.ts';
import { pods, statefulSets } from '../../client/resources.ts';
import { controllerReferenceTo } from '../owner.ts';
import { isInOrdinalRange, ordinalOf } from './identity.ts';

interface Retention {
  readonly deletesWithSet: boolean;
  readonly deletesWhenScaled: boolean;
}

function retentionOf({ spec }: StatefulSet): Retention {
  const policy = spec.persistentVolumeClaimRetentionPolicy;
  return { deletesWithSet: policy?.whenDeleted === 'Delete', deletesWhenScaled: policy?.whenScaled === 'Delete' };
}

/** Whether a reference names this object. It may be an earlier one of the same name. */
function names(resource: Resource, { metadata }: KubernetesObject, reference: OwnerReference): boolean {
  return (
    reference.apiVersion === apiVersionOf(resource) &&
    reference.kind === resource.kind &&
    reference.name === metadata?.name
  );
}

/** Whether the claim belongs to an earlier object of the same name, which is gone or about to be. */
function hasStaleOwner(claim: PersistentVolumeClaim, resource: Resource, owner: KubernetesObject): boolean {
  const reference = claim.metadata.ownerReferences?.find((one) => names(resource, owner, one));
  // A Pod that is not created yet has no uid: whatever the claim belongs to is not that.
  return reference !== undefined && reference.uid !== (owner.metadata?.uid ?? '');
}

/** Whether a Pod must not be created yet, because its claim is about to be deleted with the Pod before it. */
export function isStaleFor(set: StatefulSet, claim: PersistentVolumeClaim, pod: Pod): boolean {
  return retentionOf(set).deletesWhenScaled && hasStaleOwner(claim, pods, pod);
}

/** Whether something else controls a claim that the policy wants for the set or the Pod. */
export function hasUnexpectedController(set: StatefulSet, claim: PersistentVolumeClaim, pod: Pod): boolean {
  const { deletesWithSet, deletesWhenScaled } = retentionOf(set);
  if (!deletesWithSet && !deletesWhenScaled) return false;
  return (claim.metadata.ownerReferences ?? []).some((reference) => {
    if (names(statefulSets, set, reference)) return reference.uid !== set.metadata.uid;
    if (names(pods, pod, reference)) return reference.uid !== pod.metadata.uid;
    return reference.controller === true;
  });
}

interface Owners {
  readonly set: boolean;
  readonly pod: boolean;
}

function wantedOwners(set: StatefulSet, pod: Pod): Owners {
  const { deletesWithSet, deletesWhenScaled } = retentionOf(set);
  const isScaledAway = !isInOrdinalRange(set, ordinalOf(pod));
  return {
    set: deletesWithSet && !(deletesWhenScaled && isScaledAway),
    pod: deletesWhenScaled && isScaledAway,
  };
}

/** Whether a claim's owners are as the policy wants them, or none of our business. */
export function isOwnerUpToDate(set: StatefulSet, claim: PersistentVolumeClaim, pod: Pod): boolean {
  if (hasStaleOwner(claim, statefulSets, set) || hasStaleOwner(claim, pods, pod)) return true;
  const references = claim.metadata.ownerReferences ?? [];
  const ofSet = references.filter(({ uid }) => uid === set.metadata.uid);
  const ofPod = references.filter(({ uid }) => uid === pod.metadata.uid);
  if (hasUnexpectedController(set, claim, pod)) return ofSet.length === 0 && ofPod.length === 0;
  if ([...ofSet, ...ofPod].some(({ controller }) => controller !== true)) return false;
  const wanted = wantedOwners(set, pod);
  return ofSet.length > 0 === wanted.set && ofPod.length > 0 === wanted.pod;
}

/** The claim's owners as the policy wants them. */
export function ownersFor(set: StatefulSet, claim: PersistentVolumeClaim, pod: Pod): OwnerReference[] {
  const references = claim.metadata.ownerReferences ?? [];
  const others = references.filter((one) => !names(statefulSets, set, one) && !names(pods, pod, one));
  if (hasUnexpectedController(set, claim, pod)) return others;
  const wanted = wantedOwners(set, pod);
  return [
    ...others,
    ...(wanted.set ? [controllerReferenceTo(statefulSets, set)] : []),
    ...(wanted.pod ? [controllerReferenceTo(pods, pod)] : []),
  ];
}
