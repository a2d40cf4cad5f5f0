import { defineResource } from '../define.ts';
import type { Role } from '../types/rbac.v1.ts';
import { validateRole } from './validation.ts';

export const roles = defineResource<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
  nameRule: 'pathSegment',
  allowCreateOnUpdate: true,
  validate: validateRole,
});
