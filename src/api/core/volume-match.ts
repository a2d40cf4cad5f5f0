/** Which volume a claim could have (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding). */
import { LabelSelector } from '../../machinery/label-selector.ts';
import type { Quantity } from '../../machinery/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../types/core.v1.ts';
import { quantityOf } from './resource-list.ts';
import { storageClassNameOf } from './storage-class-name.ts';

function capacityOf({ spec }: PersistentVolume): Quantity {
  return quantityOf(spec.capacity?.['storage']);
}

/** Whether a volume names a claim; where it does not say which of that name, any. */
export function isPromisedTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  if (claimRef?.name !== metadata.name || claimRef?.namespace !== metadata.namespace) return false;
  return (claimRef?.uid ?? '') === '' || claimRef?.uid === metadata.uid;
}

/** What keeps a volume that was chosen by name from being a claim's; undefined: nothing. Upstream's words. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const wanted = quantityOf(claim.spec.resources?.requests?.['storage']);
  if (capacityOf(volume).compare(wanted) < 0) return 'requested PV is too small';
  if ((storageClassNameOf(volume) ?? '') !== (storageClassNameOf(claim) ?? ''))
    return 'storageClassName does not match';
  if ((volume.spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? '')) {
    return 'volumeAttributesClassName does not match';
  }
  if ((volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem')) {
    return 'incompatible volumeMode';
  }
  const modes = new Set(volume.spec.accessModes);
  return (claim.spec.accessModes ?? []).every((mode) => modes.has(mode)) ? undefined : 'incompatible accessMode';
}

/** Whether an unbound claim could have a volume, apart from where the volume is. */
export function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.spec.claimRef !== undefined) return isPromisedTo(volume, claim);
  if (volume.metadata.deletionTimestamp !== undefined || volume.status?.phase !== 'Available') return false;
  const { selector } = claim.spec;
  if (selector !== undefined && !LabelSelector.fromObject(selector).matches(volume.metadata.labels)) return false;
  return mismatchOf(volume, claim) === undefined;
}

/** Of the volumes that suit a claim the one that names it, or the smallest. */
export function bestVolumeFor(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  isUsable: (volume: PersistentVolume) => boolean,
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (!suits(volume, claim) || !isUsable(volume)) continue;
    if (volume.spec.claimRef !== undefined) return volume;
    if (best === undefined || capacityOf(volume).compare(capacityOf(best)) < 0) best = volume;
  }
  return best;
}
