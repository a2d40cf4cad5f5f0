import type { AuthorizationAttributes, Authorizer, Decision } from '../contract.ts';

const allowed: Decision = { verdict: 'allow', reason: '' };
const noOpinion: Decision = { verdict: 'noOpinion', reason: '' };

/** Lets the members of one group do everything, whatever the modes say: upstream does so for `system:masters`. */
export class PrivilegedGroupAuthorizer implements Authorizer {
  readonly name = 'PrivilegedGroup';
  readonly #group: string;

  constructor(group: string) {
    this.#group = group;
  }

  authorize({ user }: AuthorizationAttributes): Decision {
    return user.groups.includes(this.#group) ? allowed : noOpinion;
  }
}
