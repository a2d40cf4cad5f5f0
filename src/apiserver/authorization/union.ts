import type { UserInfo } from '../../api/contract.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RuleResolution } from '../contract.ts';
import { aggregated } from './aggregated.ts';

/**
 * Asks authorizers in their order. The first that allows or denies decides; when none does, the answer is `noOpinion`
 * with the reasons of all, which is a refusal.
 */
export class UnionAuthorizer implements Authorizer {
  readonly name: string;
  readonly #authorizers: readonly Authorizer[];

  constructor(authorizers: readonly Authorizer[]) {
    this.#authorizers = authorizers;
    this.name = authorizers.map((authorizer) => authorizer.name).join(',');
  }

  /** Synchronous as long as the authorizers are. */
  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    return this.#ask(attributes, 0, noOpinions);
  }

  /** What all of them list together. */
  rulesFor(user: UserInfo, namespace: string): RuleResolution {
    const all = this.#authorizers.flatMap((authorizer) => authorizer.rulesFor?.(user, namespace) ?? []);
    return {
      resourceRules: all.flatMap(({ resourceRules }) => resourceRules),
      nonResourceRules: all.flatMap(({ nonResourceRules }) => nonResourceRules),
      incomplete: all.some(({ incomplete }) => incomplete),
      errors: [...new Set(all.flatMap(({ errors }) => errors))],
    };
  }

  #ask(attributes: AuthorizationAttributes, first: number, given: readonly Decision[]): Decision | Promise<Decision> {
    let before = given;
    for (let index = first; index < this.#authorizers.length; index++) {
      const decision = this.#authorizers[index]?.authorize(attributes);
      if (decision instanceof Promise) {
        const earlier = before;
        return decision.then((settled) =>
          settled.verdict === 'noOpinion' ? this.#ask(attributes, index + 1, joined(earlier, settled)) : settled,
        );
      }
      if (decision === undefined) continue;
      if (decision.verdict !== 'noOpinion') return decision;
      before = joined(before, decision);
    }
    return undecided(before);
  }
}

const noOpinions: readonly Decision[] = [];

/** Nearly always there is nothing to keep. */
function joined(before: readonly Decision[], { verdict, reason, error }: Decision): readonly Decision[] {
  if (reason === '' && error === undefined) return before;
  return [...before, error === undefined ? { verdict, reason } : { verdict, reason, error }];
}

function undecided(opinions: readonly Decision[]): Decision {
  const reasons = opinions.map(({ reason }) => reason).filter((reason) => reason !== '');
  const errors = [...new Set(opinions.flatMap(({ error }) => error ?? []))];
  const reason = reasons.join('\n');
  if (errors.length === 0) return { verdict: 'noOpinion', reason };
  return { verdict: 'noOpinion', reason, error: aggregated(errors) };
}
