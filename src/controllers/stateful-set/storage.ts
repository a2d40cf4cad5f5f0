/** The PersistentVolumeClaims that each Pod of a StatefulSet has of its own. */
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod, Volume } from '../../api/types/core.v1.ts';

export interface PodClaim {
  /** The template's, and the volume's. */
  readonly volumeName: string;
  readonly claimName: string;
  readonly template: PersistentVolumeClaim;
}

/** The claims of the Pod with an ordinal. */
export function podClaims({ metadata, spec }: StatefulSet, ordinal: number): PodClaim[] {
  return (spec.volumeClaimTemplates ?? []).map((template) => {
    const volumeName = template.metadata.name ?? '';
    return { volumeName, claimName: `${volumeName}-${metadata.name ?? ''}-${ordinal}`, template };
  });
}

/** Whether a claim has the name of one that a Pod of this set uses, whatever its ordinal. */
export function isClaimNameOf({ metadata, spec }: StatefulSet, claimName: string): boolean {
  return (spec.volumeClaimTemplates ?? []).some((template) => {
    const prefix = `${template.metadata.name ?? ''}-${metadata.name ?? ''}-`;
    return claimName.startsWith(prefix) && /^\d+$/.test(claimName.slice(prefix.length));
  });
}

/** A claim as it is created: its template's, with the labels that the set selects by. */
export function newClaim(set: StatefulSet, { claimName, template }: PodClaim): PersistentVolumeClaim {
  const copy = structuredClone(template);
  const labels = { ...copy.metadata.labels, ...set.spec.selector?.matchLabels };
  return {
    ...copy,
    metadata: { ...copy.metadata, name: claimName, namespace: set.metadata.namespace ?? '', labels },
  };
}

export function storageMatches(set: StatefulSet, pod: Pod, ordinal: number): boolean {
  if (ordinal < 0) return false;
  const claimNames = new Map(
    (pod.spec.volumes ?? []).map(({ name, persistentVolumeClaim }) => [name, persistentVolumeClaim?.claimName]),
  );
  return podClaims(set, ordinal).every(({ volumeName, claimName }) => claimNames.get(volumeName) === claimName);
}

/** The Pod with its claims as volumes, in the place of volumes with their names. */
export function withStorage(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  const claims = podClaims(set, ordinal);
  if (claims.length === 0) return pod;
  const own = new Set(claims.map(({ volumeName }) => volumeName));
  const volumes: Volume[] = [
    ...claims.map(({ volumeName, claimName }) => ({ name: volumeName, persistentVolumeClaim: { claimName } })),
    ...(pod.spec.volumes ?? []).filter(({ name }) => !own.has(name)),
  ];
  return { ...pod, spec: { ...pod.spec, volumes } };
}
