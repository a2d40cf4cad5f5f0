import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { IntOrString } from '../../../machinery/int-or-string.ts';
import { isDNS1123Label, isPortName, isPortNumber, isQualifiedName } from '../../../machinery/names.ts';
import type { ServicePort, ServiceSpec } from '../../types/core.v1.ts';

export const portProtocols: ReadonlySet<string> = new Set(['SCTP', 'TCP', 'UDP']);

/** A port's number, or the name of a container's port. */
export function validatePortNumberOrName(port: IntOrString, path: Path): FieldError[] {
  const sentences = typeof port === 'number' ? isPortNumber(port) : isPortName(port);
  return sentences.map((sentence) => path.invalid(port, sentence));
}

/** Name, number, protocol and application protocol, which ports of Services and of Endpoints have alike. */
export interface NamedPort {
  readonly name?: string | undefined;
  readonly port?: number;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
}

export function validatePortProtocol(protocol: string | undefined, path: Path, errors: FieldError[]): void {
  if (!protocol) errors.push(path.child('protocol').required());
  else if (!portProtocols.has(protocol)) errors.push(path.child('protocol').notSupported(protocol, portProtocols));
}

export function validateAppProtocol(appProtocol: string | undefined | null, path: Path, errors: FieldError[]): void {
  if (appProtocol === undefined || appProtocol === null) return;
  for (const sentence of isQualifiedName(appProtocol)) {
    errors.push(path.child('appProtocol').invalid(appProtocol, sentence));
  }
}

/** What holds of each port by itself; names must differ, and be there when there are several ports. */
export function validateServicePorts({ ports = [] }: ServiceSpec, path: Path, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries())
    validateServicePort(port, ports.length > 1, names, path.index(index), errors);
}

function validateServicePort(
  port: ServicePort,
  isNameRequired: boolean,
  names: Set<string>,
  path: Path,
  errors: FieldError[],
): void {
  const { name } = port;
  if (name) {
    const namePath = path.child('name');
    for (const sentence of isDNS1123Label(name)) errors.push(namePath.invalid(name, sentence));
    if (names.has(name)) errors.push(namePath.duplicate(name));
    names.add(name);
  } else if (isNameRequired) errors.push(path.child('name').required());
  const number = port.port ?? 0;
  for (const sentence of isPortNumber(number)) errors.push(path.child('port').invalid(number, sentence));
  validatePortProtocol(port.protocol, path, errors);
  errors.push(...validatePortNumberOrName(port.targetPort ?? 0, path.child('targetPort')));
  validateAppProtocol(port.appProtocol, path, errors);
}

/** No node port without a type that has them, and neither node ports nor ports twice for one protocol. */
export function validatePortsOfType({ type, ports = [] }: ServiceSpec, path: Path, errors: FieldError[]): void {
  if (type === 'ClusterIP') {
    for (const [index, { nodePort }] of ports.entries()) {
      if (!nodePort) continue;
      errors.push(path.index(index).child('nodePort').forbidden("may not be used when `type` is 'ClusterIP'"));
    }
  }
  const nodePorts = new Set<string>();
  for (const [index, { nodePort, protocol = '' }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(path.index(index).child('nodePort').duplicate(nodePort));
    nodePorts.add(key);
  }
  const numbers = new Set<string>();
  for (const [index, { port = 0, protocol = '' }] of ports.entries()) {
    const key = `${protocol}/${port}`;
    if (numbers.has(key)) errors.push(path.index(index).duplicate(shownPort(protocol, port)));
    numbers.add(key);
  }
}

/** As upstream shows a port: its internal type, of which only these two are set. */
function shownPort(protocol: string, port: number): object {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}
