import type { Amounts } from '../core/resource-list.ts';
import type { DeviceRequest, ResourceClaim } from '../types/resource.v1.ts';
import { Quantity } from '../../machinery/quantity.ts';
import { one, type Evaluator } from './evaluator.ts';

const count = 'count/resourceclaims.resource.k8s.io';
/** `gpu.deviceclass.resource.k8s.io/devices`: devices of one class (KEP-4840). */
const devicesOfClass = '.deviceclass.resource.k8s.io/devices';
/** A claim for all devices of a class may be given so many. */
const maxDevices = 32;

interface Asked {
  readonly deviceClassName: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

export const resourceClaims: Evaluator = {
  handles: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  counts: (resource) => resource === count || resource.endsWith(devicesOfClass),
  usage: (object): Amounts => {
    const devices = new Map<string, number>();
    for (const request of (object as ResourceClaim).spec?.devices?.requests ?? []) {
      for (const [name, most] of needsOf(request)) devices.set(name, (devices.get(name) ?? 0) + most);
    }
    const used: Amounts = new Map([[count, one]]);
    for (const [name, number] of devices) used.set(name + devicesOfClass, Quantity.of(number));
    return used;
  },
  isInScope: () => false,
};

/** Of alternatives, the most of each class. */
function needsOf({ exactly, firstAvailable = [] }: DeviceRequest): Map<string, number> {
  const most = new Map<string, number>();
  const alternatives: readonly Asked[] = exactly === undefined ? firstAvailable : [exactly];
  for (const { deviceClassName, allocationMode, count: wanted = 1 } of alternatives) {
    const number = allocationMode === 'All' ? maxDevices : wanted;
    most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, number));
  }
  return most;
}
