import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom, objectOf, updatedFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { EndpointSlice } from '../types/discovery.v1.ts';
import { endpointslices } from './endpointslices.ts';
import { discoveryDefinitions } from './index.ts';

const header = 'Name AddressType Ports Endpoints Age';
const metadata = { name: 'x', creationTimestamp: created };

testRows(discoveryDefinitions, [
  [
    'endpointslices',
    {
      metadata,
      addressType: 'IPv4',
      ports: [{ port: 80 }, { name: 'all' }, {}],
      endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.3'] }, { addresses: ['10.0.0.4'] }],
    },
    header,
    ['x', 'IPv4', '80,all,*', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...', '5m'],
  ],
  [
    'endpointslices',
    { ports: [{ port: 1 }, { port: 2 }, { port: 3 }, { port: 4 }, { port: 5 }] },
    header,
    ['', '', '1,2,3 + 2 more...', '<unset>', '<unknown>'],
  ],
  ['endpointslices', {}, header, ['', '', '<unset>', '<unset>', '<unknown>']],
]);

test("ports get upstream's defaults", () => {
  const { ports } = createdFrom<EndpointSlice>(endpointslices, {
    ports: [{ port: 80 }, { name: 'dns', protocol: 'UDP' }],
  });
  assert.deepEqual(ports, [
    { name: '', protocol: 'TCP', port: 80 },
    { name: 'dns', protocol: 'UDP' },
  ]);
});

test('the old topology is dropped, except where the endpoints stay as they are', () => {
  const slice = { endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: { zone: 'a' } }] };
  assert.equal(createdFrom<EndpointSlice>(endpointslices, slice).endpoints?.[0]?.deprecatedTopology, undefined);
  const kept = updatedFrom<EndpointSlice>(endpointslices, slice, slice);
  assert.deepEqual(kept.endpoints?.[0]?.deprecatedTopology, { zone: 'a' });
  const changed = { endpoints: [{ addresses: ['10.0.0.2'], deprecatedTopology: { zone: 'a' } }] };
  assert.equal(
    updatedFrom<EndpointSlice>(endpointslices, changed, slice).endpoints?.[0]?.deprecatedTopology,
    undefined,
  );
});

test('all but metadata makes a new generation, and labels do too', () => {
  const old = objectOf<EndpointSlice>(endpointslices, { metadata: { labels: { a: '1' } }, ports: [{ port: 80 }] });
  const changes = (raw: object): boolean | undefined =>
    endpointslices.generationChanges?.(objectOf(endpointslices, raw), old);
  assert.equal(changes({ metadata: { labels: { a: '1' }, annotations: { b: '1' } }, ports: [{ port: 80 }] }), false);
  assert.equal(changes({ metadata: { labels: { a: '2' } }, ports: [{ port: 80 }] }), true);
  assert.equal(changes({ metadata: { labels: { a: '1' } }, ports: [{ port: 81 }] }), true);
});
