import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalIP, formatIP, parseIP, parseWrittenIP } from './ip-address.ts';

test('reads and prints the canonical form', () => {
  const cases: [string, string][] = [
    ['10.9.8.7', '10.9.8.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['2001:DB8::FFFF', '2001:db8::ffff'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ];
  for (const [text, canonical] of cases) assert.equal(canonicalIP(text), canonical, text);
});

test('refuses what is no address, or is one only for some', () => {
  const texts = ['', 'a', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.', '01.2.3.4', '::ffff:1.2.3.4', '1:2', '1::2::3'];
  const more = [
    ':::',
    ':1',
    '1:',
    '12345::',
    '::00001',
    'fe80::1%eth0',
    '1.2.3.4::',
    '1:2:3:4:5:6:7::8',
    ' ::1',
    '٣.1.1.1',
  ];
  for (const text of [...texts, ...more]) assert.equal(parseIP(text), undefined, text);
  assert.deepEqual(parseWrittenIP('010.0.0.1'), {
    family: 4,
    value: 0x0a000001n,
    hasLeadingZeros: true,
    isMapped: false,
  });
  assert.deepEqual(parseWrittenIP('::ffff:10.0.0.1'), {
    family: 4,
    value: 0x0a000001n,
    hasLeadingZeros: false,
    isMapped: true,
  });
  assert.equal(parseWrittenIP(`::${'0'.repeat(100_000)}1`), undefined);
});

test('every address survives being printed and read', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.nat({ max: 128 }), (value, shift) => {
      const v4 = { family: 4, value: BigInt.asUintN(32, value) } as const;
      assert.deepEqual(parseIP(formatIP(v4)), v4);
      const v6 = { family: 6, value: value >> BigInt(shift) } as const;
      if (v6.value >> 32n !== 0xffffn) assert.deepEqual(parseIP(formatIP(v6)), v6);
    }),
  );
});

test('agrees with Node on what is an address', () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(...'0123456789abF.:g'), maxLength: 16 }),
  );
  fc.assert(
    fc.property(text, (text) => {
      const expected = isIPv4(text) || (isIPv6(text) && parseWrittenIP(text)?.isMapped !== true);
      assert.equal(parseIP(text) !== undefined, expected, text);
    }),
    { numRuns: 1000 },
  );
});
