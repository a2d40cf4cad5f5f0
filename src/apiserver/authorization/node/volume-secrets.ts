import type { PersistentVolume } from '../../../api/types/core.v1.ts';

/**
 * The Secrets that a kubelet needs to mount a volume, as `namespace/name`. Those that only controllers need are left out.
 * A volume without a claim has none yet: the claim's namespace stands in where a reference names none.
 */
export function volumeSecrets({ spec }: PersistentVolume): ReadonlySet<string> {
  const found = new Set<string>();
  const home = spec?.claimRef?.namespace ?? '';
  const add = (namespace: string | undefined | null, name: string | undefined | null): void => {
    if (name !== undefined && name !== null && name !== '') found.add(`${namespace || home}/${name}`);
  };
  add(spec?.azureFile?.secretNamespace, spec?.azureFile?.secretName);
  for (const reference of [
    spec?.cephfs?.secretRef,
    spec?.cinder?.secretRef,
    spec?.flexVolume?.secretRef,
    spec?.rbd?.secretRef,
    spec?.scaleIO?.secretRef,
    spec?.iscsi?.secretRef,
    spec?.storageos?.secretRef,
    spec?.csi?.nodePublishSecretRef,
    spec?.csi?.nodeStageSecretRef,
    spec?.csi?.nodeExpandSecretRef,
  ]) {
    add(reference?.namespace, reference?.name);
  }
  return found;
}
