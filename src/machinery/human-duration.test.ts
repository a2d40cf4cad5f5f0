import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanAge, humanDuration, humanTimeUntil, shortHumanDuration } from './human-duration.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test('two or three figures, as kubectl prints them', () => {
  const cases: [number, string, string][] = [
    [-2 * second, '<invalid>', '<invalid>'],
    [-1999, '0s', '0s'],
    [0, '0s', '0s'],
    [999, '0s', '0s'],
    [59 * second, '59s', '59s'],
    [119 * second, '119s', '1m'],
    [2 * minute, '2m', '2m'],
    [5 * minute + 30 * second, '5m30s', '5m'],
    [10 * minute + 30 * second, '10m', '10m'],
    [179 * minute, '179m', '2h'],
    [3 * hour, '3h', '3h'],
    [7 * hour + 59 * minute, '7h59m', '7h'],
    [8 * hour + 59 * minute, '8h', '8h'],
    [47 * hour, '47h', '1d'],
    [2 * day, '2d', '2d'],
    [7 * day + 23 * hour, '7d23h', '7d'],
    [8 * day + 23 * hour, '8d', '8d'],
    [729 * day, '729d', '1y'],
    [730 * day, '2y', '2y'],
    [748 * day, '2y18d', '2y'],
    [8 * 365 * day + 5 * day, '8y', '8y'],
  ];
  for (const [ms, long, short] of cases) {
    assert.equal(humanDuration(ms), long);
    assert.equal(shortHumanDuration(ms), short);
  }
});

test('ages of timestamps', () => {
  const now = Date.UTC(2024, 0, 2);
  assert.equal(humanAge('2024-01-01T23:54:30Z', now), '5m30s');
  assert.equal(humanAge(undefined, now), '<unknown>');
  assert.equal(humanAge(null, now), '<unknown>');
  assert.equal(humanTimeUntil('2024-01-02T00:05:30Z', now), '5m30s');
  assert.equal(humanTimeUntil(undefined, now), '<unknown>');
});
