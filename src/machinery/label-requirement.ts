import { root } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

export type Labels = Readonly<Record<string, string>>;

/** Upstream's names of the operators (`k8s.io/apimachinery/pkg/selection`). */
export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

/** One condition on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** One for `=`, `==`, `!=`, `gt` and `lt`; none for `exists` and `!`. */
  readonly values: readonly string[];
}

/** A selector that cannot be read. The message is upstream's. */
export class LabelSelectorError extends Error {
  override name = 'LabelSelectorError';
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** A whole number of 64 bits in decimal, as Go's ParseInt reads it. */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value < minInt64 || value > maxInt64 ? undefined : value;
}

/** What is wrong with a key, as one sentence; undefined when nothing is. */
export function labelKeyFault(key: string): string | undefined {
  const sentences = isQualifiedName(key);
  return sentences.length === 0 ? undefined : sentences.join('; ');
}

function faultsOf({ key, operator, values }: LabelRequirement): FieldError[] {
  const errors: FieldError[] = [];
  const keyFault = labelKeyFault(key);
  if (keyFault !== undefined) errors.push(root('key').invalid(key, keyFault));
  const valuesPath = root('values');
  const shown = values.length === 0 ? null : values;
  if ((operator === 'in' || operator === 'notin') && values.length === 0) {
    errors.push(valuesPath.invalid(shown, "for 'in', 'notin' operators, values set can't be empty"));
  }
  if ((operator === 'exists' || operator === '!') && values.length > 0) {
    errors.push(valuesPath.invalid(shown, 'values set must be empty for exists and does not exist'));
  }
  values.forEach((value, index) => {
    const path = valuesPath.index(index);
    if ((operator === 'gt' || operator === 'lt') && parseInt64(value) === undefined) {
      errors.push(path.invalid(value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
  });
  values.forEach((value, index) => {
    const sentences = isLabelValue(value);
    if (sentences.length > 0) errors.push(valuesPath.index(index).key(key).invalid(value, sentences.join('; ')));
  });
  return errors;
}

/** Throws a LabelSelectorError that names every fault of the requirement. */
export function checkRequirement(requirement: LabelRequirement): LabelRequirement {
  const texts = [...new Set(faultsOf(requirement).map(String))];
  if (texts.length === 0) return requirement;
  throw new LabelSelectorError(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`);
}

/** The requirement in the selector syntax, values in order. */
export function printRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    case 'gt':
      return `${key}>${values[0] ?? ''}`;
    case 'lt':
      return `${key}<${values[0] ?? ''}`;
    default:
      return `${key}${operator}${values[0] ?? ''}`;
  }
}

/** From so many values on, a set finds one faster than a walk through a list. */
const setPays = 8;

/** A function that tests labels against the requirement; made once, called for every object of a list. */
export function matcherOf({ key, operator, values }: LabelRequirement): (labels: Labels) => boolean {
  // An object inherits members such as `constructor`; none of them is a string, so a label is what is one.
  const [first] = values;
  switch (operator) {
    case 'exists':
      return (labels) => typeof labels[key] === 'string';
    case '!':
      return (labels) => typeof labels[key] !== 'string';
    case '=':
    case '==':
      return (labels) => labels[key] === first;
    case '!=':
      return (labels) => labels[key] !== first;
    case 'in': {
      if (values.length === 1) return (labels) => labels[key] === first;
      const has = memberOf(values);
      return (labels) => has(labels[key]);
    }
    case 'notin': {
      if (values.length === 1) return (labels) => labels[key] !== first;
      const has = memberOf(values);
      return (labels) => !has(labels[key]);
    }
    case 'gt':
    case 'lt': {
      const bound = parseInt64(first ?? '');
      return (labels) => {
        const value = labels[key];
        const number = typeof value === 'string' ? parseInt64(value) : undefined;
        if (number === undefined || bound === undefined) return false;
        return operator === 'gt' ? number > bound : number < bound;
      };
    }
  }
}

function memberOf(values: readonly string[]): (value: string | undefined) => boolean {
  if (values.length < setPays) return (value) => value !== undefined && values.includes(value);
  const set = new Set<string | undefined>(values);
  return (value) => set.has(value);
}
