/** The volume that a VolumeAttachment describes itself, because no PersistentVolume stands for it. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { PersistentVolumeSpec } from '../../types/core.v1.ts';
import { checkVolumeSource } from './persistent-volume-sources.ts';
import { validateAccessModes } from './persistentvolumeclaims.ts';

const inContext = 'in the context of inline volumes';
const notInContext = `may not be specified ${inContext}`;

export function checkInlineVolumeSpec(errors: FieldError[], path: Path, spec: PersistentVolumeSpec): void {
  if (spec.claimRef) errors.push(path.child('claimRef').forbidden(notInContext));
  if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(path.child('capacity').forbidden(notInContext));
  if (!spec.csi) errors.push(path.child('csi').required(`has to be specified ${inContext}`));
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(path.child('accessModes').required());
  validateAccessModes(modes, path.child('accessModes'), errors);
  const policy = spec.persistentVolumeReclaimPolicy;
  if (policy && policy !== 'Retain') {
    errors.push(path.child('persistentVolumeReclaimPolicy').forbidden(`may only be Retain ${inContext}`));
  }
  if (spec.nodeAffinity) errors.push(path.child('nodeAffinity').forbidden(notInContext));
  checkVolumeSource(errors, path, spec, '');
  if (spec.storageClassName) errors.push(path.child('storageClassName').forbidden(notInContext));
  const mode = spec.volumeMode ?? undefined;
  if (mode !== undefined && mode !== 'Filesystem') {
    const rule = `may not specify volumeMode other than Filesystem ${inContext}`;
    errors.push(path.child('volumeMode').forbidden(rule));
  }
}
