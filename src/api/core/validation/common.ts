/** What the validation of many kinds shares: checks that add their errors to a list, and sentences that recur. */
import { FieldError, type Path } from '../../../machinery/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain, isInRange, isQualifiedName } from '../../../machinery/names.ts';
import { quote } from '../../../machinery/quote.ts';

export const mustNotBeNegative = 'must be greater than or equal to 0';
export const mustBePositive = 'must be greater than zero';
export const immutable = 'field is immutable';
export const maxInt32 = 2 ** 31 - 1;

/** A list that may be absent. */
export type Maybe<T> = readonly T[] | null | undefined;

const nothing: readonly never[] = [];

/** The items of a list, which may be absent. */
export function items<T>(list: Maybe<T>): readonly T[] {
  return list ?? nothing;
}

/** Whether a list has an item; absent and empty are the same. */
export function hasItems(list: Maybe<unknown>): boolean {
  return list !== undefined && list !== null && list.length > 0;
}

/** `notSupported` with the values in the order given, where upstream gives a list and not a set. */
export function notSupportedInOrder(path: Path, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(quote).join(', ')}`;
  return new FieldError('FieldValueNotSupported', path.toString(), value, detail);
}

/** An error for each sentence about a value. */
export function addInvalid(errors: FieldError[], path: Path, value: unknown, sentences: readonly string[]): void {
  for (const sentence of sentences) errors.push(path.invalid(value, sentence));
}

export function checkDNSLabel(errors: FieldError[], path: Path, value: string): void {
  addInvalid(errors, path, value, isDNS1123Label(value));
}

export function checkDNSSubdomain(errors: FieldError[], path: Path, value: string): void {
  addInvalid(errors, path, value, isDNS1123Subdomain(value));
}

export function checkQualifiedName(errors: FieldError[], path: Path, value: string): void {
  addInvalid(errors, path, value, isQualifiedName(value));
}

/** The member of `parent` that must be there: an empty text counts as absent. */
export function checkRequired(errors: FieldError[], parent: Path, name: string, value: string | undefined): void {
  if (!value) errors.push(parent.child(name).required());
}

/** A number of which the absence means 0. */
export function checkNotNegative(errors: FieldError[], parent: Path, name: string, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(parent.child(name).invalid(value, mustNotBeNegative));
}

export function checkRange(
  errors: FieldError[],
  parent: Path,
  name: string,
  value: number,
  [min, max]: readonly [number, number],
): void {
  if (value < min || value > max) addInvalid(errors, parent.child(name), value, isInRange(value, min, max));
}

/** The permissions of a file: 0 to 0777. */
export function checkFileMode(errors: FieldError[], parent: Path, name: string, mode: number | undefined): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0)) {
    errors.push(parent.child(name).invalid(mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
  }
}

/** Whether a path climbs: `..` stands alone between slashes. */
export function hasBacksteps(path: string): boolean {
  return path.includes('..') && path.split('/').includes('..');
}

export function checkNoBacksteps(errors: FieldError[], path: Path, value: string): void {
  if (hasBacksteps(value)) errors.push(path.invalid(value, "must not contain '..'"));
}

/** A relative path that does not climb. */
export function checkLocalPath(errors: FieldError[], path: Path, value: string): void {
  if (value.startsWith('/')) errors.push(path.invalid(value, 'must be a relative path'));
  checkNoBacksteps(errors, path, value);
}

/** A relative path that does not climb, and whose first name is not one of those that start with two dots. */
export function checkLocalNonReservedPath(errors: FieldError[], path: Path, value: string): void {
  checkLocalPath(errors, path, value);
  if (value.startsWith('..') && !value.startsWith('../')) errors.push(path.invalid(value, "must not start with '..'"));
}
