/**
 * Quantities such as `500m`, `1.5Gi` and `12e6`, as upstream's `resource.Quantity`: exact, never a floating-point
 * number, and printed again in the form it was written in.
 */

/** How a quantity was written, and is written again. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A text that is no quantity. The message is upstream's. */
export class QuantityError extends Error {
  override name = 'QuantityError';
}

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongNumber = 'unable to parse numeric part of quantity';
const wrongSuffix = "unable to parse quantity's suffix";

/** No quantity means more digits than these; without a bound `1e999999999` would fill the memory when it is added up. */
const maxDigits = 1000;
/** Nothing finer than a nano is kept: what is finer is rounded away from zero. */
const finestScale = -9;
const maxInt64 = 2n ** 63n - 1n;
/** So many digits surely fit upstream's 64-bit form: the form decides whether the text is kept as written. */
const int64Digits = 18;

const pattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

interface Suffix {
  readonly format: QuantityFormat;
  /** Of 10, or of 2 for BinarySI. */
  readonly exponent: number;
}

const suffixes = new Map<string, Suffix>([
  ...['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((text, index): [string, Suffix] => [
    text,
    { format: 'DecimalSI', exponent: 3 * (index - 3) },
  ]),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((text, index): [string, Suffix] => [
    text,
    { format: 'BinarySI', exponent: 10 * (index + 1) },
  ]),
]);
const decimalSuffixes: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

function readSuffix(text: string): Suffix {
  const known = suffixes.get(text);
  if (known !== undefined) return known;
  if (!/^[eE][+-]?[0-9]+$/.test(text)) throw new QuantityError(wrongSuffix);
  if (text.length > 2 * int64Digits) throw new QuantityError(wrongNumber);
  return { format: 'DecimalExponent', exponent: Number(text.slice(1)) };
}

