import { matchesNodeSelector } from '../../../api/core/node-selector.ts';
import { storageClassNameOf } from '../../../api/core/storage-class-name.ts';
import { bestVolumeFor } from '../../../api/core/volume-match.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../api/types/core.v1.ts';
import type { StorageClass } from '../../../api/types/storage.v1.ts';

export const noProvisioner = 'kubernetes.io/no-provisioner';

export function classOf(claim: PersistentVolumeClaim): string {
  return storageClassNameOf(claim) ?? '';
}

/** Whether a volume can be used on a node. */
export function isUsableOn({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(node, required);
}

/** The smallest volume that a claim could have on a node; one that names the claim comes first. */
export function volumeFor(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  node: Node,
  taken: ReadonlySet<string>,
): PersistentVolume | undefined {
  return bestVolumeFor(claim, volumes, (volume) => !taken.has(volume.metadata.name ?? '') && isUsableOn(volume, node));
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
