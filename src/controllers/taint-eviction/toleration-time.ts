import { tolerates } from '../../api/core/taints.ts';
import type { Taint, Toleration } from '../../api/types/core.v1.ts';

/** The taints of a Node that drive Pods away. */
export function noExecuteTaints(taints: readonly Taint[] | undefined): Taint[] {
  return (taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

/** How long a Pod may stay with these taints: the shortest time that it says; Infinity: for ever. */
export function tolerationMs(taints: readonly Taint[], tolerations: readonly Toleration[] = []): number {
  let shortestMs = Infinity;
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) {
      if (typeof tolerationSeconds === 'number')
        shortestMs = Math.min(shortestMs, Math.max(0, tolerationSeconds) * 1000);
    }
  }
  return shortestMs;
}
