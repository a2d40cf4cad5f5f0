/** Which claims Pods use. */
import type { PersistentVolumeClaim, Pod, Volume } from '../../api/types/core.v1.ts';
import type { IndexFunction } from '../../client/indexer.ts';
import { controllerOf } from '../owner.ts';

/** The claim that is made for an ephemeral volume (KEP-1698). */
export function ephemeralClaimName({ metadata }: Pod, { name }: Volume): string {
  return `${metadata.name ?? ''}-${name}`;
}

/** Whether a claim was made for a Pod: one that somebody else made by the same name is not used. */
export function isMadeFor(claim: PersistentVolumeClaim, pod: Pod): boolean {
  return pod.metadata.uid !== undefined && controllerOf(claim)?.uid === pod.metadata.uid;
}

/** The name of the claim behind a volume; undefined: there is none. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? ephemeralClaimName(pod, volume) : undefined;
}

/** By `namespace/name` of the claims that a Pod names. */
export const podClaimIndex = 'pod-pvc-index';

export const claimKeysOf: IndexFunction<Pod> = (pod) =>
  (pod.spec.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(pod, volume);
    return name === undefined ? [] : [`${pod.metadata.namespace ?? ''}/${name}`];
  });
