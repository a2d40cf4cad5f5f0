import { DurationError, parseDuration } from '../../../machinery/duration.ts';
import { quote } from '../../../machinery/quote.ts';

/** A schedule that cannot be read; the message is that of the parser upstream uses. */
class ScheduleError extends Error {
  override name = 'ScheduleError';
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minutes: Bounds = { min: 0, max: 59 };
const hours: Bounds = { min: 0, max: 23 };
const daysOfMonth: Bounds = { min: 1, max: 31 };
const monthsOfYear: Bounds = { min: 1, max: 12, names: months };
const daysOfWeek: Bounds = { min: 0, max: 6, names: days };
const fieldBounds = [minutes, hours, daysOfMonth, monthsOfYear, daysOfWeek];
const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const every = '@every ';
const maxInt64 = 2n ** 63n - 1n;

function parseNumber(text: string): number {
  const number = /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (number === undefined || number > maxInt64 || number < -maxInt64 - 1n) {
    const why = number === undefined ? 'invalid syntax' : 'value out of range';
    throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: ${why}`);
  }
  if (number < 0n) throw new ScheduleError(`negative number (${number}) not allowed: ${text}`);
  return Number(number);
}

function parseNumberOrName(text: string, { min, names }: Bounds): number {
  const position = names?.indexOf(text.toLowerCase()) ?? -1;
  return position >= 0 ? position + min : parseNumber(text);
}

function checkRange(text: string, bounds: Bounds): void {
  const [range = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreBounds] = range.split('-');
  let [start, end] = [bounds.min, bounds.max];
  if (low !== '*' && low !== '?') {
    start = parseNumberOrName(low, bounds);
    if (moreBounds.length > 0) throw new ScheduleError(`too many hyphens: ${text}`);
    end = high === undefined ? start : parseNumberOrName(high, bounds);
  }
  if (moreSteps.length > 0) throw new ScheduleError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  // `N/step` goes on to the end.
  if (stepText !== undefined && high === undefined) end = bounds.max;
  if (start < bounds.min)
    throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
}

function checkDescriptor(text: string): void {
  if (descriptors.has(text)) return;
  if (!text.startsWith(every)) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  try {
    parseDuration(text.slice(every.length));
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new ScheduleError(`failed to parse duration ${text}: ${error.message}`, { cause: error });
  }
}

function withoutZone(schedule: string): string {
  if (!schedule.startsWith('TZ=') && !schedule.startsWith('CRON_TZ=')) return schedule;
  const space = schedule.indexOf(' ');
  const zone = schedule.slice(schedule.indexOf('=') + 1, space < 0 ? undefined : space);
  if (space < 0 || !isTimeZone(zone)) {
    throw new ScheduleError(`provided bad location ${zone}: unknown time zone ${zone}`);
  }
  return schedule.slice(space).trim();
}

function checkSchedule(schedule: string): void {
  if (schedule === '') throw new ScheduleError('empty spec string');
  const text = withoutZone(schedule);
  if (text.startsWith('@')) {
    checkDescriptor(text);
    return;
  }
  const fields = text.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== fieldBounds.length) {
    throw new ScheduleError(
      `expected exactly ${fieldBounds.length} fields, found ${fields.length}: [${fields.join(' ')}]`,
    );
  }
  fieldBounds.forEach((bounds, index) => {
    for (const range of (fields[index] ?? '').split(',')) if (range !== '') checkRange(range, bounds);
  });
}

/** What is wrong with a schedule of five fields or a descriptor such as `@hourly`; undefined when it is right. */
export function scheduleFault(schedule: string): string | undefined {
  try {
    checkSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}

/** Zones that were found to exist; there are about 600. */
const knownZones = new Set<string>(['UTC', 'Local', '']);

/** Whether the time zone database has this name, which upstream reads with regard to case. */
export function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  // `Intl` reads offsets too, and names in any case.
  if (!/^[A-Z][^/]*(\/[A-Z][^/]*)*$/.test(name)) return false;
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  knownZones.add(name);
  return true;
}
