import { ageColumn, column, nameColumn } from '../columns.ts';
import { roundUpResourceList } from '../core/resource-list.ts';
import { setHostPathDefaults } from '../core/volume-defaults.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { VolumeAttachment } from '../types/storage.v1.ts';
import { validateVolumeAttachment, validateVolumeAttachmentUpdate } from './driver-validation.ts';

/** Of the volume that is described in place, for volumes that pods have without a claim. */
function defaults({ spec }: VolumeAttachment): void {
  const volume = spec?.source?.inlineVolumeSpec;
  if (!volume) return;
  roundUpResourceList(volume.capacity);
  if (volume.hostPath) setHostPathDefaults(volume.hostPath);
}

export const volumeattachments = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  namespaced: false,
  validate: validateVolumeAttachment,
  validateUpdate: validateVolumeAttachmentUpdate,
  returnsDeletedObject: true,
  allowUnconditionalUpdate: false,
  defaults,
  generationChanges: 'none',
  columns: [
    nameColumn,
    { ...column<VolumeAttachment>('Attacher', ({ spec }) => spec?.attacher ?? ''), format: 'name' },
    column('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    column('Node', ({ spec }) => spec?.nodeName ?? ''),
    { name: 'Attached', type: 'boolean', cell: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
  subresources: { status: statusOnlySubresource<VolumeAttachment>(validateVolumeAttachmentUpdate) },
});
