import type { Node, Pod, Service, ServicePort } from '../../api/types/core.v1.ts';
import type { Endpoint, EndpointPort } from '../../api/types/discovery.v1.ts';
import { isPodFinished, isPodReady } from '../pods/pod-state.ts';

export type AddressType = 'IPv4' | 'IPv6';

const zoneLabel = 'topology.kubernetes.io/zone';

/** The families in which a Service has endpoints: its own, or of an older headless one both. */
export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = (spec?.ipFamilies ?? []) as AddressType[];
  return families.length > 0 ? families : ['IPv4'];
}

function familyOf(address: string): AddressType {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** The addresses of a Pod in one family. */
export function addressesOf({ status }: Pod, type: AddressType): string[] {
  const all = (status?.podIPs ?? []).map(({ ip = '' }) => ip);
  const known = all.length > 0 ? all : status?.podIP === undefined ? [] : [status.podIP];
  return known.filter((address) => address !== '' && familyOf(address) === type);
}

/** Whether a Pod is one of its Services' endpoints at all, ready or not. */
export function mayServe(pod: Pod): boolean {
  return !isPodFinished(pod) && (pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip ?? '') !== '';
}

/** The number that a Service's port leads to in a Pod; undefined: the Pod has no port of that name. */
export function targetPortOf({ targetPort, port, protocol = 'TCP' }: ServicePort, { spec }: Pod): number | undefined {
  if (typeof targetPort === 'number' && targetPort !== 0) return targetPort;
  if (targetPort === undefined || targetPort === '' || targetPort === 0) return port;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports } of [...(spec.containers ?? []), ...sidecars]) {
    const found = ports?.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** The ports of a Pod that a Service leads to; those that the Pod does not have are left out. */
export function endpointPortsOf({ spec }: Service, pod: Pod): EndpointPort[] {
  return (spec?.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOf(servicePort, pod);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

/** A Pod as an endpoint of a Service. */
export function endpointOf(pod: Pod, service: Service, node: Node | undefined, type: AddressType): Endpoint {
  const { metadata, spec } = pod;
  const terminating = metadata.deletionTimestamp !== undefined;
  const serving = isPodReady(pod);
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[zoneLabel];
  const hasHostname = (spec.hostname ?? '') !== '' && spec.subdomain === service.metadata.name;
  const { namespace, name, uid } = metadata;
  return {
    addresses: addressesOf(pod, type),
    conditions: { ready, serving, terminating },
    ...(hasHostname ? { hostname: spec.hostname ?? '' } : {}),
    targetRef: {
      kind: 'Pod',
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...(spec.nodeName === undefined ? {} : { nodeName: spec.nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Where traffic should stay, as the Service asks (KEP-4444, KEP-3015). */
export function withHints(endpoint: Endpoint, { spec }: Service): Endpoint {
  const { zone, nodeName, conditions } = endpoint;
  if (conditions?.ready !== true || zone === undefined) return endpoint;
  const forZones = [{ name: zone }];
  switch (spec?.trafficDistribution) {
    case 'PreferClose':
    case 'PreferSameZone':
      return { ...endpoint, hints: { forZones } };
    case 'PreferSameNode':
      return {
        ...endpoint,
        hints: { forZones, ...(nodeName === undefined ? {} : { forNodes: [{ name: nodeName }] }) },
      };
    default:
      return endpoint;
  }
}
