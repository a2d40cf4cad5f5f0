import type { UserInfo } from '../../../api/contract.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RuleResolution } from '../../contract.ts';
import type { Registry } from '../../registry/registry.ts';
import { aggregated, PolicyIndex } from './policy-index.ts';
import { feedPolicy } from './policy-feed.ts';

/** `--authorization-mode=RBAC`: who may do what is what roles and bindings grant; nothing is ever denied by them. */
export class RbacAuthorizer implements Authorizer {
  readonly name = 'RBAC';
  /** For those that ask what somebody holds: escalation checks. */
  readonly index = new PolicyIndex();

  /** Follows the roles and bindings of this server. Nobody is allowed anything before. */
  load(registry: Registry): Promise<void> {
    return feedPolicy(this.index, registry);
  }

  authorize({ user, request }: AuthorizationAttributes): Decision {
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
