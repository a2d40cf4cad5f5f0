import type { Subject } from '../../../../api/types/rbac.v1.ts';
import { rbacGroup } from '../binding.ts';

export function user(name: string): Subject {
  return { kind: 'User', apiGroup: rbacGroup, name };
}

export function group(name: string): Subject {
  return { kind: 'Group', apiGroup: rbacGroup, name };
}

/** Of kube-system. */
export function serviceAccount(name: string): Subject {
  return { kind: 'ServiceAccount', name, namespace: 'kube-system' };
}
