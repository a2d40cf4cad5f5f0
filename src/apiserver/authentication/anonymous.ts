import type { Authenticator, Exchange } from '../contract.ts';
import { isPublicPath } from '../authorization/public-paths.ts';
import type { Authenticated } from './contract.ts';
import { anonymousUser } from './users.ts';

/** Where requests without credentials are let in: everywhere, where nobody need show any, or at these paths alone. */
export type AnonymousScope = 'everywhere' | 'publicPaths' | readonly string[];

const anonymous: Authenticated = { user: anonymousUser };

/** Lets requests without credentials in as `system:anonymous`. */
export class AnonymousAuthenticator implements Authenticator {
  readonly name = 'anonymous';
  readonly #scope: AnonymousScope;

  constructor(scope: AnonymousScope) {
    this.#scope = scope;
  }

  authenticate({ path }: Exchange): Authenticated | undefined {
    const scope = this.#scope;
    if (scope === 'everywhere') return anonymous;
    const isOpen = scope === 'publicPaths' ? isPublicPath(path) : scope.includes(path);
    return isOpen ? anonymous : undefined;
  }
}
