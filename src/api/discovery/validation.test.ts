import { testCreates, testUpdates } from '../test-validation.ts';
import { endpointslices } from './endpointslices.ts';

const slice = {
  metadata: { name: 'x', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'] }],
  ports: [{ name: 'http', port: 80 }],
};
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

testCreates(endpointslices, slice, [
  ['addressType', '', 'addressType: Required value'],
  ['addressType', 'MAC', 'addressType: Unsupported value: "MAC": supported values: "FQDN", "IPv4", "IPv6"'],
  ['endpoints', many(1000, { addresses: ['10.0.0.1'] })],
  ['endpoints', many(1001, {}), 'endpoints: Too many: 1001: must have at most 1000 items'],
  ['endpoints.0.addresses', [], 'endpoints[0].addresses: Required value: must contain at least 1 address'],
  [
    'endpoints.0.addresses',
    many(101, '10.0.0.1'),
    'endpoints[0].addresses: Too many: 101: must have at most 100 items',
  ],
  [
    'endpoints.0.addresses',
    ['x', '::2', '127.0.0.1', '010.0.0.1'],
    'endpoints[0].addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'endpoints[0].addresses[1]: Invalid value: "::2": must be an IPv4 address',
    'endpoints[0].addresses[2]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    'endpoints[0].addresses[3]: Invalid value: "010.0.0.1": must not have leading 0s',
  ],
  ['addressType', 'IPv6', 'endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be an IPv6 address'],
  ['endpoints.0.hostname', 'a'],
  ['endpoints.0.hostname', 'a.b', 'endpoints[0].hostname: Invalid value: "a.b": must not contain dots'],
  ['endpoints.0.hints', { forZones: many(8, 0).map((_, index) => ({ name: `z${index}` })) }],
  [
    'endpoints.0.hints',
    { forZones: many(9, { name: 'z' }) },
    'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items',
  ],
  [
    'endpoints.0.hints',
    { forNodes: many(2, { name: 'n' }) },
    'endpoints[0].hints.forNodes[1].name: Duplicate value: "n"',
  ],
  ['ports', [{ port: 1 }, { name: '' }], 'ports[1].name: Duplicate value: ""'],
  ['ports.0.name', 'a.b', 'ports[0].name: Invalid value: "a.b": must not contain dots'],
  ['ports.0.protocol', 'ICMP', 'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
  ['ports.0.appProtocol', 'kubernetes.io/h2c'],
]);
testCreates(endpointslices, { ...slice, addressType: 'FQDN', endpoints: [{ addresses: ['a.example.com'] }] }, [
  [
    'endpoints.0.addresses',
    ['host'],
    'endpoints[0].addresses[0]: Invalid value: "host": should be a domain with at least two segments separated by dots',
  ],
]);
testUpdates(endpointslices, slice, [
  ['endpoints.0.addresses', ['10.0.0.2']],
  [
    'addressType',
    'IPv6',
    'endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be an IPv6 address',
    'addressType: Invalid value: "IPv6": field is immutable',
  ],
]);
testUpdates(endpointslices, { ...slice, endpoints: [{ addresses: ['010.0.0.1'] }] }, [['ports', undefined]]);
