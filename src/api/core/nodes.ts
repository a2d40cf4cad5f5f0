import { ageColumn, column, nameColumn, orNone, wideColumn } from '../columns.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { Node, NodeSpec, NodeStatus } from '../types/core.v1.ts';
import { proxySubresource } from './proxy-subresource.ts';
import { roundUpResourceList } from './resource-list.ts';
import { validateNode, validateNodeUpdate } from './validation/nodes.ts';
import { nodeWarnings } from '../warnings/cluster-kinds.ts';

function setNodeDefaults(node: Node): void {
  if (node.spec) syncPodCIDRs(node.spec);
  if (node.status) setStatusDefaults(node.status);
}

/** `podCIDR` is the first of `podCIDRs`, for clients that know one of the two; where they differ, `podCIDR` counts. */
function syncPodCIDRs(spec: NodeSpec): void {
  const first = spec.podCIDRs?.[0];
  if (spec.podCIDR) {
    if (spec.podCIDR !== first) spec.podCIDRs = [spec.podCIDR];
  } else if (first) spec.podCIDR = first;
}

function setStatusDefaults(status: NodeStatus): void {
  roundUpResourceList(status.capacity);
  roundUpResourceList(status.allocatable);
  if (!status.allocatable && status.capacity) status.allocatable = { ...status.capacity };
}

function statusCell(node: Node): string {
  // Of several conditions of one type the last counts.
  const ready = node.status?.conditions?.findLast(({ type }) => type === 'Ready');
  let text = 'Unknown';
  if (ready) text = ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable ? `${text},SchedulingDisabled` : text;
}

const rolePrefix = 'node-role.kubernetes.io/';

function rolesCell(node: Node): string {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata?.labels ?? {})) {
    if (label.startsWith(rolePrefix)) roles.add(label.slice(rolePrefix.length));
    else if (label === 'kubernetes.io/role') roles.add(value);
  }
  roles.delete('');
  return orNone([...roles].sort().join(','));
}

function addressCell(node: Node, type: 'InternalIP' | 'ExternalIP'): string {
  const found = node.status?.addresses?.find((address) => address.type === type);
  return found === undefined ? '<none>' : (found.address ?? '');
}

export const nodes = defineResource<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  storage: { prefix: 'minions' },
  // A kubelet registers its Node with the status; later only the subresource changes it.
  statusIsSeparate: false,
  generationChanges: 'none',
  defaults: setNodeDefaults,
  prepareForUpdate: (node, old) => {
    if (old.status === undefined) delete node.status;
    else node.status = old.status;
  },
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  warningsOnCreate: nodeWarnings,
  warningsOnUpdate: nodeWarnings,
  selectableFields: { 'spec.unschedulable': (node) => (node.spec?.unschedulable === true ? 'true' : 'false') },
  columns: [
    nameColumn,
    column('Status', statusCell),
    column('Roles', rolesCell),
    ageColumn,
    column('Version', (node) => node.status?.nodeInfo?.kubeletVersion ?? ''),
    wideColumn('Internal-IP', (node) => addressCell(node, 'InternalIP')),
    wideColumn('External-IP', (node) => addressCell(node, 'ExternalIP')),
    wideColumn('OS-Image', (node) => node.status?.nodeInfo?.osImage || '<unknown>'),
    wideColumn('Kernel-Version', (node) => node.status?.nodeInfo?.kernelVersion || '<unknown>'),
    wideColumn('Container-Runtime', (node) => node.status?.nodeInfo?.containerRuntimeVersion || '<unknown>'),
  ],
  subresources: { proxy: proxySubresource('NodeProxyOptions'), status: statusSubresource(validateNodeUpdate) },
});
