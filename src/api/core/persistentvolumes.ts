import { formatTime } from '../../machinery/time.ts';
import { ageColumn, column, nameColumn, orUnset, wideColumn } from '../columns.ts';
import type { ViewSubresource } from '../contract.ts';
import { defineResource } from '../define.ts';
import type { PersistentVolume } from '../types/core.v1.ts';
import { roundUpResourceList } from './resource-list.ts';
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './validation/persistentvolumes.ts';
import { accessModesCell, phaseCell, storageClassCell } from './volume-cells.ts';
import { setHostPathDefaults } from './volume-defaults.ts';
import { persistentVolumeWarnings } from '../warnings/volumes.ts';

function setVolumeDefaults(volume: PersistentVolume): void {
  (volume.status ??= {}).phase ||= 'Pending';
  const spec = volume.spec;
  if (!spec) return;
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  if (spec.hostPath) setHostPathDefaults(spec.hostPath);
  roundUpResourceList(spec.capacity);
}

/** Keeps the time of the last transition in step with the phase (KEP-3762). */
const status: ViewSubresource<PersistentVolume> = {
  shape: 'view',
  merge(submitted, stored, { nowMs }) {
    submitted.spec = stored.spec;
    const next = (submitted.status ??= {});
    const { phase, lastPhaseTransitionTime } = stored.status ?? {};
    if (next.phase === phase) {
      if (!next.lastPhaseTransitionTime && lastPhaseTransitionTime) {
        next.lastPhaseTransitionTime = lastPhaseTransitionTime;
      }
    } else if (!next.lastPhaseTransitionTime || next.lastPhaseTransitionTime === lastPhaseTransitionTime) {
      next.lastPhaseTransitionTime = formatTime(nowMs);
    }
    return submitted;
  },
};

function claimCell({ spec }: PersistentVolume): string {
  return spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '';
}

export const persistentvolumes = defineResource<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  generationChanges: 'none',
  returnsDeletedObject: true,
  defaults: setVolumeDefaults,
  prepareForCreate: (volume, { nowMs }) => {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(nowMs) };
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  warningsOnCreate: persistentVolumeWarnings,
  warningsOnUpdate: persistentVolumeWarnings,
  columns: [
    nameColumn,
    column('Capacity', (volume) => volume.spec?.capacity?.['storage'] ?? '0'),
    column('Access Modes', (volume) => accessModesCell(volume.spec?.accessModes)),
    column('Reclaim Policy', (volume) => volume.spec?.persistentVolumeReclaimPolicy ?? ''),
    column('Status', phaseCell),
    column('Claim', claimCell),
    column('StorageClass', storageClassCell),
    column('VolumeAttributesClass', (volume) => orUnset(volume.spec?.volumeAttributesClassName)),
    column('Reason', (volume) => volume.status?.reason ?? ''),
    ageColumn,
    wideColumn('VolumeMode', (volume) => orUnset(volume.spec?.volumeMode)),
  ],
  subresources: { status },
});
