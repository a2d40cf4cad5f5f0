import { ageColumn, column, nameColumn, orUnset, wideColumn } from '../columns.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../types/core.v1.ts';
import { roundUpResourceList } from './resource-list.ts';
import {
  validatePersistentVolumeClaim,
  validatePersistentVolumeClaimStatus,
  validatePersistentVolumeClaimUpdate,
} from './validation/persistentvolumeclaims.ts';
import { accessModesCell, phaseCell, storageClassCell } from './volume-cells.ts';
import { setClaimSpecDefaults } from './volume-defaults.ts';
import { persistentVolumeClaimWarnings } from '../warnings/volumes.ts';

function setClaimDefaults(claim: PersistentVolumeClaim): void {
  const status = (claim.status ??= {});
  status.phase ||= 'Pending';
  roundUpResourceList(status.capacity);
  roundUpResourceList(status.allocatedResources);
  if (claim.spec) setClaimSpecDefaults(claim.spec);
}

/**
 * Settles `dataSource` and `dataSourceRef` (KEP-1495): a source in another namespace needs a feature that is off;
 * `dataSource` alone may name a claim or a snapshot, nothing else; and each is copied to the other where that is unset.
 */
function settleDataSources(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec | undefined): void {
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const hadSource = old?.dataSource || old?.dataSourceRef;
  if (!hadSource && !spec.dataSourceRef && !isClaimOrSnapshot(spec)) delete spec.dataSource;
}

function isClaimOrSnapshot({ dataSource }: PersistentVolumeClaimSpec): boolean {
  switch (dataSource?.kind) {
    case 'PersistentVolumeClaim':
      return !dataSource.apiGroup;
    case 'VolumeSnapshot':
      return dataSource.apiGroup === 'snapshot.storage.k8s.io';
    default:
      return false;
  }
}

function mirrorDataSources(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...local } = dataSourceRef;
    spec.dataSource = local;
  }
}

export const persistentvolumeclaims = defineResource<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  namespaced: true,
  generationChanges: 'none',
  returnsDeletedObject: true,
  defaults: setClaimDefaults,
  prepareForCreate: (claim) => {
    claim.status = { phase: 'Pending' };
    if (!claim.spec) return;
    settleDataSources(claim.spec, undefined);
    mirrorDataSources(claim.spec);
  },
  prepareForUpdate: (claim, old) => {
    if (!claim.spec) return;
    settleDataSources(claim.spec, old.spec);
    mirrorDataSources(claim.spec);
  },
  validate: validatePersistentVolumeClaim,
  validateUpdate: validatePersistentVolumeClaimUpdate,
  warningsOnCreate: persistentVolumeClaimWarnings,
  warningsOnUpdate: persistentVolumeClaimWarnings,
  columns: [
    nameColumn,
    column('Status', phaseCell),
    column('Volume', (claim) => claim.spec?.volumeName ?? ''),
    column('Capacity', (claim) => (claim.spec?.volumeName ? (claim.status?.capacity?.['storage'] ?? '0') : '')),
    column('Access Modes', (claim) => (claim.spec?.volumeName ? accessModesCell(claim.status?.accessModes) : '')),
    column('StorageClass', storageClassCell),
    column('VolumeAttributesClass', (claim) => orUnset(claim.spec?.volumeAttributesClassName)),
    ageColumn,
    wideColumn('VolumeMode', (claim) => orUnset(claim.spec?.volumeMode)),
  ],
  subresources: { status: statusSubresource(validatePersistentVolumeClaimStatus) },
});
