/**
 * What every cluster's RBAC begins with: upstream's roles and bindings of v1.36, with the features that are on by default
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings).
 */
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from '../../../../api/types/rbac.v1.ts';
import type { ObjectMeta } from '../../../../api/types/meta.v1.ts';
import { authenticatedGroup, mastersGroup, unauthenticatedGroup } from '../../../authentication/users.ts';
import { rbacGroup } from '../binding.ts';
import { componentRoles } from './component-roles.ts';
import { controllerRoles } from './controller-roles.ts';
import { namespacedPolicies } from './namespace-roles.ts';
import { group, serviceAccount, user } from './subjects.ts';
import { aggregatedRoles, aggregationLabels, userRoles } from './user-roles.ts';

/** `false` keeps an object as somebody made it: reconciliation leaves it alone. */
export const autoUpdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate';
const bootstrappingLabel = 'kubernetes.io/bootstrapping';
const controllerPrefix = 'system:controller:';
const serviceAccountsGroup = 'system:serviceaccounts';

export interface BootstrapPolicy {
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
}

/** Who holds the cluster roles that are not a controller's. */
const clusterSubjects: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group(mastersGroup)],
  'system:monitoring': [group('system:monitoring')],
  'system:discovery': [group(authenticatedGroup)],
  'system:basic-user': [group(authenticatedGroup)],
  'system:public-info-viewer': [group(authenticatedGroup), group(unauthenticatedGroup)],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [serviceAccount('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
  // Nodes have their own authorizer; the binding stays for those who put subjects into it.
  'system:node': [],
  'system:service-account-issuer-discovery': [group(serviceAccountsGroup)],
};

const clusterRoleType = { apiVersion: `${rbacGroup}/v1`, kind: 'ClusterRole' } as const;
const clusterRoleBindingType = { apiVersion: `${rbacGroup}/v1`, kind: 'ClusterRoleBinding' } as const;

export function bootstrapPolicy(): BootstrapPolicy {
  return {
    clusterRoles: [
      ...Object.entries({ ...userRoles, ...componentRoles }).map(([name, rules]): ClusterRole => ({
        ...clusterRoleType,
        metadata: metadata(name),
        rules: [...rules],
      })),
      ...Object.entries(aggregatedRoles).map(([name, label]): ClusterRole => ({
        ...clusterRoleType,
        metadata: metadata(name),
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] },
        rules: null,
      })),
      ...Object.entries(controllerRoles).map(([name, rules]): ClusterRole => ({
        ...clusterRoleType,
        metadata: metadata(controllerPrefix + name),
        rules: [...rules],
      })),
    ],
    clusterRoleBindings: [
      ...Object.entries(clusterSubjects).map(([name, subjects]) => clusterBinding(name, subjects)),
      ...Object.keys(controllerRoles).map((name) => clusterBinding(controllerPrefix + name, [serviceAccount(name)])),
    ],
    roles: namespacedPolicies.map(({ namespace, role, rules }): Role => ({
      apiVersion: `${rbacGroup}/v1`,
      kind: 'Role',
      metadata: metadata(role, namespace),
      rules: [...rules],
    })),
    roleBindings: namespacedPolicies.map(({ namespace, role, binding = role, subjects }): RoleBinding => ({
      apiVersion: `${rbacGroup}/v1`,
      kind: 'RoleBinding',
      metadata: metadata(binding, namespace),
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name: role },
      subjects: [...subjects],
    })),
  };
}

function metadata(name: string, namespace?: string): ObjectMeta {
  const aggregation = namespace === undefined ? aggregationLabels[name] : undefined;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: {
      [bootstrappingLabel]: 'rbac-defaults',
      ...(aggregation === undefined ? {} : { [aggregation]: 'true' }),
    },
    annotations: { [autoUpdateAnnotation]: 'true' },
  };
}

function clusterBinding(name: string, subjects: readonly Subject[]): ClusterRoleBinding {
  return {
    ...clusterRoleBindingType,
    metadata: metadata(name),
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
    ...(subjects.length === 0 ? {} : { subjects: [...subjects] }),
  };
}
