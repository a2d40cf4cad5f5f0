import { ageColumn, column, nameColumn } from '../columns.ts';
import type { ViewSubresource } from '../contract.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { ResourceClaim } from '../types/resource.v1.ts';
import { deviceKey } from './device-id.ts';
import { setDeviceClaimDefaults } from './request-defaults.ts';
import { validateClaimStatus } from './validation/claim-status.ts';
import { validateResourceClaim, validateSpecUpdate } from './validation/classes-and-claims.ts';

function allocatedDevices({ status }: ResourceClaim): Set<string> {
  return new Set((status?.allocation?.devices?.results ?? []).map(deviceKey));
}

/** A device that is no longer allocated takes its status with it. */
function dropDeallocatedDevices(claim: ResourceClaim, old: ResourceClaim): void {
  const { status } = claim;
  if (!status?.devices) return;
  const deallocated = allocatedDevices(old).difference(allocatedDevices(claim));
  const devices = status.devices.filter((device) => !deallocated.has(deviceKey(device)));
  if (devices.length > 0) status.devices = devices;
  else delete status.devices;
}

const statusOnly = statusOnlySubresource<ResourceClaim>(validateClaimStatus);
const status: ViewSubresource<ResourceClaim> = {
  ...statusOnly,
  merge(submitted, stored, context) {
    const claim = statusOnly.merge(submitted, stored, context);
    dropDeallocatedDevices(claim, stored);
    return claim;
  },
};

function stateCell({ metadata, status }: ResourceClaim): string {
  const deleted = Boolean(metadata?.deletionTimestamp);
  const states = deleted ? ['deleted'] : [];
  if (!status?.allocation) return deleted ? 'deleted' : 'pending';
  states.push('allocated');
  if ((status.reservedFor ?? []).length > 0) states.push('reserved');
  return states.join(',');
}

export const resourceclaims = defineResource<ResourceClaim>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  namespaced: true,
  returnsDeletedObject: true,
  generationChanges: 'none',
  defaults: ({ spec }) => setDeviceClaimDefaults(spec?.devices),
  validate: validateResourceClaim,
  validateUpdate: validateSpecUpdate,
  columns: [nameColumn, column('State', stateCell), ageColumn],
  subresources: { status },
});
