/**
 * Between v1beta1 and v1 of resource.k8s.io. The older form has the members of a request for exact devices beside those
 * for alternatives, and the members of a device in `basic`.
 */
import type * as v1 from '../types/resource.v1.ts';
import type * as v1beta1 from '../types/resource.v1beta1.ts';

/** What in v1 stands in `exactly`. */
const exactMembers = [
  'deviceClassName',
  'selectors',
  'allocationMode',
  'count',
  'adminAccess',
  'tolerations',
  'capacity',
] as const satisfies readonly (keyof v1.ExactDeviceRequest)[];

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0;
}

function requestToV1(request: v1beta1.DeviceRequest): v1.DeviceRequest {
  const exactly: Record<string, unknown> = {};
  const rest: Record<string, unknown> = { ...request };
  for (const member of exactMembers) {
    delete rest[member];
    if (isGiven(request[member])) exactly[member] = request[member];
  }
  // One that is empty is none: what is wrong with it is for validation to say.
  return (Object.keys(exactly).length === 0 ? rest : { ...rest, exactly }) as unknown as v1.DeviceRequest;
}

function requestFromV1({ exactly, ...rest }: v1.DeviceRequest): v1beta1.DeviceRequest {
  return { ...rest, ...exactly };
}

function claimSpecToV1(spec: v1beta1.ResourceClaimSpec): v1.ResourceClaimSpec {
  const { devices } = spec;
  if (!devices?.requests) return spec as v1.ResourceClaimSpec;
  return { ...spec, devices: { ...devices, requests: devices.requests.map(requestToV1) } };
}

function claimSpecFromV1(spec: v1.ResourceClaimSpec): v1beta1.ResourceClaimSpec {
  const { devices } = spec;
  if (!devices?.requests) return spec as v1beta1.ResourceClaimSpec;
  return { ...spec, devices: { ...devices, requests: devices.requests.map(requestFromV1) } };
}

export function claimToV1({ spec, ...rest }: v1beta1.ResourceClaim): object {
  return spec ? { ...rest, spec: claimSpecToV1(spec) } : rest;
}

export function claimFromV1({ spec, ...rest }: v1.ResourceClaim): object {
  return spec ? { ...rest, spec: claimSpecFromV1(spec) } : rest;
}

export function templateToV1(template: v1beta1.ResourceClaimTemplate): object {
  const { spec } = template;
  return spec?.spec ? { ...template, spec: { ...spec, spec: claimSpecToV1(spec.spec) } } : template;
}

export function templateFromV1(template: v1.ResourceClaimTemplate): object {
  const { spec } = template;
  return spec?.spec ? { ...template, spec: { ...spec, spec: claimSpecFromV1(spec.spec) } } : template;
}

function deviceToV1({ basic, ...rest }: v1beta1.Device): v1.Device {
  return { ...rest, ...basic };
}

function deviceFromV1({ name, ...basic }: v1.Device): v1beta1.Device {
  return { name, basic };
}

export function sliceToV1({ spec, ...rest }: v1beta1.ResourceSlice): object {
  const devices = spec?.devices?.map(deviceToV1);
  return { ...rest, spec: { ...spec, ...(devices === undefined ? {} : { devices }) } };
}

export function sliceFromV1({ spec, ...rest }: v1.ResourceSlice): object {
  const devices = spec?.devices?.map(deviceFromV1);
  return { ...rest, spec: { ...spec, ...(devices === undefined ? {} : { devices }) } };
}
