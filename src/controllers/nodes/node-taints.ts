import type { Node, Taint } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { nodes } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';

/** Of two taints with the same key and effect a Node has one. */
export function isSameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}

export function hasTaint({ spec }: Node, taint: Taint): boolean {
  return spec?.taints?.some((one) => isSameTaint(one, taint)) ?? false;
}

/** Those of a Node with some added and some removed; undefined: they are so already. */
export function changedTaints(
  current: readonly Taint[],
  added: readonly Taint[],
  removed: readonly Taint[],
): Taint[] | undefined {
  const missing = added.filter((taint) => !current.some((one) => isSameTaint(one, taint)));
  const kept = current.filter((taint) => !removed.some((one) => isSameTaint(one, taint)));
  return missing.length === 0 && kept.length === current.length ? undefined : [...kept, ...missing];
}

const maxAttempts = 5;

/**
 * Adds taints to a Node and removes others in one write, on the condition that it is as it was read: a Node is written by
 * its kubelet all the time. Nothing is written where nothing differs.
 */
export async function changeTaints(
  client: Client,
  node: Node,
  added: readonly Taint[],
  removed: readonly Taint[],
): Promise<void> {
  const { name = '' } = node.metadata;
  let current = node;
  for (let attempt = 1; ; attempt++) {
    const taints = changedTaints(current.spec?.taints ?? [], added, removed);
    if (taints === undefined) return;
    const { resourceVersion, uid } = current.metadata;
    const spec = { taints: taints.length === 0 ? null : taints };
    try {
      await client.patch(nodes, undefined, name, 'merge', { metadata: { resourceVersion, uid }, spec });
      return;
    } catch (error) {
      if (attempt >= maxAttempts || !hasReason(error, 'Conflict')) throw error;
      current = await client.get(nodes, undefined, name);
    }
  }
}
