import type { Authenticator, Exchange } from '../contract.ts';
import { isPublicPath } from '../authorization/public-paths.ts';
import type { Authenticated } from './contract.ts';
import { anonymousUser } from './users.ts';

const anonymous: Authenticated = { user: anonymousUser };

/** Lets requests without credentials in as `system:anonymous`: everywhere (`--anonymous-auth`), or to public paths. */
export class AnonymousAuthenticator implements Authenticator {
  readonly name = 'anonymous';
  readonly #isEverywhere: boolean;

  constructor(options: { readonly everywhere: boolean }) {
    this.#isEverywhere = options.everywhere;
  }

  authenticate(exchange: Exchange): Authenticated | undefined {
    return this.#isEverywhere || isPublicPath(exchange.path) ? anonymous : undefined;
  }
}
