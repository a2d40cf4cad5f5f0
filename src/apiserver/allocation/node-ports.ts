/** Which ports of the nodes a Service gets, as upstream gives them out on create and on update. */
import { needsHealthCheck } from '../../api/core/validation/service-traffic.ts';
import type { ServicePort, ServiceSpec } from '../../api/types/core.v1.ts';
import { root } from '../../machinery/field-error.ts';

/** Gives out the ports of one write. Both throw an AllocationError when they cannot. */
export interface PortAllocation {
  take(port: number): void;
  takeAny(): number;
}

/** Says how a port that the user chose was refused. */
export type RefusePort = (path: ReturnType<typeof root>, port: number, error: unknown) => never;

const portsPath = root('spec').child('ports');

function needsNodePorts({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

/** A load balancer may do without; ports that are chosen are respected all the same. */
function allocatesNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

function takeChosen(port: number, index: number, allocation: PortAllocation, refuse: RefusePort): void {
  try {
    allocation.take(port);
  } catch (error) {
    refuse(portsPath.index(index).child('nodePort'), port, error);
  }
}

/** One number serves all protocols of a port, e.g. TCP and UDP of 53. */
export function allocateNodePorts(spec: ServiceSpec, allocation: PortAllocation, refuse: RefusePort): void {
  if (!needsNodePorts(spec)) return;
  const ports = spec.ports ?? [];
  const allocates = allocatesNodePorts(spec);
  const numberOf = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !allocates) continue;
    const known = numberOf.get(port.port);
    if (known === undefined) {
      const chosen = ports.find((other) => other.port === port.port && other.nodePort)?.nodePort;
      if (chosen) takeChosen(chosen, index, allocation, refuse);
      port.nodePort = chosen || allocation.takeAny();
      numberOf.set(port.port, port.nodePort);
    } else if (!port.nodePort) port.nodePort = known;
    else if (port.nodePort !== known) takeChosen(port.nodePort, index, allocation, refuse);
  }
}

/** What the Service has already stays; only what is new is given out. */
export function reallocateNodePorts(
  spec: ServiceSpec,
  old: ServiceSpec,
  allocation: PortAllocation,
  refuse: RefusePort,
): void {
  if (!needsNodePorts(spec)) return;
  const held = new Set((old.ports ?? []).map(({ nodePort }: ServicePort) => nodePort ?? 0));
  const allocates = allocatesNodePorts(spec);
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort) {
      if (allocates) port.nodePort = allocation.takeAny();
    } else if (!held.has(port.nodePort)) {
      takeChosen(port.nodePort, index, allocation, refuse);
      held.add(port.nodePort);
    }
  }
}

/** Where a load balancer asks whether a node has endpoints. Throws an AllocationError. */
export function allocateHealthCheckPort(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  allocation: PortAllocation,
): void {
  if (!needsHealthCheck(spec) || (old !== undefined && needsHealthCheck(old))) return;
  if (spec.healthCheckNodePort) allocation.take(spec.healthCheckNodePort);
  else spec.healthCheckNodePort = allocation.takeAny();
}
