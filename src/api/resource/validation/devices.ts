/** One device of a ResourceSlice. */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { maxLabelLength } from '../../../machinery/names.ts';
import { checkNodeSelector } from '../../core/validation/node-selectors.ts';
import { checkDNSLabel, checkDNSSubdomain, listOf } from '../../field-rules.ts';
import type {
  Counter,
  Device,
  DeviceAttribute,
  DeviceCapacity,
  DeviceCounterConsumption,
} from '../../types/resource.v1.ts';
import { checkMap, checkSet } from './bounded-lists.ts';
import { checkCapacityPolicy } from './capacity-policy.ts';
import { checkDeviceName, checkQualifiedDeviceName } from './device-names.ts';
import { checkBindingConditions, checkTaints } from './taints.ts';

const maxAttributesAndCapacities = 32;
const maxConsumptions = 2;
const maxCounters = 32;
const maxValueBytes = 64;
/** A domain, a slash and an identifier. */
const maxQualifiedNameLength = 63 + 1 + 32;
// https://semver.org
const number = '(0|[1-9]\\d*)';
const preRelease = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const build = '[0-9a-zA-Z-]+';
const semanticVersion = new RegExp(
  `^${number}\\.${number}\\.${number}(-${preRelease}(\\.${preRelease})*)?(\\+${build}(\\.${build})*)?$`,
);

const attributeRules = {
  maxEntries: Infinity,
  maxKeyLength: maxQualifiedNameLength,
  checkKey: checkQualifiedDeviceName,
  checkValue: checkAttribute,
};

/** @param choosesNodes Whether the slice leaves it to each device on which nodes it is. */
export function checkDevice(
  errors: FieldError[],
  path: Path,
  device: Device,
  old: Device | undefined,
  choosesNodes: boolean,
): void {
  checkDeviceName(errors, path.child('name'), device.name ?? '');
  const size = Object.keys(device.attributes ?? {}).length + Object.keys(device.capacity ?? {}).length;
  if (size > maxAttributesAndCapacities) {
    const rule = `the total number of attributes and capacities must not exceed ${maxAttributesAndCapacities}`;
    errors.push(path.invalid(size, rule));
  }
  checkMap(errors, path.child('attributes'), device.attributes, attributeRules);
  // What was stored before a rule was made may stay.
  if (old === undefined || !semanticDeepEqual(old.capacity, device.capacity)) checkCapacity(errors, path, device);
  if (old === undefined || !semanticDeepEqual(old.taints, device.taints)) {
    checkTaints(errors, path.child('taints'), device.taints);
  }
  const consumption = device.consumesCounters;
  checkSet(errors, path.child('consumesCounters'), consumption, maxConsumptions, checkConsumption, setOf);
  if (choosesNodes) checkNodeChoice(errors, path, device);
  else if (device.nodeName !== undefined || device.nodeSelector || device.allNodes !== undefined) {
    const rule =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errors.push(path.invalid(null, rule));
  }
  checkBindingConditions(errors, path, device);
}

function setOf({ counterSet = '' }: DeviceCounterConsumption): string {
  return counterSet;
}

function isLong(value: string): boolean {
  return Buffer.byteLength(value) > maxValueBytes;
}

function checkText(errors: FieldError[], path: Path, value: string): void {
  if (isLong(value)) errors.push(path.tooLong(value, maxValueBytes));
}

function checkVersion(errors: FieldError[], path: Path, value: string): void {
  if (!semanticVersion.test(value)) {
    errors.push(path.invalid(value, 'must be a string compatible with semver.org spec 2.0.0'));
  }
  checkText(errors, path, value);
}

const kinds = ['int', 'bool', 'string', 'version', 'ints', 'bools', 'strings', 'versions'] as const;
const lists = ['bools', 'ints', 'strings', 'versions'] as const;

