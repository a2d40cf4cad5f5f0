import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CIDR, parseWrittenCIDR } from './cidr.ts';
import { parseIP } from './ip-address.ts';
import type { IPAddress } from './ip-address.ts';

function cidr(text: string): CIDR {
  const network = CIDR.parse(text);
  assert.ok(network, text);
  return network;
}

function ip(text: string): IPAddress {
  const address = parseIP(text);
  assert.ok(address, text);
  return address;
}

test('reads networks strictly', () => {
  for (const text of ['10.96.0.0/12', '0.0.0.0/0', '1.2.3.4/32', 'fd00::/108', '::/0', '2001:db8::1/128']) {
    assert.equal(cidr(text).toString(), text);
  }
  assert.equal(cidr('FD00:0::/64').toString(), 'fd00::/64');
  for (const text of ['', '10.0.0.0', '/8', '10.0.0.0/', '10.0.0.0/33', '10.0.0.1/8', '10.0.0.0/08', '010.0.0.0/8']) {
    assert.equal(CIDR.parse(text), undefined, text);
  }
  for (const text of ['::ffff:10.0.0.0/104', '::/129', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/ 8']) {
    assert.equal(CIDR.parse(text), undefined, text);
  }
});

test('reads what was accepted of old', () => {
  assert.equal(parseWrittenCIDR('10.0.0.1/08')?.network.toString(), '10.0.0.0/8');
  assert.equal(parseWrittenCIDR('::ffff:10.1.2.3/104')?.network.toString(), '10.0.0.0/8');
  assert.equal(parseWrittenCIDR('::ffff:10.1.2.3/64')?.network.toString(), '::/64');
});

test('knows its addresses and its parts', () => {
  const services = cidr('10.96.0.0/12');
  assert.equal(services.size, 2n ** 20n);
  assert.equal(services.contains(ip('10.96.0.1')), true);
  assert.equal(services.contains(ip('10.111.255.255')), true);
  assert.equal(services.contains(ip('10.112.0.0')), false);
  assert.equal(services.contains(ip('::1')), false);
  assert.deepEqual(services.at(1n), ip('10.96.0.1'));
  assert.throws(() => services.at(2n ** 20n), RangeError);
  assert.throws(() => services.at(-1n), RangeError);
  assert.equal(cidr('10.244.0.0/16').subnet(24, 3n).toString(), '10.244.3.0/24');
  assert.throws(() => cidr('10.244.0.0/16').subnet(24, 256n), RangeError);
  assert.throws(() => cidr('10.244.0.0/16').subnet(8, 0n), RangeError);
  assert.throws(() => new CIDR(ip('::1'), 129), RangeError);
});

test('two networks overlap when one holds the start of the other', () => {
  const network = fc
    .tuple(fc.nat({ max: 0xffff }), fc.integer({ min: 16, max: 32 }))
    .map(([value, length]) => new CIDR({ family: 4, value: BigInt(value) }, length));
  fc.assert(
    fc.property(network, network, (a, b) => {
      assert.equal(a.overlaps(b), a.contains(b.at(0n)) || b.contains(a.at(0n)));
      assert.equal(a.contains(a.at(a.size - 1n)), true);
      assert.equal(CIDR.parse(a.toString())?.toString(), a.toString());
    }),
  );
  assert.equal(cidr('::/0').overlaps(cidr('0.0.0.0/0')), false);
});
