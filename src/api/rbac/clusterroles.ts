import { defineResource } from '../define.ts';
import type { ClusterRole } from '../types/rbac.v1.ts';
import { validateClusterRole, validateClusterRoleUpdate } from './validation.ts';

export const clusterroles = defineResource<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  nameRule: 'pathSegment',
  allowCreateOnUpdate: true,
  validate: validateClusterRole,
  validateUpdate: validateClusterRoleUpdate,
});
