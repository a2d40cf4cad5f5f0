import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { Ingress } from '../types/networking.v1.ts';
import { validateIngress, validateIngressStatus, validateIngressUpdate } from './validation/ingress.ts';
import { ingressWarnings } from '../warnings/networking.ts';

const shownHosts = 3;

/** The first three hosts; as upstream, what is left counts rules, and rules without a host count too. */
function hostsCell({ spec }: Ingress): string {
  const rules = spec?.rules ?? [];
  const hosts: string[] = [];
  let more = false;
  for (const rule of rules) {
    if (hosts.length === shownHosts) more = true;
    else if (rule?.host) hosts.push(rule.host);
  }
  if (hosts.length === 0) return '*';
  const text = hosts.join(',');
  return more ? `${text} + ${rules.length - shownHosts} more...` : text;
}

function addressCell({ status }: Ingress): string {
  const points = (status?.loadBalancer?.ingress ?? []).map((point) => point?.ip || point?.hostname || '');
  return [...new Set(points.filter((address) => address !== ''))].sort().join(',');
}

export const ingresses = defineResource<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  namespaced: true,
  storage: { prefix: 'ingress' },
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  warningsOnCreate: ingressWarnings,
  columns: [
    nameColumn,
    column('Class', ({ spec }) => spec?.ingressClassName ?? '<none>'),
    column('Hosts', hostsCell),
    column('Address', addressCell),
    column('Ports', ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
    ageColumn,
  ],
  subresources: { status: statusSubresource(validateIngressStatus) },
});
