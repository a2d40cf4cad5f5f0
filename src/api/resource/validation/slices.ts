/** What a driver publishes of a pool of devices. */
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { checkNodeSelector } from '../../core/validation/node-selectors.ts';
import { checkDNSSubdomain, listOf, mustBePositive, orZero, validateImmutable } from '../../field-rules.ts';
import type { CounterSet, Device, ResourcePool, ResourceSlice, ResourceSliceSpec } from '../../types/resource.v1.ts';
import { checkSet } from './bounded-lists.ts';
import { checkDriverName, checkPoolName } from './device-names.ts';
import { checkCounters, checkDevice, hasAdvancedFeatures } from './devices.ts';

const maxDevices = 128;
const maxDevicesWithAdvancedFeatures = 64;
const maxCounterSets = 8;
const specPath = root('spec');

export function validateResourceSlice(slice: ResourceSlice): FieldError[] {
  return validateSpec(orZero(slice.spec), undefined);
}

export function validateResourceSliceUpdate(slice: ResourceSlice, old: ResourceSlice): FieldError[] {
  return validateSpec(orZero(slice.spec), orZero(old.spec));
}

function validateSpec(spec: Partial<ResourceSliceSpec>, old: Partial<ResourceSliceSpec> | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const { driver = '' } = spec;
  const pool = orZero(spec.pool);
  checkDriverName(errors, specPath.child('driver'), driver);
  checkPool(errors, specPath.child('pool'), pool);
  if (old !== undefined) {
    validateImmutable(pool.name ?? '', old.pool?.name ?? '', specPath.child('pool', 'name'), errors);
    validateImmutable(driver, old.driver ?? '', specPath.child('driver'), errors);
    validateImmutable(spec.nodeName, old.nodeName, specPath.child('nodeName'), errors);
  }
  checkNodes(errors, spec);
  if (spec.sharedCounters && spec.devices) {
    errors.push(specPath.invalid('', 'only one of `sharedCounters` or `devices` is allowed'));
  }
  checkDevices(errors, spec, listOf(old?.devices));
  const countersPath = specPath.child('sharedCounters');
  checkSet(errors, countersPath, spec.sharedCounters, maxCounterSets, checkCounterSet, ({ name = '' }) => name);
  return errors;
}

function checkPool(errors: FieldError[], path: Path, pool: Partial<ResourcePool>): void {
  const { name = '', resourceSliceCount = 0, generation = 0 } = pool;
  checkPoolName(errors, path.child('name'), name);
  if (resourceSliceCount <= 0)
    errors.push(path.child('resourceSliceCount').invalid(resourceSliceCount, mustBePositive));
  if (generation < 0) {
    errors.push(path.child('generation').invalid(generation, 'must be greater than or equal to zero'));
  }
}

/** Exactly one way to say which nodes can reach the devices. */
function checkNodes(errors: FieldError[], spec: Partial<ResourceSliceSpec>): void {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec;
  const given: string[] = [];
  if (nodeName === '') {
    errors.push(specPath.child('nodeName').invalid('', 'must be either unset or set to a non-empty string'));
  } else if (nodeName !== undefined) {
    given.push('`nodeName`');
    checkDNSSubdomain(errors, specPath.child('nodeName'), nodeName);
  }
  if (nodeSelector) {
    given.push('`nodeSelector`');
    checkNodeSelector(errors, specPath.child('nodeSelector'), nodeSelector, false);
    const terms = nodeSelector.nodeSelectorTerms;
    if (listOf(terms).length !== 1) {
      const path = specPath.child('nodeSelector', 'nodeSelectorTerms');
      errors.push(path.invalid(terms ?? null, 'must have exactly one node selector term'));
    }
  }
  for (const [name, value] of [
    ['allNodes', allNodes],
    ['perDeviceNodeSelection', perDeviceNodeSelection],
  ] as const) {
    if (value === true) given.push(`\`${name}\``);
    else if (value === false) {
      errors.push(specPath.child(name).invalid(value, 'must be either unset or set to true'));
    }
  }
  if (given.length === 1) return;
  const rule = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (given.length === 0) errors.push(specPath.required(rule));
  else errors.push(specPath.invalid(`{${given.join(', ')}}`, `${rule}, but multiple fields are set`));
}

function checkDevices(errors: FieldError[], spec: Partial<ResourceSliceSpec>, old: readonly Device[]): void {
  const devices = listOf(spec.devices);
  const oldByName = new Map<string, Device>();
  for (const device of old) if (!oldByName.has(device.name ?? '')) oldByName.set(device.name ?? '', device);
  const choosesNodes = spec.perDeviceNodeSelection === true;
  checkSet(
    errors,
    specPath.child('devices'),
    devices,
    hasAdvancedFeatures(devices) ? maxDevicesWithAdvancedFeatures : maxDevices,
    (found, path, device) => checkDevice(found, path, device, oldByName.get(device.name ?? ''), choosesNodes),
    ({ name = '' }) => name,
  );
}

function checkCounterSet(errors: FieldError[], path: Path, set: CounterSet): void {
  checkCounters(errors, path, 'name', set.name ?? '', set.counters);
}
