import type { Path } from '../../machinery/field-error.ts';
import type { ContainerAt } from '../core/validation/all-containers.ts';
import type { ContainerPort } from '../types/core.v1.ts';
import { addressWarnings } from './addresses.ts';

interface PortAt {
  readonly port: ContainerPort;
  readonly at: Path;
}

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
      warnings.push(...addressWarnings(path.child('hostIP'), port.hostIP));
      const key = `${port.containerPort}/${port.protocol ?? ''}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        const relation = relationOf(port, other.port);
        if (relation !== undefined) warnings.push(`${path}: ${relation} port definition with ${other.at}`);
      }
      others.push({ port, at: path });
      known.set(key, others);
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
