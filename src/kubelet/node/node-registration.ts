import type { Node, NodeStatus } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { nodes } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Machine } from './contract.ts';

/** Labels that every node has (https://kubernetes.io/docs/reference/node/node-labels/). */
function labelsOf({ nodeName, nodeInfo, labels }: Machine): Record<string, string> {
  const { architecture, operatingSystem } = nodeInfo;
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': operatingSystem,
    ...labels,
  };
}

/** Creates the node's object, or brings the labels of the one that is there up to date. */
export async function registerNode(
  client: Client,
  machine: Machine,
  status: NodeStatus,
  signal: AbortSignal,
): Promise<Node> {
  const labels = labelsOf(machine);
  const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
  const taints = [...machine.taints];
  const spec = taints.length === 0 ? {} : { taints };
  const metadata = { name: machine.nodeName, labels, annotations };
  try {
    return await client.create(nodes, { metadata, spec, status }, { signal });
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
  const existing = await client.get(nodes, undefined, machine.nodeName, signal);
  const isLabelled = Object.entries(labels).every(([name, value]) => existing.metadata.labels?.[name] === value);
  if (isLabelled) return existing;
  const patch = { metadata: { labels, annotations } };
  return client.patch(nodes, undefined, machine.nodeName, 'strategic', patch, { signal });
}
