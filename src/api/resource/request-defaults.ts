import type { DeviceClaim, DeviceSubRequest, ExactDeviceRequest } from '../types/resource.v1.ts';

function setRequestDefaults(request: ExactDeviceRequest | DeviceSubRequest): void {
  if (!request.allocationMode) request.allocationMode = 'ExactCount';
  if (request.allocationMode === 'ExactCount' && !request.count) request.count = 1;
}

/** Of the devices that a claim, or a template of claims, asks for. */
export function setDeviceClaimDefaults(devices: DeviceClaim | undefined): void {
  for (const request of devices?.requests ?? []) {
    if (request.exactly) setRequestDefaults(request.exactly);
    for (const alternative of request.firstAvailable ?? []) setRequestDefaults(alternative);
  }
}
