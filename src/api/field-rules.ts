/** Rules that the validation of many kinds shares, in upstream's words. Each adds what is wrong to `errors`. */
import { semanticDeepEqual } from '../machinery/deep-equal.ts';
import type { FieldError, Path } from '../machinery/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain, isInRange, isQualifiedName, type NameRule } from '../machinery/names.ts';

export const mustNotBeNegative = 'must be greater than or equal to 0';
export const mustBePositive = 'must be greater than zero';
export const fieldIsImmutable = 'field is immutable';
export const maxInt32 = 2 ** 31 - 1;

/** A list that may be absent. */
export type Maybe<T> = readonly T[] | null | undefined;

const nothing: readonly never[] = [];

/** The items of a list, which may be absent. */
export function listOf<T>(list: Maybe<T>): readonly T[] {
  return list ?? nothing;
}

/** A struct that may not be there, seen as Go sees it: with every field at its zero value. */
export function orZero<T extends object>(value: T | null | undefined): Partial<T> {
  return value ?? ({} as Partial<T>);
}

/** A map as Go prints it: in order of key. Null where there is none. */
export function sortedMap<T>(map: Readonly<Record<string, T>> | null | undefined): unknown {
  if (map === undefined || map === null) return null;
  const keys = Object.keys(map).sort();
  return Object.fromEntries(keys.map((key) => [key, map[key]]));
}

export function validateNonnegative(value: number | null | undefined, path: Path, errors: FieldError[]): void {
  if (value !== undefined && value !== null && value < 0) errors.push(path.invalid(value, mustNotBeNegative));
}

export function validatePositive(value: number | null | undefined, path: Path, errors: FieldError[]): void {
  const number = value ?? 0;
  if (number <= 0) errors.push(path.invalid(number, mustBePositive));
}

export function validateImmutable(value: unknown, old: unknown, path: Path, errors: FieldError[]): void {
  if (!semanticDeepEqual(value, old)) errors.push(path.invalid(value ?? null, fieldIsImmutable));
}

/** One error for each sentence of the rule. */
export function validateByRule(rule: NameRule, value: string, path: Path, errors: FieldError[]): void {
  for (const sentence of rule(value)) errors.push(path.invalid(value, sentence));
}

/** `Required` when empty, `Unsupported value` when none of `supported`, which the error lists in this order. */
export function validateRequiredEnum(
  value: string | null | undefined,
  supported: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  if (value === undefined || value === null || value === '') errors.push(path.required());
  else validateEnum(value, supported, path, errors);
}

/** A value that is there must be one of `supported`, which the error lists in this order. */
export function validateEnum(
  value: string | null | undefined,
  supported: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  if (value === undefined || value === null || supported.includes(value)) return;
  errors.push(path.notSupported(value, supported));
}

/** Whether a list has an item; absent and empty are the same. */
export function hasItems(list: Maybe<unknown>): boolean {
  return list !== undefined && list !== null && list.length > 0;
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

/** The parent directory, in a path. */
const parentDirectory = '..';

/** Whether a path climbs: `..` stands alone between slashes. */
export function hasBacksteps(path: string): boolean {
  return path.includes(parentDirectory) && path.split('/').includes(parentDirectory);
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
