/** The functions of CEL's standard library on texts, timestamps and durations. */
import type { Library, Overload } from '../declarations.ts';
import { duration, global, member, string, timestamp } from '../declarations.ts';
import { fail } from '../failure.ts';
import { dateIn } from '../moments.ts';
import { compilePattern, containsMatch, isPattern } from '../regexes.ts';
import { boolType, intType } from '../types.ts';
import type { Timestamp } from '../values.ts';
import { narrow } from '../values.ts';

function matches(text: string, pattern: string): boolean {
  const compiled = compilePattern(pattern);
  return isPattern(compiled) ? containsMatch(compiled, text) : fail(compiled.problem);
}

const msPerDay = 86_400_000;

function dayOfYear(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.round((date.getTime() - start.getTime()) / msPerDay);
}

function part(name: string, read: (date: Date) => number): Overload[] {
  const readIn = (moment: Timestamp, zone: string): number => read(dateIn(moment, zone));
  return [
    member(`timestamp_to_${name}`, [timestamp], intType, (moment) => readIn(moment, 'UTC')),
    member(`timestamp_to_${name}_with_tz`, [timestamp, string], intType, readIn),
  ];
}

function total(name: string, unitNanos: bigint): Overload {
  return member(`duration_to_${name}`, [duration], intType, ({ nanos }) => narrow(nanos / unitNanos));
}

export const standardLibrary: Library = {
  contains: [member('contains_string', [string, string], boolType, (text, part) => text.includes(part))],
  endsWith: [member('ends_with_string', [string, string], boolType, (text, end) => text.endsWith(end))],
  startsWith: [member('starts_with_string', [string, string], boolType, (text, start) => text.startsWith(start))],
  matches: [
    global('matches', [string, string], boolType, matches),
    member('matches_string', [string, string], boolType, matches),
  ],
  getFullYear: part('year', (date) => date.getUTCFullYear()),
  getMonth: part('month', (date) => date.getUTCMonth()),
  getDayOfYear: part('day_of_year', dayOfYear),
  getDate: part('day_of_month_1_based', (date) => date.getUTCDate()),
  getDayOfMonth: part('day_of_month', (date) => date.getUTCDate() - 1),
  getDayOfWeek: part('day_of_week', (date) => date.getUTCDay()),
  getHours: [...part('hours', (date) => date.getUTCHours()), total('hours', 3_600_000_000_000n)],
  getMinutes: [...part('minutes', (date) => date.getUTCMinutes()), total('minutes', 60_000_000_000n)],
  getSeconds: [...part('seconds', (date) => date.getUTCSeconds()), total('seconds', 1_000_000_000n)],
  getMilliseconds: [...part('milliseconds', (date) => date.getUTCMilliseconds()), total('milliseconds', 1_000_000n)],
};
