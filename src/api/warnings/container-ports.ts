import type { Path } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/quote.ts';
import type { ContainerAt } from '../core/validation/all-containers.ts';
import type { ContainerPort } from '../types/core.v1.ts';

interface PortAt {
  readonly port: ContainerPort;
  readonly at: Path;
}

/** Each port is compared with the others of its number: beyond so many, nobody reads what is said of them. */
const maxPorts = 256;

/** A port as Go prints the struct. */
function shown({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort): string {
  const transport = protocol ?? '';
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${transport} HostIP:${hostIP}}`;
}

/** Of ports that several containers of a Pod, or one of them several times, say they listen on. */
export function containerPortWarnings(containers: readonly ContainerAt[]): string[] {
  const warnings: string[] = [];
  const known = new Map<string, PortAt[]>();
  for (const { container, at } of containers) {
    if (!container.ports) continue;
    for (const [index, port] of container.ports.entries()) {
      const path = at().child('ports').index(index);
      if (port.hostIP && !port.hostPort) warnings.push(`${path}: hostIP set without hostPort: ${shown(port)}`);
      const key = `${port.containerPort}/${port.protocol ?? ''}`;
      const others = known.get(key) ?? [];
      if (others.length >= maxPorts) continue;
      for (const other of others) {
        const relation = relationOf(port, other.port);
        if (relation !== undefined) warnings.push(`${path}: ${relation} port definition with ${other.at}`);
      }
      others.push({ port, at: path });
      known.set(key, others);
    }
  }
  return [...warnings, ...portNameWarnings(containers)];
}

/** Of names that a Pod has for several ports: the first one is found by it. */
function portNameWarnings(containers: readonly ContainerAt[]): string[] {
  const warnings: string[] = [];
  const first = new Map<string, Path>();
  for (const { container, at } of containers) {
    if (!container.ports) continue;
    for (const [index, { name }] of container.ports.entries()) {
      if (!name) continue;
      const path = at().child('ports').index(index);
      const other = first.get(name);
      if (other === undefined) first.set(name, path);
      else {
        const use = `services and probes that select ports by name will use ${other}`;
        warnings.push(`${path}: duplicate port name ${quote(name)} with ${other}, ${use}`);
      }
    }
  }
  return warnings;
}

function relationOf(one: ContainerPort, other: ContainerPort): string | undefined {
  const [oneHost, otherHost] = [one.hostPort ?? 0, other.hostPort ?? 0];
  const [oneIP, otherIP] = [one.hostIP ?? '', other.hostIP ?? ''];
  if (oneIP === otherIP && oneHost === otherHost) return 'duplicate';
  if (oneHost === 0 || otherHost === 0) return 'overlapping';
  // On every address, and on one of them: who gets what arrives there is not defined.
  return oneHost === otherHost && (oneIP === '') !== (otherIP === '') ? 'dangerously ambiguous' : undefined;
}
