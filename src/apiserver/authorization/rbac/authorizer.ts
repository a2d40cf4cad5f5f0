import type { UserInfo } from '../../../api/contract.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RuleResolution } from '../../contract.ts';
import type { Registry } from '../../registry/registry.ts';
import { aggregated } from '../aggregated.ts';
import { PolicyIndex } from './policy-index.ts';
import { feedPolicy } from './policy-feed.ts';

/** `--authorization-mode=RBAC`: who may do what is what roles and bindings grant; nothing is ever denied by them. */
export class RbacAuthorizer implements Authorizer {
  readonly name = 'RBAC';
  /** For those that ask what somebody holds: escalation checks. */
  readonly index = new PolicyIndex();

  #loading: Promise<void> | undefined;

  /** Follows the roles and bindings of this server from now on. Resolves when all that there are were read. */
  load(registry: Registry): Promise<void> {
    const loading = feedPolicy(this.index, registry).then(() => {
      this.#loading = undefined;
    });
    this.#loading = loading;
    // Whoever asks before it is done is told.
    loading.catch(() => {});
    return loading;
  }

  /** Resolves when the first roles and bindings were read; undefined when they were. */
  loaded(): Promise<void> | undefined {
    return this.#loading;
  }

  /** At once, but for requests that come while the first roles are read. */
  authorize({ user, request }: AuthorizationAttributes): Decision | Promise<Decision> {
    if (this.#loading !== undefined) return this.#loading.then(() => this.index.decide(user, request));
    return this.index.decide(user, request);
  }

  rulesFor(user: UserInfo, namespace: string): RuleResolution {
    const { rules, errors } = this.index.rulesOf(user, namespace);
    return {
      resourceRules: rules
        .filter(({ resources = [] }) => resources.length > 0)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          ...(apiGroups === undefined ? {} : { apiGroups }),
          ...(resources === undefined ? {} : { resources }),
          ...(resourceNames === undefined ? {} : { resourceNames }),
        })),
      nonResourceRules: rules
        .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
        .map(({ verbs, nonResourceURLs = [] }) => ({ verbs, nonResourceURLs })),
      incomplete: false,
      errors: errors.length === 0 ? [] : [aggregated(errors)],
    };
  }
}
