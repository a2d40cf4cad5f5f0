import { quote } from './quote.ts';

const unitNanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const limit = 2n ** 63n;

/** What is not a duration; the text of Go's `time.ParseDuration`. */
export class DurationError extends Error {
  override name = 'DurationError';
}

/** A duration such as `1h30m` in nanoseconds. Throws DurationError. */
export function parseDuration(text: string): bigint {
  const invalid = (): DurationError => new DurationError(`time: invalid duration ${quote(text)}`);
  const [, sign, body = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return 0n;
  if (body === '') throw invalid();
  let total = 0n;
  let rest = body;
  while (rest !== '') {
    const [number = '', whole = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(rest) ?? [];
    if (whole === '' && fraction === '') throw invalid();
    rest = rest.slice(number.length);
    const unit = /^[^.\d]+/.exec(rest)?.[0];
    if (unit === undefined) throw new DurationError(`time: missing unit in duration ${quote(text)}`);
    const scale = unitNanoseconds[unit];
    if (scale === undefined) {
      throw new DurationError(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`);
    }
    rest = rest.slice(unit.length);
    // Nineteen digits hold more than any unit has nanoseconds; further ones change nothing but cost time.
    const digits = fraction.slice(0, 19);
    total += BigInt(whole.slice(0, 40)) * scale + (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
    if (total > limit) throw invalid();
  }
  if (sign === '-') return -total;
  if (total === limit) throw invalid();
  return total;
}

/** Prints nanoseconds as Go's `Duration.String`: hours, minutes, seconds, or one smaller unit. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (value < 1_000_000_000n) {
    const unit = value < 1_000n ? 'ns' : value < 1_000_000n ? 'µs' : 'ms';
    return `${sign}${decimal(value, unitNanoseconds[unit] ?? 1n)}${unit}`;
  }
  const seconds = decimal(value % 60_000_000_000n, 1_000_000_000n);
  const minutes = value / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}s`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}s` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

function decimal(value: bigint, scale: bigint): string {
  const fraction = (value % scale)
    .toString()
    .padStart(scale.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' || scale === 1n ? `${value / scale}` : `${value / scale}.${fraction}`;
}
