/**
 * How an update of a Service fills in what clients leave out and drops what its new type has no use for (upstream's
 * `patchAllocatedValues`, `normalizeClusterIPs` and `dropTypeDependentFields`). Giving out addresses and ports is not
 * done here.
 */
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { Service, ServicePort, ServiceSpec } from '../types/core.v1.ts';
import { isExternallyAccessible } from './service-defaults.ts';

export function prepareServiceForCreate(service: Service): void {
  const { spec } = service;
  if (spec?.clusterIP && isEmpty(spec.clusterIPs)) spec.clusterIPs = [spec.clusterIP];
}

export function prepareServiceForUpdate(service: Service, old: Service): void {
  const spec = (service.spec ??= {});
  const oldSpec = old.spec ?? {};
  keepAllocatedValues(spec, oldSpec);
  followClusterIP(spec, oldSpec);
  dropTypeDependentFields(spec, oldSpec);
  if (spec.type !== 'LoadBalancer' && service.status?.loadBalancer) {
    service.status = { ...service.status, loadBalancer: {} };
  }
}

function isEmpty(list: readonly unknown[] | undefined): boolean {
  return (list?.length ?? 0) === 0;
}

function needsClusterIP({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName';
}

function needsNodePort({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

function needsHealthCheckNodePort({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

/** A client that does not send a value that was given out does not mean to give it back. */
function keepAllocatedValues(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIP(old) && needsClusterIP(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (isEmpty(spec.clusterIPs) && old.clusterIPs && spec.clusterIP === old.clusterIP) {
      spec.clusterIPs = [...old.clusterIPs];
    }
  }
  if (needsNodePort(old) && needsNodePort(spec)) keepNodePorts(spec.ports ?? [], old.ports ?? []);
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && !spec.healthCheckNodePort) {
    if (old.healthCheckNodePort) spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

function nodePortsOf(ports: readonly ServicePort[]): Set<number> {
  return new Set(ports.map(({ nodePort }) => nodePort ?? 0).filter((nodePort) => nodePort !== 0));
}

/** By the ports' names, unless another port of the Service has taken the number. */
function keepNodePorts(ports: readonly ServicePort[], old: readonly ServicePort[]): void {
  const used = nodePortsOf(old).intersection(nodePortsOf(ports));
  const known = new Map(old.map(({ name = '', nodePort = 0 }) => [name, nodePort]));
  for (const port of ports) {
    const nodePort = known.get(port.name ?? '') ?? 0;
    if (!port.nodePort && nodePort !== 0 && !used.has(nodePort)) {
      port.nodePort = nodePort;
      used.add(nodePort);
    }
  }
}

/** A client that knows `clusterIP` alone changes or clears it: `clusterIPs`, sent back unchanged, follows. */
function followClusterIP(spec: ServiceSpec, old: ServiceSpec): void {
  if (spec.clusterIP === old.clusterIP || !semanticDeepEqual(spec.clusterIPs, old.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else if (old.clusterIP) delete spec.clusterIPs;
}

/** A field goes when its type no longer applies and the client has not changed it: then the server had set it. */
function dropTypeDependentFields(spec: ServiceSpec, old: ServiceSpec): void {
  const isSame = (field: keyof ServiceSpec): boolean => semanticDeepEqual(spec[field], old[field]);
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    if (isSame('clusterIP') && isSame('clusterIPs')) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (isSame('ipFamilies')) delete spec.ipFamilies;
    if (isSame('ipFamilyPolicy')) delete spec.ipFamilyPolicy;
  }
  if (needsNodePort(old) && !needsNodePort(spec)) {
    const ports = spec.ports ?? [];
    if (nodePortsOf(ports).isSubsetOf(nodePortsOf(old.ports ?? []))) for (const port of ports) delete port.nodePort;
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec) && isSame('healthCheckNodePort')) {
    delete spec.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (isSame('allocateLoadBalancerNodePorts')) delete spec.allocateLoadBalancerNodePorts;
    if (isSame('loadBalancerClass')) delete spec.loadBalancerClass;
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec) && isSame('externalTrafficPolicy')) {
    delete spec.externalTrafficPolicy;
  }
}
