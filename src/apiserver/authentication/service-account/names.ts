/** What service accounts are called as users. */

const userPrefix = 'system:serviceaccount:';

export function usernameOf(namespace: string, name: string): string {
  return `${userPrefix}${namespace}:${name}`;
}

export function groupsOf(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The service account that a username names; undefined when it names none. */
export function accountOf(username: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!username.startsWith(userPrefix)) return undefined;
  const [namespace = '', name = '', ...rest] = username.slice(userPrefix.length).split(':');
  return namespace === '' || name === '' || rest.length > 0 ? undefined : { namespace, name };
}
