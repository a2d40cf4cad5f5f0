import { LabelSelectorError, checkRequirement, matcherOf, printRequirement } from './label-requirement.ts';
import type { LabelOperator, LabelRequirement, Labels } from './label-requirement.ts';
import { parseLabelRequirements } from './label-selector-parser.ts';
import { quote } from './quote.ts';

/** `metav1.LabelSelector`, as objects hold it. */
export interface LabelSelectorObject {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly LabelSelectorExpression[] | undefined;
}

export interface LabelSelectorExpression {
  readonly key: string;
  /** In, NotIn, Exists or DoesNotExist. */
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

const operators = new Map<string, LabelOperator>([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

const noLabels: Labels = Object.freeze(Object.create(null) as Record<string, string>);

function byKey(a: LabelRequirement, b: LabelRequirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** A set of requirements that labels meet or not. Immutable. */
export class LabelSelector {
  /** In order of key. */
  readonly requirements: readonly LabelRequirement[];
  /** Selects no object, whatever its labels: what an absent selector means in most places. */
  readonly isNothing: boolean;
  readonly #matchers: readonly ((labels: Labels) => boolean)[];

  private constructor(requirements: readonly LabelRequirement[], isNothing = false) {
    this.requirements = requirements;
    this.isNothing = isNothing;
    this.#matchers = isNothing ? [() => false] : requirements.map(matcherOf);
  }

  static readonly everything = new LabelSelector([]);
  static readonly nothing = new LabelSelector([], true);

  /** Reads `a=b,c in (d,e),!f`. Throws a LabelSelectorError with upstream's text. */
  static parse(text: string): LabelSelector {
    const requirements = parseLabelRequirements(text);
    return requirements.length === 0 ? LabelSelector.everything : new LabelSelector(requirements);
  }

  /** Exactly these labels; nothing is checked. */
  static fromLabels(labels: Labels | undefined): LabelSelector {
    const requirements = Object.entries(labels ?? {}).map(([key, value]): LabelRequirement => ({
      key,
      operator: '=',
      values: [value],
    }));
    return new LabelSelector(requirements.sort(byKey));
  }

  /**
   * The selector of an object: an absent one selects nothing, an empty one everything. Throws a LabelSelectorError
   * when it is not valid.
   */
  static fromObject(object: LabelSelectorObject | null | undefined): LabelSelector {
    if (object === undefined || object === null) return LabelSelector.nothing;
    const requirements = Object.entries(object.matchLabels ?? {}).map(([key, value]) =>
      checkRequirement({ key, operator: '=', values: [value] }),
    );
    for (const { key, operator, values } of object.matchExpressions ?? []) {
      const known = operators.get(operator);
      if (known === undefined)
        throw new LabelSelectorError(`${quote(operator ?? '')} is not a valid label selector operator`);
      // An object that was never decoded may lack what its type requires.
      requirements.push(checkRequirement({ key: key ?? '', operator: known, values: [...(values ?? [])] }));
    }
    return requirements.length === 0 ? LabelSelector.everything : new LabelSelector(requirements.sort(byKey));
  }

  /** Whether it restricts nothing. */
  get isEmpty(): boolean {
    return !this.isNothing && this.requirements.length === 0;
  }

  matches(labels: Labels | undefined): boolean {
    const tested = labels ?? noLabels;
    for (const matches of this.#matchers) if (!matches(tested)) return false;
    return true;
  }

  /** The one value that a label must have; undefined when other values, or none, would do too. */
  requiredValue(key: string): string | undefined {
    const requirement = this.requirements.find((candidate) => candidate.key === key);
    if (requirement === undefined || requirement.values.length !== 1) return undefined;
    return ['=', '==', 'in'].includes(requirement.operator) ? requirement.values[0] : undefined;
  }

  /** The same selector as an object holds it. Throws a LabelSelectorError for `>` and `<`, which objects lack. */
  toObject(): LabelSelectorObject {
    const matchLabels: Record<string, string> = {};
    const matchExpressions: LabelSelectorExpression[] = [];
    for (const { key, operator, values } of this.requirements) {
      if (operator === '=' || operator === '==') {
        matchLabels[key] = values[0] ?? '';
        continue;
      }
      const named = [...operators].find(([, candidate]) => candidate === (operator === '!=' ? 'notin' : operator));
      if (named === undefined) throw new LabelSelectorError(`${quote(operator)} isn't supported in label selectors`);
      matchExpressions.push({ key, operator: named[0], values });
    }
    return { matchLabels, matchExpressions };
  }

  /** The canonical text, which `parse` reads. */
  toString(): string {
    return this.requirements.map(printRequirement).join(',');
  }
}

/** A selector for a person to read, as columns and `describe` show it. */
export function formatLabelSelector(object: LabelSelectorObject | null | undefined): string {
  try {
    return LabelSelector.fromObject(object).toString() || '<none>';
  } catch (error) {
    if (error instanceof LabelSelectorError) return '<error>';
    throw error;
  }
}
