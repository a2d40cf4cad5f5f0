/** Rules that the validation of many kinds shares, in upstream's words. Each adds what is wrong to `errors`. */
import { semanticDeepEqual } from '../machinery/deep-equal.ts';
import type { FieldError, Path } from '../machinery/field-error.ts';
import type { NameRule } from '../machinery/names.ts';
import { notSupportedInOrder } from './core/validation/common.ts';

export const notNegative = 'must be greater than or equal to 0';
export const greaterThanZero = 'must be greater than zero';
export const fieldIsImmutable = 'field is immutable';

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

export function listOf<T>(value: readonly T[] | null | undefined): readonly T[] {
  return value ?? [];
}

export function validateNonnegative(value: number | null | undefined, path: Path, errors: FieldError[]): void {
  if (value !== undefined && value !== null && value < 0) errors.push(path.invalid(value, notNegative));
}

export function validatePositive(value: number | null | undefined, path: Path, errors: FieldError[]): void {
  const number = value ?? 0;
  if (number <= 0) errors.push(path.invalid(number, greaterThanZero));
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
  errors.push(notSupportedInOrder(path, value, supported));
}
