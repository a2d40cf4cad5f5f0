import type { KubernetesObject } from '../contract.ts';

/** The name, marked when one of the annotations makes it the default class. */
export function classNameCell({ metadata }: KubernetesObject, annotations: readonly string[]): string {
  const name = metadata?.name ?? '';
  const isDefault = annotations.some((annotation) => metadata?.annotations?.[annotation] === 'true');
  return isDefault ? `${name} (default)` : name;
}