function powerOf10(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** Divides and rounds away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (quotient * divisor === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** An exact amount. Immutable. */
export class Quantity {
  readonly format: QuantityFormat;
  // The amount is #unscaled × 10^#scale.
  readonly #unscaled: bigint;
  readonly #scale: number;
  #text: string | undefined;

  private constructor(unscaled: bigint, scale: number, format: QuantityFormat, text?: string) {
    this.#unscaled = unscaled;
    this.#scale = unscaled === 0n ? 0 : scale;
    this.format = format;
    this.#text = text;
  }

  /** `value` × 10^`scale`, so `Quantity.of(250, -3)` is `250m`. */
  static of(value: number | bigint, scale = 0, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value), scale, format);
  }

  /** Throws a QuantityError with upstream's text. Spaces around are not allowed. */
  static parse(text: string): Quantity {
    if (text.length > maxDigits) throw new QuantityError(wrongNumber);
    const match = text === '' ? null : pattern.exec(text);
    if (match === null) throw new QuantityError(wrongFormat);
    const [, sign, whole = '', fraction = '', suffixText = ''] = match;
    const { format, exponent } = readSuffix(suffixText);
    const significant = whole.replace(/^0+/, '') || '0';
    const digits = significant + fraction;
    const isBinary = format === 'BinarySI';

    // Up to so many digits upstream keeps the text as it was written when that is close enough to canonical; what it
    // keeps is what clients see, so the same rule stands here.
    const keepsText = isBinary
      ? fraction === '' && significant.length + Math.trunc((exponent * 3) / 10) <= 14
      : digits.length <= int64Digits && exponent - fraction.length >= finestScale;
    if (!keepsText && !/[0-9]/.test(text.slice(0, text.length - suffixText.length))) {
      throw new QuantityError(wrongNumber);
    }
    const magnitude = BigInt(digits) << (isBinary ? BigInt(exponent) : 0n);
    const scale = (isBinary ? 0 : exponent) - fraction.length;
    if (magnitude !== 0n && scale > maxDigits) throw new QuantityError(wrongNumber);
    if (keepsText) {
      if (magnitude > maxInt64) throw new QuantityError(wrongNumber);
      const isCanonical = isBinary
        ? (Number(significant) & 7) !== 0
        : scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
      return new Quantity(sign === '-' ? -magnitude : magnitude, scale, format, isCanonical ? text : undefined);
    }
    return Quantity.#bounded(magnitude, scale, sign === '-', format);
  }

  /** Rounds up to a nano, and caps a binary amount at what 64 bits hold, as upstream does with long numbers. */
  static #bounded(magnitude: bigint, scale: number, isNegative: boolean, format: QuantityFormat): Quantity {
    let [unscaled, at] = [magnitude, scale];
    if (unscaled !== 0n && at < finestScale) {
      const excess = finestScale - at;
      unscaled = excess > 2 * maxDigits ? 1n : divideUp(unscaled, powerOf10(excess));
      at = finestScale;
    }
    let printed = format;
    if (format === 'BinarySI') {
      const one = powerOf10(-at);
      if (unscaled > maxInt64 * one) [unscaled, at] = [maxInt64, 0];
      else if (unscaled > 0n && unscaled < one) printed = 'DecimalSI';
    }
    return new Quantity(isNegative ? -unscaled : unscaled, at, printed);
  }

  get sign(): -1 | 0 | 1 {
    if (this.#unscaled === 0n) return 0;
    return this.#unscaled < 0n ? -1 : 1;
  }

  compare(other: Quantity): -1 | 0 | 1 {
    const [a, b] = this.#aligned(other);
    if (a === b) return 0;
    return a < b ? -1 : 1;
  }

  equals(other: Quantity): boolean {
    return this.compare(other) === 0;
  }

  /** The sum has this quantity's format, or the other's when this one is zero. */
  add(other: Quantity): Quantity {
    const [a, b, scale] = this.#aligned(other);
    return new Quantity(a + b, scale, this.sign === 0 ? other.format : this.format);
  }

  /** The difference has this quantity's format, or the other's when this one is zero. */
  subtract(other: Quantity): Quantity {
    return this.add(other.negate());
  }

  negate(): Quantity {
    return new Quantity(-this.#unscaled, this.#scale, this.format);
  }

  /** In units of 10^`scale`, rounded away from zero: `ceil()` in whole ones, `ceil(-3)` in thousandths. */
  ceil(scale = 0): bigint {
    return this.#scale >= scale
      ? this.#unscaled * powerOf10(this.#scale - scale)
      : divideUp(this.#unscaled, powerOf10(scale - this.#scale));
  }

  /** `ceil` as a number: exact up to 2^53. */
  ceilNumber(scale = 0): number {
    return Number(this.ceil(scale));
  }

  /** The closest floating-point number, for ratios and graphs. */
  toNumber(): number {
    return Number(`${this.#unscaled}e${this.#scale}`);
  }

  /** The canonical form, as upstream prints it. */
  toString(): string {
    this.#text ??= this.#print();
    return this.#text;
  }

  toJSON(): string {
    return this.toString();
  }

  #aligned(other: Quantity): [a: bigint, b: bigint, scale: number] {
    const scale = Math.min(this.#scale, other.#scale);
    return [this.#unscaled * powerOf10(this.#scale - scale), other.#unscaled * powerOf10(other.#scale - scale), scale];
  }

  #print(): string {
    if (this.#unscaled === 0n) return '0';
    if (this.format === 'BinarySI') {
      const one = this.#scale < 0 ? powerOf10(-this.#scale) : 1n;
      const whole = this.#scale < 0 ? this.#unscaled / one : this.#unscaled * powerOf10(this.#scale);
      const isExact = this.#scale >= 0 || whole * one === this.#unscaled;
      if (isExact && (whole >= 1024n || whole <= -1024n)) return printBinary(whole);
      return printDecimal(this.#unscaled, this.#scale, 'DecimalSI');
    }
    return printDecimal(this.#unscaled, this.#scale, this.format);
  }
}

function printBinary(whole: bigint): string {
  let rest = whole;
  let power = 0;
  while (power < binarySuffixes.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n;
    power++;
  }
  return `${rest}${binarySuffixes[power] ?? ''}`;
}

function printDecimal(unscaled: bigint, scale: number, format: QuantityFormat): string {
  const all = unscaled.toString();
  const digits = all.replace(/0+$/, '');
  const exponent = scale + all.length - digits.length;
  const shift = ((exponent % 3) + 3) % 3;
  const number = digits + '0'.repeat(shift);
  const thousands = (exponent - shift) / 3;
  // Upstream drops a power that has no suffix and so changes the amount; this one falls back to an exponent.
  const suffix = format === 'DecimalSI' ? decimalSuffixes[thousands + 3] : undefined;
  return number + (suffix ?? (thousands === 0 ? '' : `e${3 * thousands}`));
}

/** Most quantities that arrive: short, canonical, and recognised without arithmetic. */
const shortCanonical = /^[1-9][0-9]{0,8}(?:[munkMGTPE]?|[KMG]i)$/;

/**
 * The canonical form of a quantity's text, as upstream prints it after reading it from JSON (so spaces around it do
 * not matter). Throws a QuantityError with upstream's text.
 */
export function canonicalQuantity(text: string): string {
  if (shortCanonical.test(text)) {
    if (!text.endsWith('i')) {
      if (!/000[a-zA-Z]?$/.test(text)) return text;
    } else if (Number.parseInt(text, 10) % 1024 !== 0) return text;
  }
  return Quantity.parse(text.trim()).toString();
}
