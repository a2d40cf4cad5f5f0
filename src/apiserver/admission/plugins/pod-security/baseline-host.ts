/** Checks of the level baseline on what a Pod has to do with its node. */
import type { LifecycleHandler, Probe } from '../../../../api/types/core.v1.ts';
import { containersNamed, joinQuote, pluralize, setters, sorted, type AnyContainer, type Check } from './check.ts';

const hostNamespaces: Check = {
  id: 'hostNamespaces',
  check({ spec }) {
    const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
    if (used.length === 0) return undefined;
    return { reason: 'host namespaces', detail: used.map((field) => `${field}=true`).join(', ') };
  },
};

const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  check({ spec }) {
    const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
    if (names.length === 0) return undefined;
    return {
      reason: 'hostPath volumes',
      detail: `${pluralize('volume', 'volumes', names.length)} ${joinQuote(names)}`,
    };
  },
};

function hostPortsOf({ ports }: AnyContainer): number[] {
  return (ports ?? []).map(({ hostPort = 0 }) => hostPort).filter((port) => port !== 0);
}

const hostPorts: Check = {
  id: 'hostPorts',
  check({ containers }) {
    const bad = containers.filter((container) => hostPortsOf(container).length > 0);
    if (bad.length === 0) return undefined;
    const ports = sorted(bad.flatMap(hostPortsOf).map(String));
    const noun = pluralize('hostPort', 'hostPorts', ports.length);
    return {
      reason: 'hostPort',
      detail: `${containersNamed(bad)} ${pluralize('uses', 'use', bad.length)} ${noun} ${ports.join(', ')}`,
    };
  },
};

function hostsOf(container: AnyContainer): string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers: (Probe | LifecycleHandler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers
    .flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''])
    .filter((host) => host !== '');
}

const probeHosts: Check = {
  id: 'hostProbesAndHostLifecycle',
  since: 34,
  check({ containers }) {
    const bad = containers.filter((container) => hostsOf(container).length > 0);
    if (bad.length === 0) return undefined;
    const hosts = sorted(bad.flatMap(hostsOf));
    const names = sorted(bad.map(({ name = '' }) => name)).map((name) => ({ name }));
    const noun = pluralize('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length);
    return {
      reason: 'probe or lifecycle host',
      detail: `${containersNamed(names)} ${pluralize('uses', 'use', names.length)} ${noun} ${joinQuote(hosts)}`,
    };
  },
};

const safeSysctls: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

const sysctls: Check = {
  id: 'sysctls',
  check({ spec }, minor) {
    const allowed = new Set(safeSysctls.flatMap(([since, names]) => (since <= minor ? names : [])));
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.has(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  },
};

const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  check({ spec, containers }) {
    const bad = containers.filter((one) => one.securityContext?.windowsOptions?.hostProcess === true);
    const who = setters(spec.securityContext?.windowsOptions?.hostProcess === true, bad);
    if (who === '') return undefined;
    return { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
  },
};

export const hostChecks: readonly Check[] = [
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  probeHosts,
  sysctls,
  windowsHostProcess,
];
