import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { Endpoints } from '../types/core.v1.ts';
import { validateEndpoints } from './validation/endpoints.ts';
import { endpointsWarnings } from '../warnings/endpoints.ts';

/** More endpoints than these are counted instead of shown. */
const shownEndpoints = 3;

function endpointsCell({ subsets }: Endpoints): string {
  if (!subsets || subsets.length === 0) return '<none>';
  const endpoints = subsets.flatMap(({ addresses, ports }) => {
    const ips = (addresses ?? []).map(({ ip }) => ip ?? '');
    // A headless Service may have no ports.
    if (!ports || ports.length === 0) return ips;
    return ports.flatMap(({ port }) => ips.map((ip) => hostPort(ip, port ?? 0)));
  });
  const shown = endpoints.slice(0, shownEndpoints).join(',');
  const hidden = endpoints.length - shownEndpoints;
  return hidden > 0 ? `${shown} + ${hidden} more...` : shown;
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

export const endpoints = defineResource<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  storage: { prefix: 'services/endpoints' },
  allowCreateOnUpdate: true,
  deprecationWarning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  defaults: (object) => {
    for (const { ports } of object.subsets ?? []) {
      for (const port of ports ?? []) if (!port.protocol) port.protocol = 'TCP';
    }
  },
  validate: (object) => validateEndpoints(object),
  validateUpdate: validateEndpoints,
  warningsOnCreate: endpointsWarnings,
  warningsOnUpdate: endpointsWarnings,
  columns: [nameColumn, column('Endpoints', endpointsCell), ageColumn],
});
