import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { CronJob } from '../../api/types/batch.v1.ts';
import { dueTime, EmptyScheduleError, nextLookMs } from './due-time.ts';
import { parseSchedule, ScheduleError } from './schedule.ts';

function times(schedule: string, zone: string | undefined, from: string, count: number): string[] {
  const parsed = parseSchedule(schedule, zone);
  const found: string[] = [];
  for (let ms: number | undefined = Date.parse(from); found.length < count;) {
    ms = parsed.next(ms);
    if (ms === undefined) break;
    found.push(new Date(ms).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

const cases: readonly [schedule: string, zone: string | undefined, from: string, ...expected: string[]][] = [
  ['*/15 * * * *', undefined, '2026-01-01T09:07:30Z', '2026-01-01T09:15Z', '2026-01-01T09:30Z'],
  ['0 9 * * *', undefined, '2026-01-01T09:00:00Z', '2026-01-02T09:00Z'],
  ['5/20 * * * *', undefined, '2026-01-01T09:00:00Z', '2026-01-01T09:05Z', '2026-01-01T09:25Z', '2026-01-01T09:45Z'],
  ['@hourly', undefined, '2026-01-01T09:00:01Z', '2026-01-01T10:00Z'],
  ['@weekly', undefined, '2026-01-01T09:00:01Z', '2026-01-04T00:00Z'],
  ['@every 90m', undefined, '2026-01-01T09:00:00Z', '2026-01-01T10:30Z', '2026-01-01T12:00Z'],
  ['0 0 ? * MON-wed', undefined, '2026-01-01T00:00:00Z', '2026-01-05T00:00Z', '2026-01-06T00:00Z', '2026-01-07T00:00Z'],
  // Where both the day of the month and of the week are given, either suffices.
  ['0 0 13 * 5', undefined, '2026-01-08T00:00:00Z', '2026-01-09T00:00Z', '2026-01-13T00:00Z', '2026-01-16T00:00Z'],
  ['0 0 13 * ?', undefined, '2026-01-08T00:00:00Z', '2026-01-13T00:00Z', '2026-02-13T00:00Z'],
  ['0 0 */10 * 5', undefined, '2026-01-08T00:00:00Z', '2026-01-09T00:00Z', '2026-01-11T00:00Z', '2026-01-16T00:00Z'],
  ['0 0 29 2 *', undefined, '2026-01-01T00:00:00Z', '2028-02-29T00:00Z'],
  ['59 23 31 2 *', undefined, '2026-01-01T00:00:00Z'],
  ['0 9 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z', '2026-01-01T03:30Z', '2026-01-02T03:30Z'],
  ['TZ=America/New_York 0 9 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z', '2026-01-01T14:00Z'],
  // Clocks are put forward: what they skip is not due.
  ['0 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', '2026-03-09T06:00Z'],
  ['30 * * * *', 'America/New_York', '2026-03-08T06:00:00Z', '2026-03-08T06:30Z', '2026-03-08T07:30Z'],
  ['0 3 * * *', 'America/New_York', '2026-03-08T05:00:00Z', '2026-03-08T07:00Z'],
  // Clocks are put back: what they show twice is due twice.
  [
    '0 1 * * *',
    'America/New_York',
    '2026-11-01T04:00:00Z',
    '2026-11-01T05:00Z',
    '2026-11-01T06:00Z',
    '2026-11-02T06:00Z',
  ],
  ['0 0 1 1 *', 'Australia/Lord_Howe', '2026-02-01T00:00:00Z', '2026-12-31T13:00Z'],
];
for (const [schedule, zone, from, ...expected] of cases) {
  test(`${schedule} in ${zone ?? 'UTC'} from ${from}`, () => {
    assert.deepEqual(times(schedule, zone, from, expected.length || 1), expected);
  });
}

test('a schedule that cannot be read says why', () => {
  assert.throws(
    () => parseSchedule('* * * *', undefined),
    (error) => {
      return error instanceof ScheduleError && error.message === 'expected exactly 5 fields, found 4: [* * * *]';
    },
  );
});

test('every due time is after the moment, and matches on the clocks of its zone', () => {
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Africa/Casablanca');
  const moment = fc.date({ min: new Date('2010-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(zone, moment, fc.nat(59), fc.nat(23), (timeZone, date, minute, hour) => {
      const due = parseSchedule(`${minute} ${hour} * * *`, timeZone).next(date.getTime());
      assert.ok(due !== undefined && due > date.getTime());
      const shown = new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', minute: 'numeric', hourCycle: 'h23' });
      const parts = Object.fromEntries(shown.formatToParts(due).map(({ type, value }) => [type, Number(value)]));
      assert.deepEqual([parts['hour'], parts['minute']], [hour, minute]);
    }),
    { numRuns: 200 },
  );
});

function cronJob(schedule: string, last: string, more: object = {}): CronJob {
  return {
    metadata: { name: 'tick', creationTimestamp: '2020-01-01T00:00:00Z' },
    spec: { schedule, jobTemplate: {}, ...more },
    status: { lastScheduleTime: last },
  };
}

function due(schedule: string, last: string, now: string, more: object = {}): [string | undefined, boolean] {
  const found = dueTime(cronJob(schedule, last, more), parseSchedule(schedule, undefined), Date.parse(now), true);
  const text = found.dueMs === undefined ? undefined : new Date(found.dueMs).toISOString().replace(':00.000Z', 'Z');
  return [text, found.hasMissedTooMany];
}

test('the last time that was missed is due', () => {
  assert.deepEqual(due('0 * * * *', '2026-01-01T09:00:00Z', '2026-01-01T09:59:59Z'), [undefined, false]);
  assert.deepEqual(due('0 * * * *', '2026-01-01T09:00:00Z', '2026-01-01T10:00:00Z'), ['2026-01-01T10:00Z', false]);
  assert.deepEqual(due('0 * * * *', '2026-01-01T09:00:00Z', '2026-01-01T19:30:00Z'), ['2026-01-01T19:00Z', false]);
  assert.deepEqual(due('0 * * * *', '2026-01-01T09:00:00Z', '2026-01-11T19:30:00Z'), ['2026-01-11T19:00Z', true]);
});

test('of times that come in crowds, the last is found however long ago they were', () => {
  assert.deepEqual(due('* 0 1 1 *', '2025-12-31T00:00:00Z', '2026-11-01T00:00:00Z'), ['2026-01-01T00:59Z', true]);
  assert.deepEqual(due('0 9 * * 5,1', '2026-01-01T00:00:00Z', '2026-01-12T08:00:00Z'), ['2026-01-09T09:00Z', false]);
});

test('what is older than the starting deadline is not due', () => {
  const deadline = { startingDeadlineSeconds: 600 };
  assert.deepEqual(due('0 * * * *', '2026-01-01T09:00:00Z', '2026-01-21T19:30:00Z', deadline), [undefined, false]);
  assert.deepEqual(due('0 * * * *', '2026-01-01T09:00:00Z', '2026-01-21T19:05:00Z', deadline)[0], '2026-01-21T19:00Z');
});

test('a schedule that never comes is no schedule', () => {
  assert.throws(() => due('59 23 31 2 *', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'), EmptyScheduleError);
  const never = parseSchedule('59 23 31 2 *', undefined);
  assert.equal(nextLookMs(cronJob('59 23 31 2 *', '2026-01-01T00:00:00Z'), never, 0), undefined);
});

test('the next look is a little later than the next time', () => {
  const schedule = parseSchedule('0 * * * *', undefined);
  const look = nextLookMs(cronJob('0 * * * *', '2026-01-01T09:00:00Z'), schedule, Date.parse('2026-01-01T09:30:00Z'));
  assert.equal(look, 30 * 60_000 + 100);
});
