/** The roles and bindings within the system's own namespaces. */
import type { PolicyRule, Subject } from '../../../../api/types/rbac.v1.ts';
import { eventsRule, read, rule } from './notation.ts';
import { serviceAccount, user } from './subjects.ts';

export interface NamespacedPolicy {
  readonly namespace: string;
  readonly role: string;
  readonly rules: readonly PolicyRule[];
  /** The role's own name unless said otherwise. */
  readonly binding?: string;
  readonly subjects: readonly Subject[];
}

const leaderLocking: readonly PolicyRule[] = [
  rule('get list watch create update', 'coordination.k8s.io', 'leases'),
  rule('get list watch create update', 'coordination.k8s.io', 'leasecandidates'),
];

export const namespacedPolicies: readonly NamespacedPolicy[] = [
  {
    namespace: 'kube-system',
    role: 'extension-apiserver-authentication-reader',
    rules: [rule(read, 'core', 'configmaps', 'extension-apiserver-authentication')],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  {
    namespace: 'kube-system',
    role: 'system:controller:bootstrap-signer',
    rules: [rule(read, 'core', 'secrets')],
    subjects: [serviceAccount('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    role: 'system:controller:cloud-provider',
    rules: [rule('create get list watch', 'core', 'configmaps')],
    subjects: [serviceAccount('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    role: 'system:controller:token-cleaner',
    rules: [rule('get list watch delete', 'core', 'secrets'), eventsRule],
    subjects: [serviceAccount('token-cleaner')],
  },
  {
    namespace: 'kube-system',
    role: 'system::leader-locking-kube-controller-manager',
    rules: leaderLocking,
    subjects: [
      user('system:kube-controller-manager'),
      serviceAccount('kube-controller-manager'),
      serviceAccount('leader-election-controller'),
    ],
  },
  {
    namespace: 'kube-system',
    role: 'system::leader-locking-kube-scheduler',
    rules: leaderLocking,
    subjects: [user('system:kube-scheduler'), serviceAccount('kube-scheduler')],
  },
  {
    namespace: 'kube-public',
    role: 'system:controller:bootstrap-signer',
    rules: [rule(read, 'core', 'configmaps'), rule('update', 'core', 'configmaps', 'cluster-info'), eventsRule],
    subjects: [serviceAccount('bootstrap-signer')],
  },
];
