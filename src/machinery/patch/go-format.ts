import { ExactInteger } from '../exact-integer.ts';
import { isList, type JsonObject } from './json.ts';

/**
 * Prints a JSON value as Go's `%v` prints the value it decodes to: `map[a:1 b:[x y]]`, keys in order, nothing quoted.
 * Upstream's errors of strategic merge patches quote maps and lists in this form.
 */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (isList(value)) return `[${value.map(goFormat).join(' ')}]`;
  if (value instanceof ExactInteger) return value.text;
  if (typeof value === 'object') {
    const object = value as JsonObject;
    const members = Object.keys(object)
      .toSorted()
      .map((key) => `${key}:${goFormat(object[key])}`);
    return `map[${members.join(' ')}]`;
  }
  return String(value);
}

/** The Go type that a JSON value decodes to, as `%s` prints a `reflect.Type`. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (isList(value)) return '[]interface {}';
  if (value instanceof ExactInteger) return 'int64';
  switch (typeof value) {
    case 'object':
      return 'map[string]interface {}';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      return typeof value;
  }
}
