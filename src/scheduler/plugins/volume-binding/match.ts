import { matchesNodeSelector } from '../../../api/core/node-selector.ts';
import { quantityOf } from '../../../api/core/resource-list.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../api/types/core.v1.ts';
import type { StorageClass } from '../../../api/types/storage.v1.ts';
import { LabelSelector } from '../../../machinery/label-selector.ts';

export const noProvisioner = 'kubernetes.io/no-provisioner';

export function classOf({ spec, metadata }: PersistentVolumeClaim): string {
  return spec.storageClassName ?? metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? '';
}

/** Whether a volume can be used on a node. */
export function isUsableOn({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(node, required);
}

function capacityOf({ spec }: PersistentVolume): ReturnType<typeof quantityOf> {
  return quantityOf(spec.capacity?.['storage']);
}

/** Whether an unbound claim could have a volume, apart from where the volume is. */
function suits(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  const { spec, metadata } = claim;
  const { claimRef } = volume.spec;
  if (claimRef !== undefined) {
    const isOurs = claimRef.name === metadata.name && claimRef.namespace === metadata.namespace;
    return isOurs && (claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === metadata.uid);
  }
  if (volume.metadata.deletionTimestamp !== undefined || volume.status?.phase !== 'Available') return false;
  if ((volume.spec.storageClassName ?? '') !== classOf(claim)) return false;
  if ((volume.spec.volumeMode ?? 'Filesystem') !== (spec.volumeMode ?? 'Filesystem')) return false;
  if ((volume.spec.volumeAttributesClassName ?? '') !== (spec.volumeAttributesClassName ?? '')) return false;
  const modes = new Set(volume.spec.accessModes);
  if (!(spec.accessModes ?? []).every((mode) => modes.has(mode))) return false;
  if (spec.selector !== undefined && !LabelSelector.fromObject(spec.selector).matches(volume.metadata.labels)) {
    return false;
  }
  return capacityOf(volume).compare(quantityOf(spec.resources?.requests?.['storage'])) >= 0;
}

/** The smallest volume that a claim could have on a node; one that names the claim comes first. */
export function volumeFor(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  node: Node,
  taken: ReadonlySet<string>,
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (taken.has(volume.metadata.name ?? '') || !suits(claim, volume) || !isUsableOn(volume, node)) continue;
    if (volume.spec.claimRef !== undefined) return volume;
    if (best === undefined || capacityOf(volume).compare(capacityOf(best)) < 0) best = volume;
  }
  return best;
}

/** Whether the class can make a volume that is usable on the node. */
export function canProvision({ provisioner, allowedTopologies }: StorageClass, { metadata }: Node): boolean {
  if (provisioner === noProvisioner) return false;
  const terms = allowedTopologies ?? [];
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions }) =>
    (matchLabelExpressions ?? []).every(({ key, values }) => (values ?? []).includes(metadata.labels?.[key] ?? '')),
  );
}
