/** Which Pods a node's taints keep away (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). */
import type { Taint, Toleration } from '../types/core.v1.ts';

const integer = /^(?:0|-?[1-9]\d*)$/;

/** Whether the values compare as `Lt` or `Gt` asks; upstream compares whole numbers only (KEP-5471). */
function compares(operator: 'Lt' | 'Gt', tolerated = '', value = ''): boolean {
  if (!integer.test(tolerated) || !integer.test(value)) return false;
  const [own, limit] = [BigInt(value), BigInt(tolerated)];
  return operator === 'Lt' ? own < limit : own > limit;
}

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const effect: string = toleration.effect ?? '';
  if (effect !== '' && effect !== taint.effect) return false;
  const key = toleration.key ?? '';
  if (key !== '' && key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    case 'Lt':
      return compares('Lt', toleration.value, taint.value);
    case 'Gt':
      return compares('Gt', toleration.value, taint.value);
    default:
      return false;
  }
}

/** The first taint with one of these effects that nothing tolerates. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find(
    (taint) =>
      effects.includes(taint.effect ?? '') && !(tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );
}
