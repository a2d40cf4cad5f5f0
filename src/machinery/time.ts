/**
 * Timestamps as the API writes them (RFC 3339): whole seconds for `metav1.Time`, microseconds for
 * `metav1.MicroTime`, always in UTC. What is read is what Go's `time.Parse` reads; the rest is refused in its words.
 * Moments are milliseconds since the epoch with the microseconds in the fraction: exact for the dates of our century.
 */

/** A text that is no timestamp. The message is Go's. */
export class TimeError extends Error {
  override name = 'TimeError';
}

const secondsLayout = '2006-01-02T15:04:05Z07:00';
const microLayout = '2006-01-02T15:04:05.000000Z07:00';
const minuteMs = 60_000;
/** 0001-01-01T00:00:00Z, Go's zero time: the API writes it as null. */
const zeroTimeSeconds = -62_135_596_800;

/** Go's package `time` quotes in its own way: every byte beyond ASCII by its number. */
export function quoteBytes(text: string): string {
  let quoted = '"';
  for (const byte of Buffer.from(text)) {
    if (byte < 0x20 || byte >= 0x80) quoted += `\\x${byte.toString(16).padStart(2, '0')}`;
    else quoted += (byte === 0x22 || byte === 0x5c ? '\\' : '') + String.fromCharCode(byte);
  }
  return `${quoted}"`;
}

/** Milliseconds since the epoch; the month counts from 1. `Date.UTC` takes the years up to 99 for the 1900s. */
function epochMs(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) + hour * 3_600_000 + minute * minuteMs + second * 1000;
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Walks along a timestamp as Go's parser walks along a layout. */
class Reader {
  readonly #whole: string;
  readonly #layout: string;
  #rest: string;

  constructor(text: string, layout: string) {
    this.#whole = text;
    this.#layout = layout;
    this.#rest = text;
  }

