import type { PodSpec } from '../types/core.v1.ts';
import { isSidecar } from './pod-resources.ts';

/** Every address of a node. */
export const anyAddress = '0.0.0.0';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** The ports that a Pod takes on its node. */
export function hostPortsOf({ containers, initContainers }: PodSpec): HostPort[] {
  return [...(containers ?? []), ...(initContainers ?? []).filter(isSidecar)].flatMap(({ ports }) =>
    (ports ?? [])
      .filter(({ hostPort = 0 }) => hostPort > 0)
      .map(({ hostIP = '', protocol = 'TCP', hostPort = 0 }) => ({
        ip: hostIP === '' ? anyAddress : hostIP,
        protocol,
        port: hostPort,
      })),
  );
}
