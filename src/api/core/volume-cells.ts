/** Cells that PersistentVolumes and PersistentVolumeClaims share. */
import type { ObjectMeta } from '../types/meta.v1.ts';
import type { PersistentVolumeAccessMode } from '../types/core.v1.ts';

const shortModes: readonly [PersistentVolumeAccessMode, string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** `RWO,ROX`, always in this order. */
export function accessModesCell(modes: readonly PersistentVolumeAccessMode[] | undefined): string {
  return shortModes
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

/** The class, which an annotation named before there was a field, and still wins. */
export function storageClassCell(object: {
  readonly metadata?: ObjectMeta;
  readonly spec?: { readonly storageClassName?: string };
}): string {
  return (
    object.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? ''
  );
}

/** The phase, or `Terminating` from the moment of deletion. */
export function phaseCell(object: {
  readonly metadata?: ObjectMeta;
  readonly status?: { readonly phase?: string };
}): string {
  return object.metadata?.deletionTimestamp ? 'Terminating' : (object.status?.phase ?? '');
}
