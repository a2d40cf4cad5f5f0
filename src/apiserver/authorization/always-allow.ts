import type { Authorizer, Decision, RuleResolution } from '../contract.ts';

const allowed: Decision = { verdict: 'allow', reason: '' };

/** `--authorization-mode=AlwaysAllow`: who is authenticated may do everything. */
export class AlwaysAllowAuthorizer implements Authorizer {
  readonly name = 'AlwaysAllow';

  authorize(): Decision {
    return allowed;
  }

  rulesFor(): RuleResolution {
    return {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
      errors: [],
    };
  }
}
