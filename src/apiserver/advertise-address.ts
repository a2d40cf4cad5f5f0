/** Under which address the members of a cluster reach this machine, when nobody says. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';

/** A machine's addresses by interface, and the interfaces that lead out of its networks, the best first. */
export interface MachineNetwork {
  readonly interfaces: Readonly<
    Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>
  >;
  readonly defaultInterfaces: readonly string[];
}

/**
 * The address to tell others: the one that is listened on, unless that is all of them or leads nowhere from elsewhere;
 * then the first of the interface with the default route, or of any other that leads outside. On a machine without a
 * network it is loopback, which nobody can be told (`isLoopback`).
 */
export function addressToAdvertise(bindAddress: string, family: 4 | 6, network: MachineNetwork): string {
  if (bindAddress !== '0.0.0.0' && bindAddress !== '::' && !isLoopback(bindAddress)) return bindAddress;
  const names = [...network.defaultInterfaces, ...Object.keys(network.interfaces)];
  for (const name of names) {
    const found = network.interfaces[name]?.find(
      (candidate) =>
        !candidate.internal &&
        candidate.family === `IPv${family}` &&
        !candidate.address.toLowerCase().startsWith('fe80:'),
    );
    if (found !== undefined) return found.address;
  }
  return family === 4 ? '127.0.0.1' : '::1';
}

/** Whether an address is this machine's to itself; the API allows none of these as an endpoint. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** This machine's. */
export function readMachineNetwork(): MachineNetwork {
  const [four, six] = [readOrEmpty('/proc/net/route'), readOrEmpty('/proc/net/ipv6_route')];
  const interfaces = Object.fromEntries(
    Object.entries(networkInterfaces()).map(([name, addresses]) => [name, addresses ?? []]),
  );
  return { interfaces, defaultInterfaces: [...defaultRoutes4(four), ...defaultRoutes6(six)] };
}

/** Interfaces of default routes in `/proc/net/route`, those of the smallest metric first. */
export function defaultRoutes4(text: string): string[] {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return byMetric(
    rows.flatMap(([name, destination, , , , , metric, mask]) =>
      name !== undefined && destination === '00000000' && mask === '00000000' ? [{ name, metric: Number(metric) }] : [],
    ),
  );
}

/** The same in `/proc/net/ipv6_route`. */
export function defaultRoutes6(text: string): string[] {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return byMetric(
    rows.flatMap((fields) => {
      const [destination, length, , , , metric = ''] = fields;
      const name = fields[9];
      const isDefault = destination === '0'.repeat(32) && length === '00';
      return isDefault && name !== undefined && name !== 'lo' ? [{ name, metric: Number.parseInt(metric, 16) }] : [];
    }),
  );
}

function byMetric(routes: readonly { readonly name: string; readonly metric: number }[]): string[] {
  return routes.toSorted((a, b) => a.metric - b.metric).map(({ name }) => name);
}

/** Other systems have no such files: there, any interface will do. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
