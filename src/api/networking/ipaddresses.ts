import { column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { IPAddress } from '../types/networking.v1.ts';
import { validateIPAddress, validateIPAddressName, validateIPAddressUpdate } from './validation/service-network.ts';

/** `services/default/kubernetes`: what the address is allocated to. */
function parentCell({ spec }: IPAddress): string {
  const parent = spec?.parentRef;
  if (!parent) return '<none>';
  const resource = parent.group ? `${parent.resource ?? ''}.${parent.group}` : (parent.resource ?? '');
  const namespace = parent.namespace ? `/${parent.namespace}` : '';
  return `${resource.toLowerCase()}${namespace}/${parent.name ?? ''}`;
}

export const ipaddresses = defineResource<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  namespaced: false,
  nameRule: 'pathSegment',
  validateName: validateIPAddressName,
  validate: validateIPAddress,
  validateUpdate: validateIPAddressUpdate,
  columns: [nameColumn, column('ParentRef', parentCell)],
});
