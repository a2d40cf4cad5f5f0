import { defineResource } from '../define.ts';
import type { ClusterRoleBinding } from '../types/rbac.v1.ts';
import { bindingColumns, setBindingDefaults } from './bindings.ts';
import { validateClusterRoleBinding, validateClusterRoleBindingUpdate } from './validation.ts';

export const clusterrolebindings = defineResource<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  nameRule: 'pathSegment',
  allowCreateOnUpdate: true,
  validate: validateClusterRoleBinding,
  validateUpdate: validateClusterRoleBindingUpdate,
  defaults: setBindingDefaults,
  columns: bindingColumns(),
});
