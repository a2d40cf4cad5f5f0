import { root } from '../../machinery/field-error.ts';
import type { KubernetesObject } from '../contract.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../types/core.v1.ts';
import { claimSpecWarnings } from './claim-spec.ts';
import { nodeSelectorTermWarnings } from './node-labels.ts';
import { persistentVolumePluginWarnings } from './volume-plugins.ts';

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';
const spec = root('spec');

function classAnnotationWarnings({ metadata }: KubernetesObject): string[] {
  if (metadata?.annotations?.[classAnnotation] === undefined) return [];
  const at = root('metadata').child('annotations').key(classAnnotation);
  return [`${at}: deprecated since v1.8; use "storageClassName" attribute instead`];
}

export function persistentVolumeWarnings(volume: PersistentVolume): string[] {
  const warnings = classAnnotationWarnings(volume);
  if (!volume.spec) return warnings;
  if (volume.spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const at = spec.child('persistentVolumeReclaimPolicy');
    const advice = 'Instead, the recommended approach is to use dynamic provisioning.';
    warnings.push(`${at}: The Recycle reclaim policy is deprecated. ${advice}`);
  }
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  for (const [index, term] of terms.entries()) {
    const at = spec.child('nodeAffinity', 'required', 'nodeSelectorTerms').index(index);
    warnings.push(...nodeSelectorTermWarnings(term, at));
  }
  return [...warnings, ...persistentVolumePluginWarnings(volume.spec, spec)];
}

export function persistentVolumeClaimWarnings(claim: PersistentVolumeClaim): string[] {
  return [...classAnnotationWarnings(claim), ...claimSpecWarnings(claim.spec, spec)];
}
