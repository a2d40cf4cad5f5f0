import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { VolumeAttachment } from '../types/storage.v1.ts';

export const volumeattachments = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  namespaced: false,
  returnsDeletedObject: true,
  allowUnconditionalUpdate: false,
  generationChanges: 'none',
  columns: [
    nameColumn,
    { ...column<VolumeAttachment>('Attacher', ({ spec }) => spec?.attacher ?? ''), format: 'name' },
    column('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    column('Node', ({ spec }) => spec?.nodeName ?? ''),
    { name: 'Attached', type: 'boolean', cell: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
  subresources: { status: statusOnlySubresource() },
});
