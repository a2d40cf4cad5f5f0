/**
 * Field selectors: `metadata.name=a,status.phase!=Running`. Messages are upstream's
 * (`k8s.io/apimachinery/pkg/fields`).
 */

/** A selector that cannot be read. */
export class FieldSelectorError extends Error {
  override name = 'FieldSelectorError';
}

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Puts a backslash before what would end a value. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

/** Undoes `escapeFieldValue`; throws a FieldSelectorError for a `,` or `=` without a backslash. */
export function unescapeFieldValue(text: string): string {
  return text.replace(/\\(.?)|[,=]/gsu, (sequence, escaped: string | undefined) => {
    if (escaped === undefined) {
      throw new FieldSelectorError(`invalid field selector: unescaped character in value: ${sequence.codePointAt(0)}`);
    }
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw new FieldSelectorError(`invalid field selector: invalid escape sequence: ${sequence}`);
    }
    return escaped;
  });
}

/** Cuts at the commas that have no backslash before them. */
function splitTerms(text: string): string[] {
  return text.match(/(?:\\.?|[^\\,])+/gsu) ?? [];
}

function parseTerm(term: string, whole: string): FieldRequirement {
  const match = /^(.*?)(!=|==?)(.*)$/s.exec(term);
  if (match === null) {
    throw new FieldSelectorError(`invalid selector: '${whole}'; can't understand '${term}'`);
  }
  const [, field = '', operator, value = ''] = match;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeFieldValue(value) };
}

/** A set of requirements on fields. Immutable. */
export class FieldSelector {
  readonly requirements: readonly FieldRequirement[];

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }

  static readonly everything = new FieldSelector([]);

  /** Throws a FieldSelectorError with upstream's text. Which fields exist is for the resource to say. */
  static parse(text: string): FieldSelector {
    const requirements = splitTerms(text)
      .sort()
      .map((term) => parseTerm(term, text))
      // A lone operator says nothing.
      .filter(({ field, value }) => field !== '' || value !== '');
    return requirements.length === 0 ? FieldSelector.everything : new FieldSelector(requirements);
  }

  get isEmpty(): boolean {
    return this.requirements.length === 0;
  }

  /** `get` answers with a field's value; undefined counts as empty. */
  matches(get: (field: string) => string | undefined): boolean {
    for (const { field, operator, value } of this.requirements) {
      if (((get(field) ?? '') === value) !== (operator === '=')) return false;
    }
    return true;
  }

  /** The value that a field must have; undefined when others would do too. */
  requiredValue(field: string): string | undefined {
    return this.requirements.find((candidate) => candidate.field === field && candidate.operator === '=')?.value;
  }

  /** The canonical text, which `parse` reads. */
  toString(): string {
    return this.requirements
      .map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`)
      .join(',');
  }
}
