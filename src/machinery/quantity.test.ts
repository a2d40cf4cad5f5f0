import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Quantity, QuantityError, canonicalQuantity } from './quantity.ts';

test('prints as upstream does', () => {
  const cases: [string, string][] = [
    ['0', '0'],
    ['-0', '0'],
    ['0Ki', '0'],
    ['+', '0'],
    ['.', '0'],
    ['1', '1'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['1.5', '1500m'],
    ['0.1', '100m'],
    ['.5', '500m'],
    ['-.5', '-500m'],
    ['1000', '1k'],
    ['1500000', '1500k'],
    ['1n', '1n'],
    ['0.5n', '1n'],
    ['-0.5n', '-1n'],
    ['1500u', '1500u'],
    ['12e6', '12e6'],
    ['10e2', '1e3'],
    ['1000e0', '1e3'],
    ['1048576Ki', '1Gi'],
    ['128Mi', '128Mi'],
    ['1E3', '1E3'],
    ['1E', '1E'],
    ['1e-10', '1e-9'],
    ['1Ki', '1Ki'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['0.0001Ki', '102400u'],
    ['1.0001Ki', '1024102400u'],
    ['1024Gi', '1Ti'],
    ['8Ei', '9223372036854775807'],
    ['-8Ki', '-8Ki'],
    // Close enough to canonical for upstream to keep them as they were written.
    ['+5', '+5'],
    ['007', '007'],
    ['1.500', '1.500'],
    ['1.Ki', '1.Ki'],
    // Upstream prints a bare 384 here, which is another amount.
    ['384000E', '384e21'],
  ];
  for (const [text, expected] of cases) {
    assert.equal(Quantity.parse(text).toString(), expected, text);
    assert.equal(canonicalQuantity(` ${text}\n`), expected, text);
    assert.equal(canonicalQuantity(text), expected, text);
  }
});

test('refuses what is no quantity, with upstream’s sentence', () => {
  const format =
    /^quantities must match the regular expression '\^\(\[\+-\]\?\[0-9\.\]\+\)\(\[eEinumkKMGTP\]\*\[-\+\]\?\[0-9\]\*\)\$'$/;
  const number = /^unable to parse numeric part of quantity$/;
  const suffix = /^unable to parse quantity's suffix$/;
  const cases: [string, RegExp][] = [
    ['', format],
    ['abc', format],
    ['1.2.3', format],
    ['1 Gi', format],
    ['1GiB', format],
    ['１', format],
    ['1e', suffix],
    ['1ki', suffix],
    ['1K', suffix],
    ['1mi', suffix],
    ['1+5', suffix],
    ['.Pi', number],
    ['-Ei', number],
    ['1e999999999', number],
    ['1e-99999999999999999999999999999999999999', number],
    ['9'.repeat(100_000), number],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => Quantity.parse(text),
      (error) => error instanceof QuantityError && message.test(error.message),
      text,
    );
    assert.throws(() => canonicalQuantity(text), QuantityError, text);
  }
  assert.throws(() => Quantity.parse(' 1'), QuantityError);
});

const powers: Readonly<Record<string, [numerator: bigint, denominator: bigint]>> = {
  n: [1n, 10n ** 9n],
  u: [1n, 10n ** 6n],
  m: [1n, 1000n],
  '': [1n, 1n],
  k: [1000n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  e3: [1000n, 1n],
  'E-3': [1n, 1000n],
  'e+12': [10n ** 12n, 1n],
};

interface Sample {
  readonly text: string;
  /** The amount in nanos, rounded away from zero, by school arithmetic. */
  readonly nanos: bigint;
}

/** Whole part at most a million and powers up to T: nothing here reaches the cap of 64 bits. */
const sample: fc.Arbitrary<Sample> = fc
  .record({
    sign: fc.constantFrom('', '-', '+'),
    whole: fc.integer({ min: 0, max: 1_000_000 }),
    fraction: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 12 }),
    suffix: fc.constantFrom(...Object.keys(powers)),
  })
  .map(({ sign, whole, fraction, suffix }) => {
    const [numerator, denominator] = powers[suffix] ?? [1n, 1n];
    const scaled = BigInt(`${whole}${fraction}`) * numerator * 10n ** 9n;
    const divisor = denominator * 10n ** BigInt(fraction.length);
    const nanos = (scaled + divisor - 1n) / divisor;
    const text = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${suffix}`;
    return { text, nanos: sign === '-' ? -nanos : nanos };
  });

test('holds the exact amount, and its printed form holds it too', () => {
  fc.assert(
    fc.property(sample, ({ text, nanos }) => {
      const quantity = Quantity.parse(text);
      assert.equal(quantity.ceil(-9), nanos);
      const printed = quantity.toString();
      assert.equal(canonicalQuantity(text), printed);
      assert.equal(canonicalQuantity(printed), printed);
      assert.equal(Quantity.parse(printed).compare(quantity), 0);
      assert.equal(quantity.sign, nanos === 0n ? 0 : nanos < 0n ? -1 : 1);
    }),
    { numRuns: 500 },
  );
});

test('adds, subtracts, negates and compares exactly', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const [x, y] = [Quantity.parse(a.text), Quantity.parse(b.text)];
      assert.equal(x.add(y).ceil(-9), a.nanos + b.nanos);
      assert.equal(x.subtract(y).ceil(-9), a.nanos - b.nanos);
      assert.equal(x.negate().ceil(-9), -a.nanos);
      assert.equal(x.compare(y), a.nanos === b.nanos ? 0 : a.nanos < b.nanos ? -1 : 1);
      assert.equal(x.equals(y), a.nanos === b.nanos);
      assert.equal(Quantity.parse(x.add(y).toString()).ceil(-9), a.nanos + b.nanos);
    }),
    { numRuns: 500 },
  );
});

test('no text makes it do anything but answer or refuse', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.+-eEinumkKMGTP '), maxLength: 12 }), (text) => {
      try {
        const printed = canonicalQuantity(text);
        assert.equal(canonicalQuantity(printed), printed);
      } catch (error) {
        assert.ok(error instanceof QuantityError);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a sum takes the format of its first part, unless that is zero', () => {
  const sum = (a: string, b: string): string => Quantity.parse(a).add(Quantity.parse(b)).toString();
  assert.equal(sum('1Gi', '1G'), '2073741824');
  assert.equal(sum('1Gi', '1Gi'), '2Gi');
  assert.equal(sum('0', '1Gi'), '1Gi');
  assert.equal(sum('500m', '500m'), '1');
  assert.equal(sum('1e3', '1'), '1001');
});

test('gives numbers: rounded away from zero, or as close as a float gets', () => {
  const quantity = Quantity.parse('1500m');
  assert.equal(quantity.ceil(), 2n);
  assert.equal(quantity.ceilNumber(-3), 1500);
  assert.equal(quantity.toNumber(), 1.5);
  assert.equal(Quantity.parse('-1500m').ceil(), -2n);
  assert.equal(Quantity.parse('1Gi').toNumber(), 2 ** 30);
  assert.equal(Quantity.of(250, -3).toString(), '250m');
  assert.equal(Quantity.of(2 ** 30, 0, 'BinarySI').toString(), '1Gi');
  assert.equal(JSON.stringify({ cpu: Quantity.of(2) }), '{"cpu":"2"}');
});
