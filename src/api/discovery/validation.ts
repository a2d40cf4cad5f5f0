import { validateFullyQualifiedDomainName } from '../../machinery/domain-names.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { parseWrittenIP } from '../../machinery/ip-address.ts';
import { validateLabels } from '../../machinery/label-validation.ts';
import { isDNS1123Label, isDNS1123Subdomain, isLabelValue, isQualifiedName } from '../../machinery/names.ts';
import { validateIPForLegacyField } from '../../machinery/network-validation.ts';
import { validateNonSpecialIP } from '../core/validation/addresses.ts';
import { listOf, validateByRule, validateEnum, validateImmutable, validateRequiredEnum } from '../field-rules.ts';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../types/discovery.v1.ts';

const addressTypePath = root('addressType');
const endpointsPath = root('endpoints');
const portsPath = root('ports');
const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;
const maxTopologyLabels = 16;
const maxHints = 8;
const zoneLabel = 'topology.kubernetes.io/zone';
const families = new Map([
  ['IPv4', 4],
  ['IPv6', 6],
]);

function validateAddress(
  address: string,
  type: string,
  oldAddresses: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  if (type === 'FQDN') errors.push(...validateFullyQualifiedDomainName(path, address));
  const family = families.get(type);
  if (family === undefined) return;
  const faults = validateIPForLegacyField(path, address, { strict: true, oldValues: oldAddresses });
  if (faults.length > 0) {
    errors.push(...faults);
    return;
  }
  const ip = parseWrittenIP(address);
  if (ip !== undefined && ip.family !== family) errors.push(path.invalid(address, `must be an ${type} address`));
  errors.push(...validateNonSpecialIP(address, path));
}

/** Adds an error for each name that another hint has had. */
function validateHintNames(
  names: readonly string[],
  rule: (name: string) => string[],
  path: Path,
  errors: FieldError[],
): boolean {
  if (names.length > maxHints) {
    errors.push(path.tooMany(names.length, maxHints));
    return false;
  }
  const seen = new Set<string>();
  names.forEach((name, index) => {
    const namePath = path.index(index).child('name');
    if (seen.has(name)) errors.push(namePath.duplicate(name));
    seen.add(name);
    validateByRule(rule, name, namePath, errors);
  });
  return true;
}

function validateHints(hints: EndpointHints, path: Path, errors: FieldError[]): void {
  const zones = listOf(hints.forZones).map(({ name }) => name ?? '');
  const nodes = listOf(hints.forNodes).map(({ name }) => name ?? '');
  if (!validateHintNames(zones, isLabelValue, path.child('forZones'), errors)) return;
  validateHintNames(nodes, isDNS1123Subdomain, path.child('forNodes'), errors);
}

function validateEndpoint(
  endpoint: Endpoint,
  type: string,
  oldAddresses: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  const addresses = listOf(endpoint.addresses);
  const addressesPath = path.child('addresses');
  if (addresses.length === 0) errors.push(addressesPath.required('must contain at least 1 address'));
  else if (addresses.length > maxAddresses) errors.push(addressesPath.tooMany(addresses.length, maxAddresses));
  for (let i = 0; i < addresses.length; i++) {
    validateAddress(addresses[i] ?? '', type, oldAddresses, addressesPath.index(i), errors);
  }
  const { nodeName, hostname, hints, deprecatedTopology } = endpoint;
  if (nodeName !== undefined && nodeName !== null) {
    validateByRule(isDNS1123Subdomain, nodeName, path.child('nodeName'), errors);
  }
  if (deprecatedTopology !== undefined && deprecatedTopology !== null) {
    const topologyPath = path.child('deprecatedTopology');
    const count = Object.keys(deprecatedTopology).length;
    if (count > maxTopologyLabels) errors.push(topologyPath.tooMany(count, maxTopologyLabels));
    errors.push(...validateLabels(deprecatedTopology, topologyPath));
    if (Object.hasOwn(deprecatedTopology, zoneLabel)) {
      errors.push(topologyPath.key(zoneLabel).internalError('reserved key was not removed in conversion'));
    }
  }
  if (hostname !== undefined && hostname !== null) {
    validateByRule(isDNS1123Label, hostname, path.child('hostname'), errors);
  }
  if (hints !== undefined && hints !== null) validateHints(hints, path.child('hints'), errors);
}

function validatePorts(ports: readonly EndpointPort[], errors: FieldError[]): void {
  if (ports.length > maxPorts) {
    errors.push(portsPath.tooMany(ports.length, maxPorts));
    return;
  }
  const names = new Set<string>();
  ports.forEach(({ name: given, protocol, appProtocol }, index) => {
    const path = portsPath.index(index);
    const name = given ?? '';
    if (name !== '') validateByRule(isDNS1123Label, name, path.child('name'), errors);
    if (names.has(name)) errors.push(path.child('name').duplicate(name));
    names.add(name);
    if (protocol === undefined || protocol === null) errors.push(path.child('protocol').required());
    else validateEnum(protocol, protocols, path.child('protocol'), errors);
    if (appProtocol !== undefined && appProtocol !== null) {
      validateByRule(isQualifiedName, appProtocol, path.child('appProtocol'), errors);
    }
  });
}

function validateSlice(slice: EndpointSlice, oldAddresses: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const type = slice.addressType ?? '';
  validateRequiredEnum(type, addressTypes, addressTypePath, errors);
  const endpoints = listOf(slice.endpoints);
  if (endpoints.length > maxEndpoints) errors.push(endpointsPath.tooMany(endpoints.length, maxEndpoints));
  else {
    for (const [index, endpoint] of endpoints.entries()) {
      validateEndpoint(endpoint, type, oldAddresses, endpointsPath.index(index), errors);
    }
  }
  validatePorts(listOf(slice.ports), errors);
  return errors;
}

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  return validateSlice(slice, []);
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  const errors = validateSlice(
    slice,
    [...listOf(old.endpoints)].flatMap(({ addresses }) => listOf(addresses)),
  );
  validateImmutable(slice.addressType ?? '', old.addressType ?? '', addressTypePath, errors);
  return errors;
}
