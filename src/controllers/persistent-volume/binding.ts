import { deepEqual } from '../../machinery/deep-equal.ts';
import { isPromisedTo } from '../../api/core/volume-match.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
  PersistentVolumeStatus,
} from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { persistentVolumeClaims, persistentVolumes } from '../../client/resources.ts';
import { bindCompleted, boundByController, hasAnnotation } from './annotations.ts';

/** Binds a volume and a claim to each other, in an order in which each step can be done again after a failure. */
export async function bind(client: Client, volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
  const bound = await setVolumePhase(client, await promise(client, volume, claim), 'Bound');
  const bearer = await nameVolume(client, claim, bound);
  await setClaimStatus(client, bearer, {
    ...bearer.status,
    phase: 'Bound',
    ...(bound.spec.accessModes === undefined ? {} : { accessModes: bound.spec.accessModes }),
    ...(bound.spec.capacity === undefined ? {} : { capacity: bound.spec.capacity }),
    ...(typeof bound.spec.volumeAttributesClassName === 'string'
      ? { currentVolumeAttributesClassName: bound.spec.volumeAttributesClassName }
      : {}),
  });
}

/** Writes the claim into the volume. */
async function promise(
  client: Client,
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): Promise<PersistentVolume> {
  const { claimRef } = volume.spec;
  if (claimRef?.uid === claim.metadata.uid && isPromisedTo(volume, claim)) return volume;
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata;
  const own = claimRef === undefined ? { [boundByController]: 'yes' } : {};
  return client.update(persistentVolumes, {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...own } },
    spec: {
      ...volume.spec,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
    },
  });
}

/** Writes the volume into the claim. */
async function nameVolume(
  client: Client,
  claim: PersistentVolumeClaim,
  { metadata: { name: volumeName = '' } }: PersistentVolume,
): Promise<PersistentVolumeClaim> {
  if (claim.spec.volumeName === volumeName && hasAnnotation(claim, bindCompleted)) return claim;
  const own = (claim.spec.volumeName ?? '') === '' ? { [boundByController]: 'yes' } : {};
  return client.update(persistentVolumeClaims, {
    ...claim,
    metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...own, [bindCompleted]: 'yes' } },
    spec: { ...claim.spec, volumeName },
  });
}

/** Takes the claim out of a volume again; where a user named the claim, only which of that name it was. */
export async function unbind(client: Client, volume: PersistentVolume): Promise<void> {
  const { [boundByController]: isOwn, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...spec } = volume.spec;
  const { uid: _uid, resourceVersion: _resourceVersion, ...named } = claimRef ?? {};
  const changed = await client.update(persistentVolumes, {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: isOwn === undefined && claimRef !== undefined ? { ...spec, claimRef: named } : spec,
  });
  await setVolumePhase(client, changed, 'Available');
}

export async function setVolumePhase(
  client: Client,
  volume: PersistentVolume,
  phase: NonNullable<PersistentVolumeStatus['phase']>,
  message = '',
): Promise<PersistentVolume> {
  if (volume.status?.phase === phase) return volume;
  const { message: _message, ...kept } = volume.status ?? {};
  const status = { ...kept, phase, ...(message === '' ? {} : { message }) };
  return client.updateStatus(persistentVolumes, { ...volume, status });
}

export async function setClaimStatus(
  client: Client,
  claim: PersistentVolumeClaim,
  status: PersistentVolumeClaimStatus,
): Promise<void> {
  if (!deepEqual(status, claim.status)) await client.updateStatus(persistentVolumeClaims, { ...claim, status });
}
