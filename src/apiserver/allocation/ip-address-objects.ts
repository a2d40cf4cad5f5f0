/**
 * The IPAddress object of each cluster IP (KEP-1880). It is written and removed together with its Service, in one
 * transaction that fails where somebody else has the address: servers that share a store cannot give one out twice.
 */
import type { KubernetesObject } from '../../api/contract.ts';
import type { IPAddress } from '../../api/types/networking.v1.ts';
import type { Random } from '../../machinery/random.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Compare, RequestOp } from '../../store/contract.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';

export const managerLabel = 'ipaddress.kubernetes.io/managed-by';
export const manager = 'ipallocator.k8s.io';

export function ipAddressKey(address: string): string {
  return `/registry/ipaddresses/${address}`;
}

export function ipAddressObject(
  address: string,
  service: KubernetesObject,
  { nowMs, random }: { readonly nowMs: number; readonly random: Random },
): IPAddress {
  const { name = '', namespace = '' } = service.metadata ?? {};
  return {
    metadata: {
      name: address,
      uid: random.uuid(),
      creationTimestamp: formatTime(nowMs),
      labels: {
        'ipaddress.kubernetes.io/ip-family': address.includes(':') ? 'IPv6' : 'IPv4',
        [managerLabel]: manager,
      },
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}

/** That nobody has an address of the same name yet. */
export function isUnusedAddress(address: string): Compare {
  return { key: ipAddressKey(address), target: 'create', result: 'equal', operand: 0 };
}

export function putAddress(cache: ResourceCache, object: IPAddress): RequestOp {
  const key = ipAddressKey(object.metadata.name ?? '');
  return { type: 'put', put: { key, value: cache.form.encode(object) } };
}

export function removeAddress(address: string): RequestOp {
  return { type: 'deleteRange', deleteRange: { key: ipAddressKey(address) } };
}
