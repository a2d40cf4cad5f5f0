import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../api/types/core.v1.ts';
import { isPodReady } from '../pods/pod-state.ts';
import { addressesOf, addressTypesOf, endpointPortsOf, mayServe } from '../endpoint-slice/pod-endpoints.ts';

/** More addresses than this are cut off, as upstream does since v1.22. */
export const maxCapacity = 1000;

interface Place {
  readonly address: EndpointAddress;
  readonly isReady: boolean;
}

function addressOf(pod: Pod, ip: string, service: Service): EndpointAddress {
  const { metadata, spec } = pod;
  const hasHostname = (spec.hostname ?? '') !== '' && spec.subdomain === service.metadata.name;
  const { namespace, name, uid } = metadata;
  return {
    ip,
    ...(hasHostname ? { hostname: spec.hostname ?? '' } : {}),
    ...(spec.nodeName === undefined ? {} : { nodeName: spec.nodeName }),
    targetRef: {
      kind: 'Pod',
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(uid === undefined ? {} : { uid }),
    },
  };
}

function byText<T>(textOf: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);
}

function portText({ name = '', port, protocol = 'TCP', appProtocol = '' }: EndpointPort): string {
  return `${name}/${protocol}/${String(port).padStart(5, '0')}/${appProtocol}`;
}

/** The endpoints of a Service: addresses that share all their ports together, in a lasting order. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const [type = 'IPv4'] = addressTypesOf(service);
  const acceptsUnready = service.spec?.publishNotReadyAddresses === true;
  const places = new Map<string, Place>();
  /** Port → the addresses that have it. */
  const byPort = new Map<string, { readonly port: EndpointPort | undefined; readonly ips: Set<string> }>();
  const add = (port: EndpointPort | undefined, ip: string): void => {
    const key = port === undefined ? '' : portText(port);
    const known = byPort.get(key);
    if (known === undefined) byPort.set(key, { port, ips: new Set([ip]) });
    else known.ips.add(ip);
  };
  for (const pod of pods) {
    const [ip] = addressesOf(pod, type);
    if (ip === undefined || !mayServe(pod)) continue;
    // One that is going gets no new connections here; EndpointSlices tell more.
    if (pod.metadata.deletionTimestamp !== undefined && !acceptsUnready) continue;
    places.set(ip, { address: addressOf(pod, ip, service), isReady: acceptsUnready || isPodReady(pod) });
    if ((service.spec?.ports ?? []).length === 0) add(undefined, ip);
    for (const { name = '', port = 0, protocol = 'TCP', appProtocol } of endpointPortsOf(service, pod)) {
      add(
        { ...(name === '' ? {} : { name }), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) },
        ip,
      );
    }
  }
  const groups = new Map<string, { readonly ips: readonly string[]; readonly ports: EndpointPort[] }>();
  for (const { port, ips } of byPort.values()) {
    const sorted = [...ips].sort();
    const key = sorted.join(',');
    const group = groups.get(key) ?? { ips: sorted, ports: [] };
    if (port !== undefined) group.ports.push(port);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ ips, ports }): EndpointSubset => {
      const of = (isReady: boolean): EndpointAddress[] =>
        ips
          .map((ip) => places.get(ip))
          .filter((place) => place !== undefined && place.isReady === isReady)
          .flatMap((place) => (place === undefined ? [] : [place.address]));
      const [ready, notReady] = [of(true), of(false)];
      return {
        ...(ready.length === 0 ? {} : { addresses: ready }),
        ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
        ...(ports.length === 0 ? {} : { ports: ports.sort(byText(portText)) }),
      };
    })
    .sort(byText(({ ports }) => (ports ?? []).map(portText).join(',')));
}

/** The subsets with no more addresses than the limit: ready ones first, each subset in proportion. */
export function truncated(subsets: readonly EndpointSubset[]): {
  readonly subsets: EndpointSubset[];
  readonly isOverCapacity: boolean;
} {
  const count = (field: 'addresses' | 'notReadyAddresses'): number =>
    subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
  const ready = count('addresses');
  const notReady = count('notReadyAddresses');
  if (ready + notReady <= maxCapacity) return { subsets: [...subsets], isOverCapacity: false };
  let readyLeft = Math.min(ready, maxCapacity);
  let notReadyLeft = Math.max(0, maxCapacity - ready);
  const cut: EndpointSubset[] = [];
  for (const { addresses = [], notReadyAddresses = [], ports } of subsets) {
    const share = ready > maxCapacity ? Math.ceil((addresses.length * maxCapacity) / ready) : addresses.length;
    const kept = addresses.slice(0, Math.min(readyLeft, share));
    const others = notReadyAddresses.slice(0, notReadyLeft);
    readyLeft -= kept.length;
    notReadyLeft -= others.length;
    if (kept.length + others.length === 0) continue;
    cut.push({
      ...(kept.length === 0 ? {} : { addresses: kept }),
      ...(others.length === 0 ? {} : { notReadyAddresses: others }),
      ...(ports === undefined ? {} : { ports }),
    });
  }
  return { subsets: cut, isOverCapacity: true };
}
