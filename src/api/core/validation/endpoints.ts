import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain, isPortNumber } from '../../../machinery/names.ts';
import { validateIPForLegacyField } from '../../../machinery/network-validation.ts';
import type { EndpointAddress, EndpointPort, Endpoints } from '../../types/core.v1.ts';
import { validateNonSpecialIP } from './addresses.ts';
import { validateAppProtocol, validatePortProtocol } from './service-ports.ts';

const subsetsPath = root('subsets');

/** @param old The stored object, whose addresses may stay however they are written. */
export function validateEndpoints(endpoints: Endpoints, old?: Endpoints): FieldError[] {
  const errors: FieldError[] = [];
  const oldValues = addressesOf(old);
  for (const [index, { addresses = [], notReadyAddresses = [], ports = [] }] of (endpoints.subsets ?? []).entries()) {
    const path = subsetsPath.index(index);
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      errors.push(path.required('must specify `addresses` or `notReadyAddresses`'));
    }
    validateAddresses(addresses, oldValues, path.child('addresses'), errors);
    validateAddresses(notReadyAddresses, oldValues, path.child('notReadyAddresses'), errors);
    const portsPath = path.child('ports');
    for (const [position, port] of ports.entries()) {
      validatePort(port, ports.length > 1, portsPath.index(position), errors);
    }
  }
  return errors;
}

function addressesOf(endpoints: Endpoints | undefined): string[] {
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [] }) =>
    [...addresses, ...notReadyAddresses].map(({ ip }) => ip ?? ''),
  );
}

function validateAddresses(
  addresses: readonly EndpointAddress[],
  oldValues: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  for (const [index, { ip = '', hostname, nodeName }] of addresses.entries()) {
    const at = path.index(index);
    errors.push(...validateIPForLegacyField(at.child('ip'), ip, { strict: true, oldValues }));
    if (hostname) {
      for (const sentence of isDNS1123Label(hostname)) errors.push(at.child('hostname').invalid(hostname, sentence));
    }
    if (nodeName !== undefined && nodeName !== null) {
      for (const sentence of isDNS1123Subdomain(nodeName))
        errors.push(at.child('nodeName').invalid(nodeName, sentence));
    }
    errors.push(...validateNonSpecialIP(ip, at.child('ip')));
  }
}

function validatePort(port: EndpointPort, isNameRequired: boolean, path: Path, errors: FieldError[]): void {
  const { name } = port;
  if (name) for (const sentence of isDNS1123Label(name)) errors.push(path.child('name').invalid(name, sentence));
  else if (isNameRequired) errors.push(path.child('name').required());
  const number = port.port ?? 0;
  for (const sentence of isPortNumber(number)) errors.push(path.child('port').invalid(number, sentence));
  validatePortProtocol(port.protocol, path, errors);
  validateAppProtocol(port.appProtocol, path, errors);
}
