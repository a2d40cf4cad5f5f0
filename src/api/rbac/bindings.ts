import { ageColumn, column, nameColumn, wideColumn } from '../columns.ts';
import type { Column, KubernetesObject } from '../contract.ts';
import type { RoleRef, Subject } from '../types/rbac.v1.ts';

/** What RoleBindings and ClusterRoleBindings have in common. */
interface Binding extends KubernetesObject {
  subjects?: Subject[];
  roleRef: RoleRef;
}

const rbacGroup = 'rbac.authorization.k8s.io';

export function setBindingDefaults(binding: Binding): void {
  if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = rbacGroup;
  for (const subject of binding.subjects ?? []) {
    // A ServiceAccount is of the core group, whose name is empty.
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = rbacGroup;
  }
}

function subjectsCell({ subjects }: Binding, kind: string): string {
  return (subjects ?? [])
    .filter((subject) => subject?.kind === kind)
    .map(({ name = '', namespace = '' }) => (kind === 'ServiceAccount' && namespace ? `${namespace}/${name}` : name))
    .join(', ');
}

export function bindingColumns<T extends Binding>(): readonly Column<T>[] {
  return [
    nameColumn,
    column('Role', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
    ageColumn,
    wideColumn('Users', (binding) => subjectsCell(binding, 'User')),
    wideColumn('Groups', (binding) => subjectsCell(binding, 'Group')),
    wideColumn('ServiceAccounts', (binding) => subjectsCell(binding, 'ServiceAccount')),
  ];
}
