import type { Service } from '../../api/types/core.v1.ts';

function variableName(text: string): string {
  return text.toUpperCase().replaceAll('-', '_');
}

/**
 * What containers are told of Services, in the form that Docker links had
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
 */
export function serviceVariables(services: readonly Service[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const { metadata, spec } of services) {
    const { clusterIP = '', ports = [] } = spec ?? {};
    if (clusterIP === '' || clusterIP === 'None' || ports === null) continue;
    const prefix = variableName(metadata.name ?? '');
    const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
    const [first] = ports;
    variables.set(`${prefix}_SERVICE_HOST`, clusterIP);
    if (first !== undefined) variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
    for (const { name = '', port } of ports) {
      if (name !== '') variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port));
    }
    for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
      const scheme = protocol.toLowerCase();
      const url = `${scheme}://${host}:${port}`;
      if (index === 0) variables.set(`${prefix}_PORT`, url);
      const link = `${prefix}_PORT_${port}_${protocol}`;
      variables.set(link, url);
      variables.set(`${link}_PROTO`, scheme);
      variables.set(`${link}_PORT`, String(port));
      variables.set(`${link}_ADDR`, clusterIP);
    }
  }
  return variables;
}
