import { quoteBytes } from './time.ts';

/**
 * Durations such as `1h2m3.5s`, as Go's `time.Duration` reads and prints them (`metav1.Duration`). Held in whole
 * nanoseconds, because that is what survives being printed and read again.
 */

/** A text that is no duration. The message is Go's. */
export class DurationError extends Error {
  override name = 'DurationError';
}

const nanosOfUnit = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n], // U+00B5, the micro sign
  ['μs', 1000n], // U+03BC, the Greek letter
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const limit = 2n ** 63n;

/** Go counts a fraction's digits only as long as they fit 64 bits, and scales them in floating point. */
function fractionNanos(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (limit - 1n) / 10n || next > limit) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** Reads a duration into nanoseconds. Throws a DurationError. */
export function parseDuration(text: string): bigint {
  const invalid = (): DurationError => new DurationError(`time: invalid duration ${quoteBytes(text)}`);
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0n;
  if (unsigned === '') throw invalid();
  const term = /(\d*)(?:\.(\d*))?([^\d.]*)/y;
  let total = 0n;
  while (term.lastIndex < unsigned.length) {
    const [, whole = '', fraction = '', unitText = ''] = term.exec(unsigned) ?? [];
    if (whole === '' && fraction === '') throw invalid();
    // So many digits overflow, whatever the unit; a BigInt of millions of digits would take long to read.
    if (whole.replace(/^0+/, '').length > 19 || BigInt(whole) > limit) throw invalid();
    if (unitText === '') throw new DurationError(`time: missing unit in duration ${quoteBytes(text)}`);
    const unit = nanosOfUnit.get(unitText);
    if (unit === undefined) {
      throw new DurationError(`time: unknown unit ${quoteBytes(unitText)} in duration ${quoteBytes(text)}`);
    }
    total += BigInt(whole) * unit + fractionNanos(fraction, unit);
    if (total > limit) throw invalid();
  }
  if (text.startsWith('-')) return -total;
  if (total === limit) throw invalid();
  return total;
}

/** Reads a duration into milliseconds, with a fraction where there is one. Throws a DurationError. */
export function parseDurationMs(text: string): number {
  return Number(parseDuration(text)) / 1e6;
}

/** `1.5` from 1500 thousandths. */
function withPoint(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return `${value / unit}${fraction === '' || digits === 0 ? '' : `.${fraction}`}`;
}

/** Prints nanoseconds as Go does: `1h0m0s`, `1.5s`, `100ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size === 0n) return '0s';
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${withPoint(size, 1000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${withPoint(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = withPoint(size % 60_000_000_000n, 1_000_000_000n);
  if (minutes === 0n) return `${sign}${seconds}s`;
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${hours}h${minutes % 60n}m${seconds}s`;
}

export function formatDurationMs(ms: number): string {
  return formatDuration(BigInt(Math.round(ms * 1e6)));
}

/** A duration as it is printed again after it was read. Throws a DurationError. */
export function canonicalDuration(text: string): string {
  return formatDuration(parseDuration(text));
}
