import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DurationError, formatDuration, parseDuration } from './duration.ts';

test('durations read and print as in Go', () => {
  const cases: readonly (readonly [string, bigint, string])[] = [
    ['0', 0n, '0s'],
    ['90m', 5_400_000_000_000n, '1h30m0s'],
    ['1.5s', 1_500_000_000n, '1.5s'],
    ['-1h1ms', -3_600_001_000_000n, '-1h0m0.001s'],
    ['+1us', 1_000n, '1µs'],
    ['.5ms', 500_000n, '500µs'],
    ['2h45m30.25s', 9_930_250_000_000n, '2h45m30.25s'],
  ];
  for (const [text, nanoseconds, printed] of cases) {
    assert.equal(parseDuration(text), nanoseconds, text);
    assert.equal(formatDuration(nanoseconds), printed);
  }
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanoseconds) => {
      assert.equal(parseDuration(formatDuration(nanoseconds)), nanoseconds);
    }),
  );
});

test('what is none is refused in the words of Go', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['5', 'time: missing unit in duration "5"'],
    ['5 s', 'time: unknown unit " s" in duration "5 s"'],
    ['3d', 'time: unknown unit "d" in duration "3d"'],
    ['9999999h', 'time: invalid duration "9999999h"'],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseDuration(text),
      (error) => error instanceof DurationError && error.message === message,
    );
  }
});
