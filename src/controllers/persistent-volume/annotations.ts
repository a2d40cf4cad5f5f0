/** What the binder notes on claims and volumes. */
import type { KubernetesObject } from '../../api/contract.ts';

/** Both sides are bound: from now on, a volume that is missing is lost. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** The binder chose the other side, not a user: it may choose again. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** Who made a volume, and deletes it. */
export const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** Who is to make a claim's volume. */
export const provisionerAnnotations = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
] as const;
/** The scheduler chose a node: a class that waits for that may go on. */
export const selectedNode = 'volume.kubernetes.io/selected-node';

export function hasAnnotation({ metadata }: KubernetesObject, name: string): boolean {
  return metadata?.annotations?.[name] !== undefined;
}