  /** Takes what the pattern finds at the start of the rest; `piece` is the part of the layout it stands for. */
  take(pattern: RegExp, piece: string): string {
    const found = pattern.exec(this.#rest)?.[0];
    if (found === undefined) {
      throw new TimeError(
        `parsing time ${quoteBytes(this.#whole)} as ${quoteBytes(this.#layout)}: cannot parse ${quoteBytes(this.#rest)} as ${quoteBytes(piece)}`,
      );
    }
    this.#rest = this.#rest.slice(found.length);
    return found;
  }

  number(pattern: RegExp, piece: string, min = 0, max = Infinity, name = ''): number {
    const value = Number(this.take(pattern, piece));
    if (value < min || value > max) this.outOfRange(name);
    return value;
  }

  /** Digits of a second that the layout does not mention but may follow. */
  optionalFraction(): string {
    const found = /^[.,]\d+/.exec(this.#rest)?.[0] ?? '';
    this.#rest = this.#rest.slice(found.length);
    return found;
  }

  /** `Z` or `+01:30`, in minutes east of UTC. */
  zoneMinutes(): number {
    const numbers = /^[\0-\x7f](\d\d):(\d\d)/.exec(this.#rest);
    if (numbers !== null && !this.#rest.startsWith('Z')) {
      if (Number(numbers[1]) > 24) this.outOfRange('time zone offset hour');
      if (Number(numbers[2]) > 60) this.outOfRange('time zone offset minute');
    }
    const zone = this.take(/^(?:Z|[+-]\d\d:\d\d)/, 'Z07:00');
    if (zone === 'Z') return 0;
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
    return zone.startsWith('-') ? -minutes : minutes;
  }

  end(): void {
    if (this.#rest === '') return;
    throw new TimeError(`parsing time ${quoteBytes(this.#whole)}: extra text: ${quoteBytes(this.#rest)}`);
  }

  outOfRange(name: string): never {
    throw new TimeError(`parsing time ${quoteBytes(this.#whole)}: ${name} out of range`);
  }
}

const two = /^\d\d/;

interface Moment {
  /** Since the epoch. */
  readonly seconds: number;
  /** Within the second. Kept apart, because a number holds both only for dates of our time. */
  readonly micros: number;
}

function parse(text: string, layout: string): Moment {
  const reader = new Reader(text, layout);
  const year = reader.number(/^\d{4}/, '2006');
  reader.take(/^-/, '-');
  const month = reader.number(two, '01', 1, 12, 'month');
  reader.take(/^-/, '-');
  const day = reader.number(two, '02');
  reader.take(/^T/, 'T');
  const hour = reader.number(/^\d\d?/, '15', 0, 23, 'hour');
  reader.take(/^:/, ':');
  const minute = reader.number(two, '04', 0, 59, 'minute');
  reader.take(/^:/, ':');
  const second = reader.number(two, '05', 0, 59, 'second');
  const fraction = layout === microLayout ? reader.take(/^[.,]\d{6}/, '.000000') : reader.optionalFraction();
  const offsetMinutes = reader.zoneMinutes();
  reader.end();
  if (day < 1 || day > daysInMonth(year, month)) reader.outOfRange('day');
  const micros = Number(fraction.slice(1, 7).padEnd(6, '0'));
  const wholeMs = epochMs(year, month, day, hour, minute, second) - offsetMinutes * minuteMs;
  return { seconds: wholeMs / 1000, micros };
}

function toMs({ seconds, micros }: Moment): number {
  return seconds * 1000 + micros / 1000;
}

/** Reads a `metav1.Time`; digits below the second are kept to the microsecond. Throws a TimeError. */
export function parseTime(text: string): number {
  return toMs(parse(text, secondsLayout));
}

/** Reads a `metav1.MicroTime`: six digits below the second, no less and no more. Throws a TimeError. */
export function parseMicroTime(text: string): number {
  return toMs(parse(text, microLayout));
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

/** The last second that was written: a busy server writes the same one thousands of times. */
let lastSeconds = Number.NaN;
let lastText = '';

/** `2024-02-28T23:59:59` */
function formatSeconds(seconds: number): string {
  if (seconds !== lastSeconds) {
    lastText = writeSeconds(new Date(seconds * 1000));
    lastSeconds = seconds;
  }
  return lastText;
}

function writeSeconds(date: Date): string {
  const year = date.getUTCFullYear();
  if (year >= 0 && year <= 9999) return date.toISOString().slice(0, 19);
  const month = pad(date.getUTCMonth() + 1, 2);
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map((part) => pad(part, 2)).join(':');
  return `${year < 0 ? '-' : ''}${pad(Math.abs(year), 4)}-${month}-${pad(date.getUTCDate(), 2)}T${time}`;
}

/** Writes a `metav1.Time`; what is below the second is dropped. */
export function formatTime(ms: number): string {
  return `${formatSeconds(Math.floor(ms / 1000))}Z`;
}

function formatMicros({ seconds, micros }: Moment): string {
  return `${formatSeconds(seconds)}.${pad(micros, 6)}Z`;
}

/** Writes a `metav1.MicroTime`, to the nearest microsecond. */
export function formatMicroTime(ms: number): string {
  const micros = Math.round(ms * 1000);
  const seconds = Math.floor(micros / 1e6);
  return formatMicros({ seconds, micros: micros - seconds * 1e6 });
}

/** What the API wrote itself, but for the last days of a month: most timestamps that arrive, known without arithmetic. */
const surelyCanonical =
  /^(?!0001)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?Z$/;

/** A `metav1.Time` as the API writes it again: null for Go's zero time. Throws a TimeError. */
export function canonicalTime(text: string): string | null {
  if (text.length === 20 && surelyCanonical.test(text)) return text;
  const { seconds, micros } = parse(text, secondsLayout);
  return seconds === zeroTimeSeconds && micros === 0 ? null : `${formatSeconds(seconds)}Z`;
}

/** A `metav1.MicroTime` as the API writes it again: null for Go's zero time. Throws a TimeError. */
export function canonicalMicroTime(text: string): string | null {
  if (text.length === 27 && surelyCanonical.test(text)) return text;
  const moment = parse(text, microLayout);
  return moment.seconds === zeroTimeSeconds && moment.micros === 0 ? null : formatMicros(moment);
}
