import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CIDR } from '../../machinery/cidr.ts';
import { seededRandom } from '../../machinery/random.ts';
import { AddressRange, staticAddresses } from './address-range.ts';
import { pickFree } from './pick-free.ts';
import { NodePortRange, staticPorts } from './port-range.ts';

function rangeOf(text: string, keepsFirst = true): AddressRange {
  const network = CIDR.parse(text);
  assert.ok(network);
  return new AddressRange(network, keepsFirst);
}

const free = (): boolean => false;

test('a sixteenth of a network, at most 256 addresses, is left to those who choose', () => {
  const sizes: [prefixLength: number, expected: bigint][] = [
    [30, 0n],
    [28, 0n],
    [27, 16n],
    [24, 16n],
    [22, 64n],
    [20, 256n],
    [12, 256n],
  ];
  for (const [prefixLength, expected] of sizes) {
    assert.equal(staticAddresses(1n << BigInt(32 - prefixLength)), expected, `/${prefixLength}`);
  }
});

test('a 32nd of the node ports, at most 128, is left to those who choose', () => {
  const sizes: [size: number, expected: number][] = [
    [1, 0],
    [16, 0],
    [17, 16],
    [512, 16],
    [544, 17],
    [2768, 86],
    [4096, 128],
    [65535, 128],
  ];
  for (const [size, expected] of sizes) assert.equal(staticPorts(size), expected, String(size));
});

test('whatever is taken, a free number is found while there is one, the lower band last', () => {
  const input = fc.record({
    size: fc.bigInt(1n, 60n),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    taken: fc.array(fc.bigInt(0n, 59n)),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(input, ({ size, share, taken, seed }) => {
      const staticSize = BigInt(Math.floor(Number(size) * share));
      const all = Array.from({ length: Number(size) }, (_, index) => BigInt(index));
      const left = all.filter((index) => !taken.includes(index));
      const picked = pickFree({ size, staticSize }, (index) => !taken.includes(index), seededRandom(seed));
      if (left.length === 0) assert.equal(picked, undefined);
      else {
        assert.ok(picked !== undefined && left.includes(picked));
        if (left.some((index) => index >= staticSize)) assert.ok(picked >= staticSize);
      }
    }),
  );
});

test('the ends of a network are nobody’s, and the first address of the default one is never picked', () => {
  const range = rangeOf('10.0.0.0/29');
  for (const address of ['10.0.0.0', '10.0.0.7', '10.0.0.8', '9.255.255.255', 'fd00::1', 'x']) {
    assert.throws(() => range.check(address, free), /^AllocationError: the provided network does not match/);
  }
  range.check('10.0.0.1', free);
  range.check('10.0.0.6', free);
  assert.throws(() => range.check('10.0.0.6', () => true), /provided IP is already allocated/);
  const taken = new Set<string>();
  const isTaken = (address: string): boolean => taken.has(address);
  for (let count = 0; count < 5; count++) taken.add(range.pickFree(isTaken, seededRandom(count)) ?? '');
  assert.deepEqual([...taken].sort(), ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  assert.equal(range.pickFree(isTaken, seededRandom(1)), undefined);
  assert.equal(rangeOf('10.0.0.0/29', false).pickFree(isTaken, seededRandom(1)), '10.0.0.1');
});

test('a network of IPv6 gives its last address, too, and large ones are as quick', () => {
  const small = rangeOf('fd00::/126');
  small.check('fd00::3', free);
  small.check('FD00:0::2', free);
  const large = rangeOf('fd00::/64');
  assert.match(large.pickFree(free, seededRandom(1)) ?? '', /^fd00::/);
});

test('addresses are picked from the upper band', () => {
  const range = rangeOf('10.0.0.0/24');
  for (let seed = 0; seed < 50; seed++) {
    const last = Number(range.pickFree(free, seededRandom(seed))?.split('.')[3]);
    assert.ok(last > 16 && last < 255, String(last));
  }
});

test('a port is in the range', () => {
  const range = new NodePortRange({ first: 30000, last: 30001 });
  for (const port of [29999, 30002]) {
    assert.throws(() => range.check(port, () => false), {
      message: 'provided port is not in the valid range. The range of valid ports is 30000-30001',
    });
  }
  range.check(30000, () => false);
  assert.throws(() => range.check(30001, () => true), { message: 'provided port is already allocated' });
  assert.equal(
    range.pick((port) => port === 30000, seededRandom(1)),
    30001,
  );
  assert.throws(() => range.pick(() => true, seededRandom(1)), { message: 'range is full' });
});
