/** Secrets that hold a token of a ServiceAccount (https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets). */
import type { Secret, ServiceAccount } from '../../api/types/core.v1.ts';

export const accountNameAnnotation = 'kubernetes.io/service-account.name';
export const accountUidAnnotation = 'kubernetes.io/service-account.uid';

/** Whose token a Secret holds; undefined: none's. The uid is '' where only the name is said. */
export function accountOf({ metadata, type }: Secret): { readonly name: string; readonly uid: string } | undefined {
  if (type !== 'kubernetes.io/service-account-token') return undefined;
  const { annotations = {} } = metadata;
  const name = annotations[accountNameAnnotation] ?? '';
  return name === '' ? undefined : { name, uid: annotations[accountUidAnnotation] ?? '' };
}

export function isOf(secret: Secret, { metadata }: ServiceAccount): boolean {
  const account = accountOf(secret);
  if (account?.name !== metadata.name || secret.metadata.namespace !== metadata.namespace) return false;
  return account?.uid === '' || account?.uid === metadata.uid;
}

/** What a token in a Secret says: it has no end. */
export function legacyClaims({ metadata: account }: ServiceAccount, secretName: string): Record<string, string> {
  const { namespace = '', name = '', uid = '' } = account;
  return {
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secretName,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
}
