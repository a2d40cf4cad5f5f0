import type { KubernetesObject } from '../../../api/contract.ts';

/**
 * The class that an administrator marked as the default. Of several it is the newest, and of those made at the same time
 * the first by name.
 */
export function defaultClass<T extends KubernetesObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  const isDefault = ({ metadata }: T): boolean => annotations.some((key) => metadata?.annotations?.[key] === 'true');
  return classes.filter(isDefault).sort(newestFirst)[0];
}

function newestFirst(a: KubernetesObject, b: KubernetesObject): number {
  const [timeA, timeB] = [a.metadata?.creationTimestamp ?? '', b.metadata?.creationTimestamp ?? ''];
  if (timeA !== timeB) return timeA < timeB ? 1 : -1;
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}
