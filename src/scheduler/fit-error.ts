import type { Rejection } from './contract.ts';

/**
 * Why no node will do, in upstream's words: `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.`
 * @param general What refused the Pod before nodes were looked at.
 * @param advice What was done about it.
 */
export function fitErrorMessage(
  nodeCount: number,
  rejected: ReadonlyMap<string, Rejection>,
  general: Rejection | undefined,
  advice: string | undefined,
): string {
  let message = `0/${nodeCount} nodes are available`;
  if (general !== undefined) message += `: ${general.reasons.join(', ')}.`;
  const counts = new Map<string, number>();
  for (const { reasons } of rejected.values()) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const lines = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  if (general === undefined && lines.length > 0) message += `: ${lines.join(', ')}.`;
  if (advice !== undefined && advice !== '') message += ` ${advice}`;
  return message;
}
