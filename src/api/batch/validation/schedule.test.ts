import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isTimeZone, scheduleFault } from './schedule.ts';

const right = [
  '* * * * *',
  '*/5 0-23/2 1,15 JAN-dec sun-6',
  '0 0 ? * ?',
  '5/10 * * * *',
  '  0   1 2 3 4  ',
  '@hourly',
  '@every 1h30m',
  'TZ=Europe/Berlin 0 0 * * *',
  'CRON_TZ=UTC @daily',
];

for (const schedule of right) {
  test(`the schedule ${schedule}`, () => assert.equal(scheduleFault(schedule), undefined));
}

const wrong: readonly (readonly [string, string])[] = [
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* 9-5 * * *', 'beginning of range (9) beyond end of range (5): 9-5'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['*/1/2 * * * *', 'too many slashes: */1/2'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['* * * foo *', 'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid syntax'],
  ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
  ['TZ=Here/There 0 0 * * *', 'provided bad location Here/There: unknown time zone Here/There'],
];

for (const [schedule, fault] of wrong) {
  test(`the schedule ${schedule} is refused`, () => assert.equal(scheduleFault(schedule), fault));
}

test('any text is a schedule or has a fault', () => {
  const part = fc.constantFrom('*', '/', '-', ',', ' ', '1', '59', 'mon', '@every ', 'TZ=', '+', '?');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const fault = scheduleFault(parts.join(''));
      assert.ok(fault === undefined || fault !== '');
    }),
  );
});

test('time zones are those of the database, in its case', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'Etc/GMT+5', 'America/Port_of_Spain', 'Asia/Calcutta', 'GB']) {
    assert.equal(isTimeZone(name), true, name);
  }
  for (const name of ['europe/berlin', 'Europe/Nowhere', '+05', '/', 'Europe/']) {
    assert.equal(isTimeZone(name), false, name);
  }
});
