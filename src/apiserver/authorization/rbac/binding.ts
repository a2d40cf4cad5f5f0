import type { RoleRef, Subject } from '../../../api/types/rbac.v1.ts';
import { quote } from '../../../machinery/quote.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';
export const serviceAccountPrefix = 'system:serviceaccount:';

/** A RoleBinding, or a ClusterRoleBinding when it has no namespace. */
export interface Binding {
  /** '' for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly name: string;
  readonly roleRef: RoleRef;
  readonly subjects: readonly Subject[];
}

/** A user or group that a subject stands for: service accounts are users. Undefined for what is none of these. */
export function principalOf(
  subject: Subject,
  bindingNamespace: string,
): { readonly kind: 'user' | 'group'; readonly name: string } | undefined {
  switch (subject.kind) {
    case 'User':
      return { kind: 'user', name: subject.name };
    case 'Group':
      return { kind: 'group', name: subject.name };
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      // A service account is somewhere: without a namespace the subject is nobody.
      if (namespace === '') return undefined;
      return { kind: 'user', name: `${serviceAccountPrefix}${namespace}:${subject.name}` };
    }
    default:
      return undefined;
  }
}

/** Where the role of a binding is kept: `/<name>` for a ClusterRole, `<namespace>/<name>` for a Role. */
export function roleKeyOf({ kind, name }: RoleRef, bindingNamespace: string): string | undefined {
  if (kind === 'ClusterRole') return `/${name}`;
  // A Role is in a namespace: a binding that is in none cannot mean one.
  return kind === 'Role' && bindingNamespace !== '' ? `${bindingNamespace}/${name}` : undefined;
}

/** Why the rules of a binding cannot be had, in upstream's words. */
export function missingRoleText({ kind, name }: RoleRef): string {
  if (kind !== 'Role' && kind !== 'ClusterRole') return `unsupported role reference kind: ${quote(kind)}`;
  return `${kind.toLowerCase()}.${rbacGroup} ${quote(name)} not found`;
}

/** What allowed a request, in upstream's words. */
export function describeGrant({ namespace, name, roleRef }: Binding, subject: Subject): string {
  const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
  const place = namespace === '' ? name : `${name}/${namespace}`;
  return `RBAC: allowed by ${kind} ${quote(place)} of ${roleRef.kind} ${quote(roleRef.name)} to ${describeSubject(subject, namespace)}`;
}

function describeSubject({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind} ${quote(name)}`;
  return `${kind} ${quote(`${name}/${namespace || bindingNamespace}`)}`;
}
