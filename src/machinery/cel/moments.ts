/** Timestamps and durations: texts, bounds, arithmetic, and what the accessors read. */
import { DurationError, parseDuration } from '../duration.ts';
import { fail } from './failure.ts';
import { Duration, maxInt64, minInt64, Timestamp } from './values.ts';

const nanosPerSecond = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z. */
const minTimestampNanos = -62_135_596_800n * nanosPerSecond;
const maxTimestampNanos = 253_402_300_800n * nanosPerSecond - 1n;

export function checkedTimestamp(nanos: bigint): Timestamp {
  if (nanos < minTimestampNanos || nanos > maxTimestampNanos) fail('timestamp overflow');
  return new Timestamp(nanos);
}

export function checkedDuration(nanos: bigint): Duration {
  if (nanos < minInt64 || nanos > maxInt64) fail('duration overflow');
  return new Duration(nanos);
}

const timestampForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339; undefined for everything else. Moments out of bounds are a CelFailure. */
export function readTimestamp(text: string): Timestamp | undefined {
  const found = timestampForm.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = found.slice(7);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDate = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59 || Number(zoneHours) > 24 || Number(zoneMinutes) > 60) {
    return undefined;
  }
  const offsetMinutes = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offsetMinutes * 60;
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return checkedTimestamp(BigInt(seconds) * nanosPerSecond + nanos);
}

/** Seconds and the nanoseconds above them, rounded down. */
function split(nanos: bigint): [seconds: bigint, nanos: bigint] {
  const rest = ((nanos % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  return [(nanos - rest) / nanosPerSecond, rest];
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`;
}

/** RFC 3339 in UTC with as many digits below the second as there are. */
export function formatTimestamp({ nanos }: Timestamp): string {
  const [seconds, rest] = split(nanos);
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text}${fractionText(rest)}Z`;
}

export function readDuration(text: string): Duration | undefined {
  try {
    return new Duration(parseDuration(text));
  } catch (error) {
    if (error instanceof DurationError) return undefined;
    throw error;
  }
}

/** In seconds: `3600s`, `1.5s`, `-0.001s`. */
export function formatCelDuration({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size / nanosPerSecond}${fractionText(size % nanosPerSecond)}s`;
}

export function unixSeconds({ nanos }: Timestamp): bigint {
  return split(nanos)[0];
}

const offsetForm = /^([+-]?)(\d{1,2}):(\d{1,2})$/;
/** Formats are kept because making one takes long; there are not more zones than this. */
const maxZones = 1000;
const zones = new Map<string, Intl.DateTimeFormat>();

function zoneFormat(zone: string): Intl.DateTimeFormat {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return fail(`unknown time zone ${zone}`);
  }
  if (zones.size < maxZones) zones.set(zone, format);
  return format;
}

/** The moment as a date whose UTC fields read what clocks in the zone show. */
export function dateIn(moment: Timestamp, zone: string): Date {
  const [seconds, nanos] = split(moment.nanos);
  const ms = Number(seconds) * 1000 + Number(nanos / 1_000_000n);
  if (zone === 'UTC' || zone === '') return new Date(ms);
  const offset = offsetForm.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(ms + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  const parts = new Map<string, string>();
  for (const { type, value } of zoneFormat(zone).formatToParts(ms)) parts.set(type, value);
  const read = (type: string): number => Number(parts.get(type));
  const local = new Date(0);
  local.setUTCFullYear(parts.get('era') === 'BC' ? 1 - read('year') : read('year'), read('month') - 1, read('day'));
  local.setUTCHours(read('hour'), read('minute'), read('second'), ((ms % 1000) + 1000) % 1000);
  return local;
}
