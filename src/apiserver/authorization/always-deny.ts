import type { Authorizer, Decision } from '../contract.ts';

const noOpinion: Decision = { verdict: 'noOpinion', reason: 'Everything is forbidden.' };

/** `--authorization-mode=AlwaysDeny`: nobody may do anything that no other authorizer allows. */
export class AlwaysDenyAuthorizer implements Authorizer {
  readonly name = 'AlwaysDeny';

  authorize(): Decision {
    return noOpinion;
  }
}
