import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  DurationError,
  canonicalDuration,
  formatDuration,
  formatDurationMs,
  parseDuration,
  parseDurationMs,
} from './duration.ts';

test('prints as Go does', () => {
  const cases: [string, string][] = [
    ['0', '0s'],
    ['-0', '0s'],
    ['90s', '1m30s'],
    ['1h', '1h0m0s'],
    ['1.5h', '1h30m0s'],
    ['36h', '36h0m0s'],
    ['1h2m3.5s', '1h2m3.5s'],
    ['1500ms', '1.5s'],
    ['100ms', '100ms'],
    ['1500us', '1.5ms'],
    ['15μs', '15µs'],
    ['15µs', '15µs'],
    ['.5ns', '0s'],
    ['1.ns', '1ns'],
    ['-1m.5s', '-1m0.5s'],
    ['1s1h', '1h0m1s'],
    ['-9223372036854775808ns', '-2562047h47m16.854775808s'],
    ['9223372036854775807ns', '2562047h47m16.854775807s'],
    ['0.3333333333333333333333h', '20m0s'],
  ];
  for (const [text, printed] of cases) assert.equal(canonicalDuration(text), printed, text);
});

test('refuses in Go’s words', () => {
  const cases: [string, string][] = [
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['1', 'time: missing unit in duration "1"'],
    ['1h2', 'time: missing unit in duration "1h2"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1 s', 'time: unknown unit " s" in duration "1 s"'],
    ['.s', 'time: invalid duration ".s"'],
    ['s', 'time: invalid duration "s"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
    ['1é', 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseDuration(text), { name: 'DurationError', message }, text);
  }
  assert.throws(() => parseDuration(`${'9'.repeat(1_000_000)}s`), DurationError);
});

test('every duration survives being printed and read', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat({ max: 63 }), (nanos, shift) => {
      const smaller = nanos / 2n ** BigInt(shift);
      assert.equal(parseDuration(formatDuration(smaller)), smaller);
    }),
    { numRuns: 500 },
  );
});

test('is the sum of its terms', () => {
  const units: Record<string, bigint> = { ns: 1n, us: 1000n, ms: 10n ** 6n, s: 10n ** 9n, m: 6n * 10n ** 10n };
  const term = fc.tuple(fc.nat({ max: 1_000_000 }), fc.constantFrom(...Object.keys(units)));
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 4 }), fc.boolean(), (terms, isNegative) => {
      const sum = terms.reduce((total, [count, unit]) => total + BigInt(count) * (units[unit] ?? 0n), 0n);
      const text = (isNegative ? '-' : '') + terms.map((each) => each.join('')).join('');
      assert.equal(parseDuration(text), isNegative ? -sum : sum);
    }),
  );
});

test('converts to milliseconds and back', () => {
  assert.equal(parseDurationMs('1m0.5s'), 60_500);
  assert.equal(parseDurationMs('1us'), 0.001);
  assert.equal(formatDurationMs(60_500), '1m0.5s');
});
