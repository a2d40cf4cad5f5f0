import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import { addressToAdvertise, defaultRoutes4, defaultRoutes6, readMachineNetwork } from './advertise-address.ts';
import type { MachineNetwork } from './advertise-address.ts';

describe('the address to advertise', () => {
  const machine: MachineNetwork = {
    interfaces: {
      lo: [
        { address: '127.0.0.1', family: 'IPv4', internal: true },
        { address: '::1', family: 'IPv6', internal: true },
      ],
      docker0: [{ address: '172.17.0.1', family: 'IPv4', internal: false }],
      eth0: [
        { address: 'fe80::1', family: 'IPv6', internal: false },
        { address: '2001:db8::5', family: 'IPv6', internal: false },
        { address: '192.0.2.5', family: 'IPv4', internal: false },
      ],
    },
    defaultInterfaces: ['eth0'],
  };

  test('is the one that is listened on, unless that is loopback', () => {
    assert.equal(addressToAdvertise('192.0.2.77', 4, machine), '192.0.2.77');
    assert.equal(addressToAdvertise('127.0.0.1', 4, machine), '192.0.2.5');
    assert.equal(addressToAdvertise('::1', 6, machine), '2001:db8::5');
  });

  test('is that of the default route when all are, and never one of the link alone', () => {
    assert.equal(addressToAdvertise('0.0.0.0', 4, machine), '192.0.2.5');
    assert.equal(addressToAdvertise('::', 4, machine), '192.0.2.5');
    assert.equal(addressToAdvertise('::', 6, machine), '2001:db8::5');
  });

  test('is any other where there is no default route, and loopback where there is no network', () => {
    assert.equal(addressToAdvertise('0.0.0.0', 4, { ...machine, defaultInterfaces: ['wg0'] }), '172.17.0.1');
    const alone = { interfaces: { lo: machine.interfaces['lo'] ?? [] }, defaultInterfaces: [] };
    assert.equal(addressToAdvertise('0.0.0.0', 4, alone), '127.0.0.1');
    assert.equal(addressToAdvertise('0.0.0.0', 6, alone), '::1');
  });

  test('is found on this machine', () => {
    assert.equal(isIP(addressToAdvertise('0.0.0.0', 4, readMachineNetwork())), 4);
  });
});

test('default routes come from the tables of the kernel, the smallest metric first', () => {
  const four = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	FE0200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
`;
  assert.deepEqual(defaultRoutes4(four), ['eth0', 'wlan0']);
  const zeros = '0'.repeat(32);
  const six = `20010db8000000000000000000000000 40 ${zeros} 00 ${zeros} 00000100 00000001 00000000 00000001     eth0
${zeros} 00 ${zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth0
${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo
`;
  assert.deepEqual(defaultRoutes6(six), ['eth0']);
  assert.deepEqual(defaultRoutes4(''), []);
  assert.deepEqual(defaultRoutes6(''), []);
});
