import type { Operation, RequestKind } from '../contract.ts';

/** Whether a request is for Pods themselves, by one of these operations. */
export function isOfPods(kind: RequestKind, ...operations: readonly Operation[]): boolean {
  return isOf(kind, '', 'pods') && kind.subresource === '' && operations.includes(kind.operation);
}

/** Whether a request is for a resource or one of its subresources. */
export function isOf({ group, resource }: RequestKind, wantedGroup: string, wanted: string): boolean {
  return resource === wanted && group === wantedGroup;
}

/** Set by the kubelet on the object that stands for a static Pod. */
export const mirrorPodAnnotation = 'kubernetes.io/config.mirror';
