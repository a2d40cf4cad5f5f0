import { quote } from '../../machinery/quote.ts';
import { DecodeError } from './decode-error.ts';

const secondsLayout = '2006-01-02T15:04:05Z07:00';
const microLayout = '2006-01-02T15:04:05.000000Z07:00';

/** What prints as null: Go's zero time. */
const zeroSeconds = '0001-01-01T00:00:00Z';
const zeroMicro = '0001-01-01T00:00:00.000000Z';

/**
 * A `metav1.Time` as it is printed: RFC 3339 in UTC, whole seconds; null for the zero time.
 * Throws a DecodeError with the text of Go's `time.Parse`.
 */
export function normaliseTime(text: string): string | null {
  if (text.length === 20 && text.charCodeAt(19) === 0x5a && isPlainDateTime(text)) {
    return text === zeroSeconds ? null : text;
  }
  const { ms } = parseTime(text, secondsLayout, false);
  const out = `${new Date(ms).toISOString().slice(0, -5)}Z`;
  return out === zeroSeconds ? null : out;
}

/** A `metav1.MicroTime`: like {@link normaliseTime}, with exactly six digits of fraction. */
export function normaliseMicroTime(text: string): string | null {
  if (text.length === 27 && text.charCodeAt(26) === 0x5a && text.charCodeAt(19) === 0x2e && isPlainDateTime(text)) {
    if (digits(text, 20, 26)) return text === zeroMicro ? null : text;
  }
  const { ms, fraction } = parseTime(text, microLayout, true);
  const out = `${new Date(ms).toISOString().slice(0, -5)}.${fraction}Z`;
  return out === zeroMicro ? null : out;
}

function digits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30;
}

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the first 19 characters are a valid date and time in the fixed form. */
function isPlainDateTime(text: string): boolean {
  if (
    text.charCodeAt(4) !== 0x2d ||
    text.charCodeAt(7) !== 0x2d ||
    text.charCodeAt(10) !== 0x54 ||
    text.charCodeAt(13) !== 0x3a ||
    text.charCodeAt(16) !== 0x3a ||
    !digits(text, 0, 4) ||
    !digits(text, 5, 7) ||
    !digits(text, 8, 10) ||
    !digits(text, 11, 13) ||
    !digits(text, 14, 16) ||
    !digits(text, 17, 19)
  ) {
    return false;
  }
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  return (
    outOfRange(
      year,
      twoDigits(text, 5),
      twoDigits(text, 8),
      twoDigits(text, 11),
      twoDigits(text, 14),
      twoDigits(text, 17),
    ) === undefined
  );
}

function outOfRange(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): string | undefined {
  if (month < 1 || month > 12) return 'month';
  if (hour > 23) return 'hour';
  if (minute > 59) return 'minute';
  if (second > 59) return 'second';
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day < 1 || day > (daysInMonth[month - 1] ?? 0) + (leap ? 1 : 0)) return 'day';
  return undefined;
}

/** Any RFC 3339 time: milliseconds of its whole seconds since the epoch, and the digits of its fraction. */
function parseTime(text: string, layout: string, micro: boolean): { ms: number; fraction: string } {
  let rest = text;
  const fail = (element: string): never => {
    throw new DecodeError(
      `parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(element)}`,
    );
  };
  const take = (pattern: RegExp, element: string): string => {
    const match = pattern.exec(rest)?.[0];
    if (match === undefined) return fail(element);
    rest = rest.slice(match.length);
    return match;
  };
  const year = Number(take(/^\d{4}/, '2006'));
  take(/^-/, '-');
  const month = Number(take(/^\d\d/, '01'));
  if (month < 1 || month > 12) outOfRangeError(text, 'month');
  take(/^-/, '-');
  const day = Number(take(/^\d\d/, '02'));
  take(/^T/, 'T');
  // Go takes an hour of one digit here; the others need two.
  const hour = Number(take(/^\d\d?/, '15'));
  if (hour > 23) outOfRangeError(text, 'hour');
  take(/^:/, ':');
  const minute = Number(take(/^\d\d/, '04'));
  if (minute > 59) outOfRangeError(text, 'minute');
  take(/^:/, ':');
  const second = Number(take(/^\d\d/, '05'));
  if (second > 59) outOfRangeError(text, 'second');
  const fraction = micro ? take(/^\.\d{6}/, '.000000').slice(1) : (/^[.,]\d+/.exec(rest)?.[0] ?? '');
  if (!micro) rest = rest.slice(fraction.length);
  const zone = take(/^(?:Z|[+-]\d\d:\d\d)/, 'Z07:00');
  if (rest !== '') throw new DecodeError(`parsing time ${quote(text)}: extra text: ${quote(rest)}`);
  const wrong = outOfRange(year, month, day, hour, minute, second);
  if (wrong !== undefined) outOfRangeError(text, wrong);
  let offsetMinutes = 0;
  if (zone !== 'Z') {
    const hours = Number(zone.slice(1, 3));
    const minutes = Number(zone.slice(4, 6));
    if (hours > 24) outOfRangeError(text, 'time zone offset hour');
    if (minutes > 60) outOfRangeError(text, 'time zone offset minute');
    offsetMinutes = (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
  }
  // Date.UTC reads years below 100 as 19xx.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return { ms: date.getTime() - offsetMinutes * 60_000, fraction };
}

function outOfRangeError(text: string, what: string): never {
  throw new DecodeError(`parsing time ${quote(text)}: ${what} out of range`);
}
