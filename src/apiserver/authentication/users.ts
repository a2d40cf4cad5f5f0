/** Users and groups with a meaning of their own (https://kubernetes.io/docs/reference/access-authn-authz/authentication/). */
import type { UserInfo } from '../../api/contract.ts';

/** In whom every authenticated user is. */
export const authenticatedGroup = 'system:authenticated';
export const unauthenticatedGroup = 'system:unauthenticated';
/** Its members may do everything. */
export const mastersGroup = 'system:masters';

/** Who asks without credentials, where that is allowed. */
export const anonymousUser: UserInfo = { username: 'system:anonymous', groups: [unauthenticatedGroup] };

/** The key in `extra` under which the credential that was used is named. */
export const credentialIdKey = 'authentication.kubernetes.io/credential-id';
