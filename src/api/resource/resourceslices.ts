import { formatTime } from '../../machinery/time.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import type { StrategyContext } from '../contract.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { ResourceSlice } from '../types/resource.v1.ts';
import { validateResourceSlice, validateResourceSliceUpdate } from './validation/slices.ts';

function defaults({ spec }: ResourceSlice): void {
  for (const device of spec?.devices ?? []) {
    for (const mapping of Object.values(device.nodeAllocatableResourceMappings ?? {})) {
      mapping.allocationMultiplier ??= '1';
    }
  }
}

/** A taint without a time was added now. */
function stampTaints({ spec }: ResourceSlice, { nowMs }: StrategyContext): void {
  for (const device of spec?.devices ?? []) {
    for (const taint of device.taints ?? []) taint.timeAdded ??= formatTime(nowMs);
  }
}

export const resourceslices = defineResource<ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  namespaced: false,
  returnsDeletedObject: true,
  defaults,
  prepareForCreate: stampTaints,
  prepareForUpdate: (slice, _old, context) => stampTaints(slice, context),
  generationChanges: specDiffers,
  validate: validateResourceSlice,
  validateUpdate: validateResourceSliceUpdate,
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
    'spec.driver': ({ spec }) => spec?.driver ?? '',
  },
  unselectableField: (field) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
  columns: [
    nameColumn,
    column('Node', ({ spec }) => spec?.nodeName ?? ''),
    column('Driver', ({ spec }) => spec?.driver ?? ''),
    column('Pool', ({ spec }) => spec?.pool?.name ?? ''),
    ageColumn,
  ],
});
