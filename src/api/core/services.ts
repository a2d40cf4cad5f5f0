import { ageColumn, column, labelsCell, nameColumn, orNone, wideColumn } from '../columns.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { Service, ServicePort } from '../types/core.v1.ts';
import { proxySubresource } from './proxy-subresource.ts';
import { setServiceDefaults } from './service-defaults.ts';
import { prepareServiceForCreate, prepareServiceForUpdate } from './service-strategy.ts';
import { validateLoadBalancerStatus } from './validation/service-traffic.ts';
import { validateService, validateServiceUpdate } from './validation/services.ts';
import { serviceWarnings } from '../warnings/services.ts';

function externalIPCell({ spec, status }: Service): string {
  const externalIPs = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(externalIPs.join(','));
    case 'LoadBalancer': {
      const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
      const addresses = [...new Set(ingress.filter((address) => address !== ''))].sort();
      return [...addresses, ...externalIPs].join(',') || '<pending>';
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

/** `80:30080/TCP` */
function portText({ port, nodePort, protocol }: ServicePort): string {
  return `${port ?? 0}${nodePort ? `:${nodePort}` : ''}/${protocol ?? ''}`;
}

export const services = defineResource<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  storage: { prefix: 'services/specs' },
  // Names may start with a digit since KEP-5311.
  nameRule: 'dnsLabel',
  allowCreateOnUpdate: true,
  generationChanges: 'none',
  returnsDeletedObject: true,
  defaults: setServiceDefaults,
  prepareForCreate: prepareServiceForCreate,
  prepareForUpdate: prepareServiceForUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  selectableFields: {
    'spec.clusterIP': (service) => service.spec?.clusterIP ?? '',
    'spec.type': (service) => service.spec?.type ?? '',
  },
  warningsOnCreate: serviceWarnings,
  warningsOnUpdate: serviceWarnings,
  columns: [
    nameColumn,
    column('Type', (service) => service.spec?.type ?? ''),
    column('Cluster-IP', (service) => service.spec?.clusterIPs?.[0] ?? '<none>'),
    column('External-IP', externalIPCell),
    column('Port(s)', (service) => orNone((service.spec?.ports ?? []).map(portText).join(','))),
    ageColumn,
    wideColumn('Selector', (service) => labelsCell(service.spec?.selector)),
  ],
  subresources: {
    proxy: proxySubresource('ServiceProxyOptions'),
    status: statusSubresource(validateLoadBalancerStatus),
  },
});
