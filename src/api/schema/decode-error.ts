import { ExactInteger } from '../../machinery/exact-integer.ts';

/** A value that its Go type cannot take. The message is what Go's decoder says of it. */
export class DecodeError extends Error {
  override name = 'DecodeError';
}

/** What Go calls a JSON value in `cannot unmarshal …`; numbers are printed where the kind alone does not tell. */
export function valueKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'number';
    default:
      return value instanceof ExactInteger ? 'number' : 'object';
  }
}
