import type { UserInfo } from '../../api/contract.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RuleResolution } from '../contract.ts';
import { nothing } from './metrics.ts';

/** An authorizer that can be replaced by another while requests come. */
export class ReloadableAuthorizer implements Authorizer {
  #current: Authorizer;

  constructor(first: Authorizer) {
    this.#current = first;
  }

  get name(): string {
    return this.#current.name;
  }

  replace(next: Authorizer): void {
    this.#current = next;
  }

  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    return this.#current.authorize(attributes);
  }

  rulesFor(user: UserInfo, namespace: string): RuleResolution {
    return this.#current.rulesFor?.(user, namespace) ?? nothing;
  }
}
