import { quote } from './quote.ts';

/**
 * Errors about one field of an object, with upstream's types and wording
 * (`k8s.io/apimachinery/pkg/util/validation/field`).
 */

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTooShort'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

const labels: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTooShort: 'Too short',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

/** Types whose text does not show the value. */
const valueless = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooShort',
  'InternalError',
]);

/** Stands for a value that is too long to be shown. */
const omitted = '<value omitted>';

/** Given as the value of an error whose text shows none (upstream's `OmitValueType`). */
export const omitValue: unique symbol = Symbol('omitted');

const jsonEscapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Prints a value as upstream's field errors do: texts quoted, objects and lists as Go writes JSON. */
function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === undefined || value === null) return 'null';
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => jsonEscapes[character] ?? character);
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export class FieldError {
  readonly type: FieldErrorType;
  /** A path such as `spec.containers[0].name`, as `Path` prints it. */
  readonly field: string;
  readonly value: unknown;
  readonly detail: string;

  constructor(type: FieldErrorType, field: string, value: unknown, detail: string) {
    this.type = type;
    this.field = field;
    this.value = value;
    this.detail = detail;
  }

  /** The message without the field. */
  body(): string {
    const isValueless = valueless.has(this.type) || this.value === omitValue;
    const head = isValueless ? labels[this.type] : `${labels[this.type]}: ${show(this.value)}`;
    return this.detail === '' ? head : `${head}: ${this.detail}`;
  }

  toString(): string {
    return `${this.field}: ${this.body()}`;
  }
}

/** A field's path, built as validation walks down: `root('spec').child('ports').index(0)`. */
export class Path {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  child(...names: readonly string[]): Path {
    let text = this.#text;
    for (const name of names) if (name !== '') text = text === '' ? name : `${text}.${name}`;
    return new Path(text);
  }
  index(position: number): Path {
    return new Path(`${this.#text}[${position}]`);
  }
  key(key: string): Path {
    return new Path(`${this.#text}[${key}]`);
  }
  toString(): string {
    return this.#text;
  }

  required(detail = ''): FieldError {
    return new FieldError('FieldValueRequired', this.#text, '', detail);
  }
  invalid(value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueInvalid', this.#text, value, detail);
  }
  typeInvalid(value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueTypeInvalid', this.#text, value, detail);
  }
  notFound(value: unknown): FieldError {
    return new FieldError('FieldValueNotFound', this.#text, value, '');
  }
  duplicate(value: unknown): FieldError {
    return new FieldError('FieldValueDuplicate', this.#text, value, '');
  }
  forbidden(detail: string): FieldError {
    return new FieldError('FieldValueForbidden', this.#text, '', detail);
  }
  /** `supported` is printed in the order given: upstream sorts where it has a set. */
  notSupported(value: unknown, supported: Iterable<string>): FieldError {
    const values = Array.from(supported, quote);
    const detail = values.length === 0 ? '' : `supported values: ${values.join(', ')}`;
    return new FieldError('FieldValueNotSupported', this.#text, value, detail);
  }
  /** The value itself is never kept or printed. */
  tooLong(_value: unknown, maxBytes: number): FieldError {
    return new FieldError(
      'FieldValueTooLong',
      this.#text,
      omitted,
      `may not be more than ${counted(maxBytes, 'byte')}`,
    );
  }
  tooLongCharacters(_value: unknown, maxCharacters: number): FieldError {
    const detail = `may not be more than ${counted(maxCharacters, 'character')}`;
    return new FieldError('FieldValueTooLong', this.#text, omitted, detail);
  }
  tooShort(value: string, minCharacters: number): FieldError {
    const detail = `must be at least ${counted(minCharacters, 'character')}`;
    return new FieldError('FieldValueTooShort', this.#text, value, detail);
  }
  tooMany(actual: number, max: number): FieldError {
    return new FieldError('FieldValueTooMany', this.#text, actual, `must have at most ${counted(max, 'item')}`);
  }
  tooFew(actual: number, min: number): FieldError {
    return new FieldError('FieldValueTooFew', this.#text, actual, `must have at least ${counted(min, 'item')}`);
  }
  /** A fault that is ours, met while validating. */
  internalError(message: string): FieldError {
    return new FieldError('InternalError', this.#text, undefined, message);
  }
}

export function root(name: string): Path {
  return new Path(name);
}
