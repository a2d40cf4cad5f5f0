import type { PersistentVolume, PersistentVolumeClaim } from '../types/core.v1.ts';

/** Named the class before the field was there; where both are, it counts. */
const storageClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** The class of a volume or claim; undefined: none was named, and a default may still be put in. */
export function storageClassNameOf({
  metadata,
  spec,
}: Pick<PersistentVolume | PersistentVolumeClaim, 'metadata' | 'spec'>): string | undefined {
  return metadata?.annotations?.[storageClassAnnotation] ?? spec?.storageClassName ?? undefined;
}
