import { quote } from './quote.ts';

/** `intstr.IntOrString` as JSON holds it: a whole number of 32 bits, or a text. */
export type IntOrString = number | string;

const maxInt32 = 2 ** 31 - 1;
const minInt32 = -(2 ** 31);

/** A text that is a number of 32 bits becomes one, as flags are read. */
export function parseIntOrString(text: string): IntOrString {
  if (!/^[+-]?[0-9]+$/.test(text)) return text;
  const value = Number(text);
  return value >= minInt32 && value <= maxInt32 ? value + 0 : text;
}

/** Reads a number as Go's Atoi does; its message names what Go's names. */
function parseInteger(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new RangeError(`strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (BigInt.asIntN(64, value) !== value) {
    throw new RangeError(`strconv.Atoi: parsing ${quote(text)}: value out of range`);
  }
  return Number(value);
}

/**
 * A number as it is, or a percentage such as `25%` of `total`, rounded up or down to a whole number. Throws a
 * RangeError with upstream's text for any other string.
 */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  if (!value.endsWith('%')) {
    throw new RangeError('invalid value for IntOrString: invalid type: string is not a percentage');
  }
  let share: number;
  try {
    share = parseInteger(value.slice(0, -1));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RangeError(`invalid value for IntOrString: invalid value ${quote(value)}: ${why}`, { cause: error });
  }
  const scaled = (share * total) / 100;
  return (rounding === 'up' ? Math.ceil(scaled) : Math.floor(scaled)) + 0;
}
