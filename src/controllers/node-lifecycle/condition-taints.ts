import type { Node, Taint } from '../../api/types/core.v1.ts';
import { isSameTaint } from '../nodes/node-taints.ts';

export const notReady: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
export const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };

const unschedulable = 'node.kubernetes.io/unschedulable';

/** By type and status of a condition, what it keeps Pods away with. */
const taintKeys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReady.key, Unknown: unreachable.key },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const ownKeys: ReadonlySet<string> = new Set([
  unschedulable,
  ...Object.values(taintKeys).flatMap((keys) => Object.values(keys)),
]);

/** Which taints that keep new Pods away a Node lacks for its conditions, and which it has without reason. */
export function conditionTaintChanges({ spec, status }: Node): { readonly added: Taint[]; readonly removed: Taint[] } {
  const keys = (status?.conditions ?? []).flatMap((condition) => taintKeys[condition.type]?.[condition.status] ?? []);
  if (spec?.unschedulable === true) keys.push(unschedulable);
  const wanted = [...new Set(keys)].map((key): Taint => ({ key, effect: 'NoSchedule' }));
  const current = (spec?.taints ?? []).filter(({ key, effect }) => effect === 'NoSchedule' && ownKeys.has(key));
  return { added: without(wanted, current), removed: without(current, wanted) };
}

function without(taints: readonly Taint[], others: readonly Taint[]): Taint[] {
  return taints.filter((taint) => !others.some((one) => isSameTaint(one, taint)));
}
