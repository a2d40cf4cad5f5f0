import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { IntOrString } from '../../../machinery/int-or-string.ts';
import { isPercent } from '../../../machinery/names.ts';
import { validateNonnegative } from '../../field-rules.ts';

/** A whole number from 0 on, or a percentage. Absent is 0, as in Go. */
export function validatePositiveIntOrPercent(
  value: IntOrString | null | undefined,
  path: Path,
  errors: FieldError[],
): void {
  if (typeof value !== 'string') validateNonnegative(value, path, errors);
  else for (const sentence of isPercent(value)) errors.push(path.invalid(value, sentence));
}

function percentOf(value: IntOrString | null | undefined): number | undefined {
  if (typeof value !== 'string' || isPercent(value).length > 0) return undefined;
  return Number(value.slice(0, -1));
}

/** The number of an IntOrString that may be a percentage; any other text counts as the number it is, or as 0. */
export function intOrPercentValue(value: IntOrString | null | undefined): number {
  const percent = percentOf(value);
  if (percent !== undefined) return percent;
  if (typeof value !== 'string') return value ?? 0;
  return /^[+-]?[0-9]+$/.test(value) ? Number(value) : 0;
}

export function validateNotMoreThan100Percent(
  value: IntOrString | null | undefined,
  path: Path,
  errors: FieldError[],
): void {
  const percent = percentOf(value);
  if (percent !== undefined && percent > 100) errors.push(path.invalid(value, 'must not be greater than 100%'));
}
