import assert from 'node:assert/strict';
import { BlockList, SocketAddress } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { addressIn, ipOctets, ipText, parseCidr } from './ip.ts';

test('addresses go to octets and back', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['127.0.0.1', '7f000001', '127.0.0.1'],
    ['::', '00'.repeat(16), '::'],
    ['::1', `${'00'.repeat(15)}01`, '::1'],
    ['2001:db8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '00010000000200030004000500060007', '1:0:2:3:4:5:6:7'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001', 'fe80::1'],
    ['::ffff:10.1.2.3', '00000000000000000000ffff0a010203', '::ffff:a01:203'],
    ['1::', '00010000000000000000000000000000', '1::'],
  ];
  for (const [text, hex, canonical] of cases) {
    assert.equal(ipOctets(text).toString('hex'), hex, text);
    assert.equal(ipText(ipOctets(text)), canonical);
  }
});

test('every IPv6 address is read as the platform reads it', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const printed = ipText(ipOctets(text));
      const list = new BlockList();
      list.addAddress(printed, 'ipv6');
      assert.ok(list.check(new SocketAddress({ address: text, family: 'ipv6' })), `${text} became ${printed}`);
    }),
  );
});

test('networks lose their host bits; what is none is refused', () => {
  const cidr = parseCidr('10.107.3.4/12');
  assert.ok(cidr !== undefined);
  assert.equal(ipText(cidr.network), '10.96.0.0');
  assert.equal(addressIn(cidr, 1), '10.96.0.1');
  assert.equal(addressIn(cidr, 256), '10.96.1.0');
  assert.equal(addressIn(cidr, 2 ** 20 - 1), '10.111.255.255');
  assert.equal(addressIn(cidr, 2 ** 20), undefined);
  const six = parseCidr('fd00:10:96::ffff/108');
  assert.ok(six !== undefined);
  assert.equal(addressIn(six, 1), 'fd00:10:96::1');
  for (const text of [
    '',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/08',
    '::/129',
    'fe80::%eth0/64',
    '1.2.3.4/-1',
  ]) {
    assert.equal(parseCidr(text), undefined, text);
  }
});
