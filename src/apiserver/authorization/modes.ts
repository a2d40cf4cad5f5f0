import { mastersGroup } from '../authentication/users.ts';
import type { Authorizer } from '../contract.ts';
import { AlwaysAllowAuthorizer } from './always-allow.ts';
import { AlwaysDenyAuthorizer } from './always-deny.ts';
import { PrivilegedGroupAuthorizer } from './privileged-group.ts';
import { PublicPathsAuthorizer } from './public-paths.ts';
import { UnionAuthorizer } from './union.ts';

/** Values of `--authorization-mode` that work. */
export const authorizationModes = ['AlwaysAllow', 'AlwaysDeny'] as const;
export type AuthorizationMode = (typeof authorizationModes)[number];

/** The authorizer for these modes in this order, after `system:masters` and the public paths, which are always open. */
export function authorizerFor(modes: readonly AuthorizationMode[]): Authorizer {
  return new UnionAuthorizer([
    new PrivilegedGroupAuthorizer(mastersGroup),
    new PublicPathsAuthorizer(),
    ...modes.map((mode) => (mode === 'AlwaysAllow' ? new AlwaysAllowAuthorizer() : new AlwaysDenyAuthorizer())),
  ]);
}
