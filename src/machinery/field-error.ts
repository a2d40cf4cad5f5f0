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
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

/** Types whose text does not show the value. */
const valueless = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
]);

/** Prints a value as Go's field errors do: strings quoted, objects as JSON. */
function show(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  return typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) : String(value);
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
    const head = valueless.has(this.type) ? labels[this.type] : `${labels[this.type]}: ${show(this.value)}`;
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
    return new Path([this.#text, ...names].filter((name) => name !== '').join('.'));
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
  notSupported(value: unknown, supported: Iterable<string>): FieldError {
    const values = [...supported].sort().map((text) => JSON.stringify(text));
    const detail = values.length === 0 ? '' : `supported values: ${values.join(', ')}`;
    return new FieldError('FieldValueNotSupported', this.#text, value, detail);
  }
  tooLong(value: unknown, maxBytes: number): FieldError {
    return new FieldError('FieldValueTooLong', this.#text, value, `may not be more than ${maxBytes} bytes`);
  }
  tooMany(actual: number, max: number): FieldError {
    return new FieldError('FieldValueTooMany', this.#text, actual, `must have at most ${max} items`);
  }
}

export function root(name: string): Path {
  return new Path(name);
}
