import type { AuthorizationAttributes, Authorizer, Decision } from '../contract.ts';

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
    return this.#ask(attributes, 0, []);
  }

  #ask(attributes: AuthorizationAttributes, first: number, reasons: string[]): Decision | Promise<Decision> {
    for (let index = first; index < this.#authorizers.length; index++) {
      const decision = this.#authorizers[index]?.authorize(attributes);
      if (decision instanceof Promise) {
        return decision.then((settled) => this.#decided(settled, reasons) ?? this.#ask(attributes, index + 1, reasons));
      }
      const final = decision && this.#decided(decision, reasons);
      if (final !== undefined) return final;
    }
    return { verdict: 'noOpinion', reason: reasons.join('\n') };
  }

  #decided(decision: Decision, reasons: string[]): Decision | undefined {
    if (decision.verdict !== 'noOpinion') return decision;
    if (decision.reason !== '') reasons.push(decision.reason);
    return undefined;
  }
}
