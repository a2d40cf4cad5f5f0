import type { Pod } from '../../api/types/core.v1.ts';
import { unschedulable, type Plugin } from '../contract.ts';
import { hostPortsOf, type HostPort } from '../../api/core/host-ports.ts';

/** Two Pods on a node do not share a host port. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  mayHelp: ({ resource, action, object }, { spec }) => {
    if (resource === 'Node') return action === 'Add' || action === 'Update';
    if (resource !== 'Pod' || action !== 'Delete') return false;
    const freed = new Set(hostPortsOf((object as Pod).spec).map(({ port }) => port));
    return hostPortsOf(spec).some(({ port }) => freed.has(port));
  },
  preFilter(state, { spec }) {
    const ports = hostPortsOf(spec);
    if (ports.length === 0) return 'skip';
    state.write(this, ports);
    return undefined;
  },
  filter(state, _pod, node) {
    const ports = state.read<readonly HostPort[]>(this) ?? [];
    return ports.some((port) => node.hasPort(port))
      ? unschedulable("node(s) didn't have free ports for the requested pod ports")
      : undefined;
  },
};
