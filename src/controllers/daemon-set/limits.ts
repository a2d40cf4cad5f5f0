import type { DaemonSet } from '../../api/types/apps.v1.ts';
import { scaledValue } from '../../machinery/int-or-string.ts';

/** How many nodes may have two Pods for a while; 0 with any strategy but a rolling update (KEP-1591). */
export function maxSurgeOf({ spec }: DaemonSet, desired: number): number {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate' || rollingUpdate?.maxSurge === undefined) return 0;
  return scaledValue(rollingUpdate.maxSurge, desired, 'up');
}

export function allowsSurge(set: DaemonSet): boolean {
  return maxSurgeOf(set, 1) > 0;
}

/** How many nodes may be without an available Pod for an update. With neither surge nor this, it is one. */
export function maxUnavailableOf(set: DaemonSet, desired: number): number {
  const { rollingUpdate } = set.spec.updateStrategy ?? {};
  const count = scaledValue(rollingUpdate?.maxUnavailable ?? 0, desired, 'up');
  return count === 0 && desired > 0 && maxSurgeOf(set, desired) === 0 ? 1 : count;
}
