/** What the status of a ResourceClaim may say, and what it may say next. */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { validateInterfaceAddress } from '../../../machinery/network-validation.ts';
import { validateConditions } from '../../condition-rules.ts';
import { checkNodeSelector } from '../../core/validation/node-selectors.ts';
import { checkRequired, listOf, validateImmutable } from '../../field-rules.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '../../types/resource.v1.ts';
import { deviceKey, deviceText } from '../device-id.ts';
import { checkList, checkSet } from './bounded-lists.ts';
import { checkConfiguration, checkRawObject } from './configuration.ts';
import { checkRequestReferences, maxConfigurations } from './device-claim.ts';
import {
  checkDeviceName,
  checkDriverName,
  checkPoolName,
  checkRequestReference,
  checkShareID,
  requestNamesOf,
  type RequestNames,
} from './device-names.ts';
import { checkBindingConditions, checkDeviceTolerations } from './taints.ts';

const maxReservations = 256;
const maxResults = 32;
const maxDeviceConditions = 8;
const maxDeviceDataBytes = 10 * 1024;
const maxAddresses = 16;
const maxInterfaceNameBytes = 256;
const maxHardwareAddressBytes = 128;
const sources = ['FromClaim', 'FromClass'];
const statusPath = root('status');
const reservedForPath = statusPath.child('reservedFor');
const devicesPath = statusPath.child('devices');

export function validateClaimStatus(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  const errors: FieldError[] = [];
  const { allocation, reservedFor, devices } = claim.status ?? {};
  checkSet(errors, reservedForPath, reservedFor, maxReservations, checkConsumer, ({ uid = '' }) => uid);
  const allocated = new Set(listOf(allocation?.devices?.results).map(deviceKey));
  for (const [index, device] of listOf(devices).entries()) {
    checkDeviceStatus(errors, devicesPath.index(index), device, allocated);
  }
  const known = new Set<string>();
  for (const [index, device] of listOf(devices).entries()) {
    const key = deviceKey(device);
    if (known.has(key)) errors.push(devicesPath.index(index).duplicate(deviceText(device)));
    known.add(key);
  }
  checkReservations(errors, claim, old);
  const oldAllocation = old.status?.allocation;
  if (oldAllocation && allocation) {
    validateImmutable(allocation, oldAllocation, statusPath.child('allocation'), errors);
  } else if (allocation) {
    checkAllocation(errors, statusPath.child('allocation'), allocation, requestNamesOf(claim.spec?.devices));
  }
  return errors;
}

function checkConsumer(errors: FieldError[], path: Path, consumer: ResourceClaimConsumerReference): void {
  checkRequired(errors, path, 'resource', consumer.resource);
  checkRequired(errors, path, 'name', consumer.name);
  checkRequired(errors, path, 'uid', consumer.uid);
}

/** A claim that is going may lose consumers, and gets no new ones. */
function checkReservations(errors: FieldError[], claim: ResourceClaim, old: ResourceClaim): void {
  const reservations = listOf(claim.status?.reservedFor);
  if (reservations.length === 0) return;
  if (!claim.status?.allocation) {
    errors.push(reservedForPath.forbidden('may not be specified when `allocated` is not set'));
    return;
  }
  if (!claim.metadata?.deletionTimestamp) return;
  const known = listOf(old.status?.reservedFor);
  if (reservations.every((consumer) => known.some((other) => semanticDeepEqual(consumer, other)))) return;
  const rule = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
  errors.push(reservedForPath.forbidden(rule));
}

function checkDeviceStatus(
  errors: FieldError[],
  path: Path,
  status: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
): void {
  checkDriverName(errors, path.child('driver'), status.driver ?? '');
  checkPoolName(errors, path.child('pool'), status.pool ?? '');
  checkDeviceName(errors, path.child('device'), status.device ?? '');
  checkShareID(errors, path.child('shareID'), status.shareID);
  if (!allocated.has(deviceKey(status))) {
    errors.push(path.invalid(deviceText(status), 'must be an allocated device in the claim'));
  }
  const conditions = listOf(status.conditions);
  const conditionsPath = path.child('conditions');
  if (conditions.length > maxDeviceConditions) {
    errors.push(conditionsPath.tooMany(conditions.length, maxDeviceConditions));
  }
  validateConditions(conditions, conditionsPath, errors);
  if (status.data !== undefined && status.data !== null) {
    checkRawObject(errors, path.child('data'), status.data, maxDeviceDataBytes);
  }
  if (status.networkData) checkNetworkData(errors, path.child('networkData'), status.networkData);
}

function checkNetworkData(errors: FieldError[], path: Path, data: NetworkDeviceData): void {
  const { interfaceName = '', hardwareAddress = '' } = data;
  if (Buffer.byteLength(interfaceName) > maxInterfaceNameBytes) {
    errors.push(path.child('interfaceName').tooLong(interfaceName, maxInterfaceNameBytes));
  }
  if (Buffer.byteLength(hardwareAddress) > maxHardwareAddressBytes) {
    errors.push(path.child('hardwareAddress').tooLong(hardwareAddress, maxHardwareAddressBytes));
  }
  checkSet(
    errors,
    path.child('ips'),
    data.ips,
    maxAddresses,
    (found, at, address) => found.push(...validateInterfaceAddress(at, address)),
    (address) => address,
  );
}

function checkAllocation(errors: FieldError[], path: Path, allocation: AllocationResult, names: RequestNames): void {
  const at = path.child('devices');
  const { results, config } = allocation.devices ?? {};
  checkList(errors, at.child('results'), results, maxResults, (found, resultPath, result) =>
    checkResult(found, resultPath, result, names),
  );
  // As many again may come from the class.
  checkList(errors, at.child('config'), config, 2 * maxConfigurations, (found, configurationPath, configuration) =>
    checkAllocationConfiguration(found, configurationPath, configuration, names),
  );
  if (allocation.nodeSelector) checkNodeSelector(errors, path.child('nodeSelector'), allocation.nodeSelector, false);
}

function checkResult(
  errors: FieldError[],
  path: Path,
  result: DeviceRequestAllocationResult,
  names: RequestNames,
): void {
  checkRequestReference(errors, path.child('request'), result.request ?? '', names);
  checkDriverName(errors, path.child('driver'), result.driver ?? '');
  checkPoolName(errors, path.child('pool'), result.pool ?? '');
  checkDeviceName(errors, path.child('device'), result.device ?? '');
  checkBindingConditions(errors, path, result);
  checkDeviceTolerations(errors, path.child('tolerations'), result.tolerations);
  checkShareID(errors, path.child('shareID'), result.shareID);
}

function checkAllocationConfiguration(
  errors: FieldError[],
  path: Path,
  configuration: DeviceAllocationConfiguration,
  names: RequestNames,
): void {
  const source: string = configuration.source ?? '';
  if (source === '') errors.push(path.child('source').required());
  else if (!sources.includes(source)) errors.push(path.child('source').notSupported(source, sources));
  checkRequestReferences(errors, path.child('requests'), configuration.requests, names);
  checkConfiguration(errors, path, configuration.opaque, false);
}