function checkAttribute(errors: FieldError[], path: Path, attribute: DeviceAttribute): void {
  if (attribute.string !== undefined) checkText(errors, path.child('string'), attribute.string);
  if (attribute.version !== undefined) checkVersion(errors, path.child('version'), attribute.version);
  for (const name of lists) {
    const values = attribute[name];
    if (!values) continue;
    const at = path.child(name);
    if (values.length === 0) errors.push(at.invalid(values, 'must not be empty if specified'));
    if (name !== 'strings' && name !== 'versions') continue;
    for (const [index, value] of values.entries()) {
      (name === 'strings' ? checkText : checkVersion)(errors, at.index(index), String(value));
    }
  }
  const given = kinds.filter((kind) => attribute[kind] !== undefined && attribute[kind] !== null);
  if (given.length === 1) return;
  errors.push(path.invalid(given.length === 0 ? '' : internalForm(attribute), 'exactly one value must be specified'));
}

/** An attribute under the names that upstream's own structure has, which its message shows. */
function internalForm(attribute: DeviceAttribute): Readonly<Record<string, unknown>> {
  return {
    IntValue: attribute.int ?? null,
    BoolValue: attribute.bool ?? null,
    StringValue: attribute.string ?? null,
    VersionValue: attribute.version ?? null,
    IntValues: attribute.ints ?? null,
    BoolValues: attribute.bools ?? null,
    StringValues: attribute.strings ?? null,
    VersionValues: attribute.versions ?? null,
  };
}

function checkCapacity(errors: FieldError[], path: Path, device: Device): void {
  const isShared = device.allowMultipleAllocations === true;
  checkMap<DeviceCapacity>(errors, path.child('capacity'), device.capacity, {
    maxEntries: Infinity,
    maxKeyLength: maxQualifiedNameLength,
    checkKey: checkQualifiedDeviceName,
    checkValue: (found, at, capacity) => {
      const policyPath = at.child('requestPolicy');
      if (isShared) checkCapacityPolicy(found, policyPath, capacity);
      else if (capacity.requestPolicy) found.push(policyPath.forbidden('allowMultipleAllocations must be true'));
    },
  });
}

function checkConsumption(errors: FieldError[], path: Path, consumption: DeviceCounterConsumption): void {
  checkCounters(errors, path, 'counterSet', consumption.counterSet ?? '', consumption.counters);
}

/** A set of counters and what it is called, in `member`. */
export function checkCounters(
  errors: FieldError[],
  path: Path,
  member: string,
  name: string,
  counters: Readonly<Record<string, Counter>> | undefined,
): void {
  if (name === '') errors.push(path.child(member).required());
  else checkDNSLabel(errors, path.child(member), name);
  const at = path.child('counters');
  if (Object.keys(counters ?? {}).length === 0) errors.push(at.required());
  else
    checkMap(errors, at, counters, { maxEntries: maxCounters, maxKeyLength: maxLabelLength, checkKey: checkDNSLabel });
}

function checkNodeChoice(errors: FieldError[], path: Path, { nodeName, nodeSelector, allNodes }: Device): void {
  const given: string[] = [];
  if (nodeName === '') errors.push(path.child('nodeName').invalid(nodeName, 'must not be empty'));
  else if (nodeName !== undefined) {
    given.push('`nodeName`');
    checkDNSSubdomain(errors, path.child('nodeName'), nodeName);
  }
  if (nodeSelector) {
    given.push('`nodeSelector`');
    checkNodeSelector(errors, path.child('nodeSelector'), nodeSelector, false);
  }
  if (allNodes === true) given.push('`allNodes`');
  else if (allNodes === false) {
    errors.push(path.child('allNodes').invalid(allNodes, 'must be either unset or set to true'));
  }
  if (given.length === 1) return;
  const rule =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  errors.push(given.length === 0 ? path.required(rule) : path.invalid(`{${given.join(', ')}}`, rule));
}

export function hasAdvancedFeatures(devices: readonly Device[]): boolean {
  return devices.some(
    ({ taints, consumesCounters, attributes }) =>
      listOf(taints).length > 0 ||
      listOf(consumesCounters).length > 0 ||
      Object.values(attributes ?? {}).some((attribute) => lists.some((name) => Boolean(attribute?.[name]))),
  );
}
