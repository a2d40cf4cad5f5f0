import type { UserInfo } from '../api/contract.ts';

/** A service account, as the API server knows it once it is authenticated. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

/** Who may do everything, for the owner of a cluster in the same process. */
export const adminUser: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

export const controllerManagerUser: UserInfo = {
  username: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
};

export const schedulerUser: UserInfo = { username: 'system:kube-scheduler', groups: ['system:authenticated'] };

/** The kubelet of a node, as the Node authorizer and NodeRestriction know it. */
export function nodeUser(nodeName: string): UserInfo {
  return { username: `system:node:${nodeName}`, groups: ['system:nodes', 'system:authenticated'] };
}
