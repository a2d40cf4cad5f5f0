import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseIntOrString, scaledValue } from './int-or-string.ts';

test('a text that is a number of 32 bits becomes one', () => {
  const cases: [string, number | string][] = [
    ['5', 5],
    ['+5', 5],
    ['-2147483648', -2147483648],
    ['2147483648', '2147483648'],
    ['5%', '5%'],
    ['', ''],
    ['1e3', '1e3'],
    [' 5', ' 5'],
  ];
  for (const [text, expected] of cases) assert.equal(parseIntOrString(text), expected);
  assert.equal(Object.is(parseIntOrString('-0'), 0), true);
});

test('a percentage is rounded the way that is asked for', () => {
  assert.equal(scaledValue('25%', 10, 'up'), 3);
  assert.equal(scaledValue('25%', 10, 'down'), 2);
  assert.equal(scaledValue('100%', 7, 'down'), 7);
  assert.equal(scaledValue('-5%', 10, 'up'), 0);
  assert.equal(scaledValue(3, 10, 'up'), 3);
});

test('lies between the exact value and the next whole number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 5000 }), (share, total) => {
      const up = scaledValue(`${share}%`, total, 'up');
      const down = scaledValue(`${share}%`, total, 'down');
      assert.ok(up * 100 >= share * total && (up - 1) * 100 < share * total);
      assert.ok(down * 100 <= share * total && (down + 1) * 100 > share * total);
    }),
  );
});

test('refuses in upstream’s words', () => {
  const cases: [string, string][] = [
    ['5', 'invalid value for IntOrString: invalid type: string is not a percentage'],
    ['x%', 'invalid value for IntOrString: invalid value "x%": strconv.Atoi: parsing "x": invalid syntax'],
    ['1.5%', 'invalid value for IntOrString: invalid value "1.5%": strconv.Atoi: parsing "1.5": invalid syntax'],
    [
      '99999999999999999999%',
      'invalid value for IntOrString: invalid value "99999999999999999999%": strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => scaledValue(text, 10, 'up'), { name: 'RangeError', message });
  }
});
