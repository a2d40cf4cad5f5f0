import { defineResource } from '../define.ts';
import type { RoleBinding } from '../types/rbac.v1.ts';
import { bindingColumns, setBindingDefaults } from './bindings.ts';
import { validateRoleBinding, validateRoleBindingUpdate } from './validation.ts';

export const rolebindings = defineResource<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
  nameRule: 'pathSegment',
  allowCreateOnUpdate: true,
  validate: validateRoleBinding,
  validateUpdate: validateRoleBindingUpdate,
  defaults: setBindingDefaults,
  columns: bindingColumns(),
});
