/** The devices that a claim, or a template of claims, asks for. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { checkDNSSubdomain, hasItems, listOf } from '../../field-rules.ts';
import type {
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../../types/resource.v1.ts';
import { checkList, checkSet } from './bounded-lists.ts';
import { checkConfiguration } from './configuration.ts';
import {
  checkDeviceName,
  checkFullyQualifiedDeviceName,
  checkRequestReference,
  requestNamesOf,
  type RequestNames,
} from './device-names.ts';
import { checkSelectors } from './selectors.ts';
import { checkDeviceTolerations } from './taints.ts';

export const maxRequests = 32;
export const maxConfigurations = 32;
const maxConstraints = 32;
const maxAlternatives = 8;
const allocationModes = ['All', 'ExactCount'];

export function checkDeviceClaim(errors: FieldError[], path: Path, claim: DeviceClaim | null | undefined): void {
  if (!claim) return;
  const names = requestNamesOf(claim);
  checkSet(errors, path.child('requests'), claim.requests, maxRequests, checkRequest, nameOf);
  checkList(errors, path.child('constraints'), claim.constraints, maxConstraints, (found, at, constraint) =>
    checkConstraint(found, at, constraint, names),
  );
  checkList(errors, path.child('config'), claim.config, maxConfigurations, (found, at, configuration) =>
    checkClaimConfiguration(found, at, configuration, names),
  );
}

function nameOf({ name = '' }: { readonly name?: string }): string {
  return name;
}

function textOf(text: string): string {
  return text;
}

function checkRequest(errors: FieldError[], path: Path, request: DeviceRequest): void {
  checkDeviceName(errors, path.child('name'), request.name ?? '');
  const hasAlternatives = hasItems(request.firstAvailable);
  if (hasAlternatives && request.exactly) {
    const rule = 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set';
    errors.push(path.invalid(null, rule));
  } else if (hasAlternatives) {
    checkSet(
      errors,
      path.child('firstAvailable'),
      request.firstAvailable,
      maxAlternatives,
      (found, at, alternative) => {
        checkDeviceName(found, at.child('name'), alternative.name ?? '');
        checkDeviceRequest(found, at, alternative);
      },
      nameOf,
    );
  } else if (request.exactly) checkDeviceRequest(errors, path.child('exactly'), request.exactly);
  else errors.push(path.required('exactly one of `exactly` or `firstAvailable` is required'));
}

function checkDeviceRequest(errors: FieldError[], path: Path, request: ExactDeviceRequest | DeviceSubRequest): void {
  const { deviceClassName = '', allocationMode = '', count = 0 } = request;
  if (deviceClassName === '') errors.push(path.child('deviceClassName').required());
  else checkDNSSubdomain(errors, path.child('deviceClassName'), deviceClassName);
  checkSelectors(errors, path.child('selectors'), request.selectors, false);
  if (allocationMode === 'All') {
    const rule = "must not be specified when allocationMode is 'All'";
    if (count !== 0) errors.push(path.child('count').invalid(count, rule));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(path.child('count').invalid(count, 'must be greater than zero'));
  } else errors.push(path.child('allocationMode').notSupported(allocationMode, allocationModes));
  checkDeviceTolerations(errors, path.child('tolerations'), request.tolerations);
}

/** References to requests of the same claim, each once. */
export function checkRequestReferences(
  errors: FieldError[],
  path: Path,
  requests: readonly string[] | undefined,
  names: RequestNames,
): void {
  const check = (found: FieldError[], at: Path, name: string): void => checkRequestReference(found, at, name, names);
  checkSet(errors, path, listOf(requests), maxRequests, check, textOf);
}

function checkConstraint(errors: FieldError[], path: Path, constraint: DeviceConstraint, names: RequestNames): void {
  const { requests, matchAttribute, distinctAttribute } = constraint;
  checkRequestReferences(errors, path.child('requests'), requests, names);
  if (matchAttribute !== undefined) {
    checkFullyQualifiedDeviceName(errors, path.child('matchAttribute'), matchAttribute);
  } else if (distinctAttribute !== undefined) {
    checkFullyQualifiedDeviceName(errors, path.child('distinctAttribute'), distinctAttribute);
  } else {
    const rule = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
    errors.push(path.required(rule));
  }
}

function checkClaimConfiguration(
  errors: FieldError[],
  path: Path,
  configuration: DeviceClaimConfiguration,
  names: RequestNames,
): void {
  checkRequestReferences(errors, path.child('requests'), configuration.requests, names);
  checkConfiguration(errors, path, configuration.opaque, false);
}
