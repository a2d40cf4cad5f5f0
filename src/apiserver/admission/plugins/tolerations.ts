import type { Toleration } from '../../../api/types/core.v1.ts';
import { deepEqual } from '../../../machinery/deep-equal.ts';

/** All tolerations of both lists but those that another one includes (upstream's MergeTolerations). */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [index, one] of all.entries()) {
    const isKnown = merged.some((other) => includes(other, one));
    const comesLater = all.slice(index + 1).some((other) => !deepEqual(one, other) && includes(other, one));
    if (!isKnown && !comesLater) merged.push(one);
  }
  return merged;
}

/** Whether all taints that `part` tolerates are tolerated by `whole`, for as long. */
export function includes(whole: Toleration, part: Toleration): boolean {
  if (deepEqual(whole, part)) return true;
  const isOfAllKeys = !whole.key && whole.operator === 'Exists';
  if ((part.key ?? '') !== (whole.key ?? '') && !isOfAllKeys) return false;
  if ((part.effect ?? '') !== (whole.effect ?? '') && whole.effect) return false;
  if (whole.effect === 'NoExecute' && typeof whole.tolerationSeconds === 'number') {
    const seconds = part.tolerationSeconds;
    if (typeof seconds !== 'number' || seconds > whole.tolerationSeconds) return false;
  }
  if (whole.operator === 'Exists') return true;
  return part.operator === 'Equal' && (part.value ?? '') === (whole.value ?? '');
}
