/** Defaults of volumes, shared by Pods and every pod template (upstream's `SetDefaults_Volume` and below). */
import type {
  HostPathType,
  HostPathVolumeSource,
  PersistentVolumeClaimSpec,
  ProjectedVolumeSource,
  Volume,
} from '../types/core.v1.ts';
import { setObjectFieldDefaults } from './container-defaults.ts';
import { defaultPullPolicy } from './image-reference.ts';
import { roundUpResourceList } from './resource-list.ts';

/** 0644. */
const defaultFileMode = 0o644;
const defaultTokenSeconds = 3600;

export function setVolumeDefaults(volume: Volume): void {
  if (!hasSource(volume)) {
    volume.emptyDir = {};
    return;
  }
  if (volume.configMap) volume.configMap.defaultMode ??= defaultFileMode;
  else if (volume.secret) volume.secret.defaultMode ??= defaultFileMode;
  else if (volume.projected) setProjectedDefaults(volume.projected);
  else if (volume.hostPath) setHostPathDefaults(volume.hostPath);
  else if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= defaultFileMode;
    setItemDefaults(volume.downwardAPI.items);
  } else if (volume.ephemeral) {
    const claim = volume.ephemeral.volumeClaimTemplate?.spec;
    if (claim) setClaimSpecDefaults(claim);
  } else if (volume.image && !volume.image.pullPolicy) {
    volume.image.pullPolicy = defaultPullPolicy(volume.image.reference ?? '');
  }
}

export function setHostPathDefaults(source: HostPathVolumeSource): void {
  // Not checked: the declared values leave the empty one out.
  source.type ??= '' as HostPathType;
}

function hasSource(volume: Volume): boolean {
  for (const field in volume) if (field !== 'name' && volume[field as keyof Volume]) return true;
  return false;
}

function setProjectedDefaults(projected: ProjectedVolumeSource): void {
  projected.defaultMode ??= defaultFileMode;
  for (const source of projected.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= defaultTokenSeconds;
    if (source.downwardAPI) setItemDefaults(source.downwardAPI.items);
  }
}

function setItemDefaults(items: readonly { fieldRef?: { apiVersion?: string } }[] | undefined): void {
  for (const { fieldRef } of items ?? []) if (fieldRef) setObjectFieldDefaults(fieldRef);
}

/** Of a PersistentVolumeClaim and of every claim template. */
export function setClaimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
  roundUpResourceList(spec.resources?.limits);
  roundUpResourceList(spec.resources?.requests);
}
