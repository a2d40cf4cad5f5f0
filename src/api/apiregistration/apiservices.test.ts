import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom, now } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { APIService } from '../types/apiregistration.v1.ts';
import { apiservices } from './apiservices.ts';
import { apiregistrationDefinitions } from './index.ts';

const header = 'Name Service Available Age';
const metadata = { name: 'v1.apps', creationTimestamp: created };

testRows(apiregistrationDefinitions, [
  [
    'apiservices',
    {
      metadata,
      spec: { service: { namespace: 'ns', name: 's' } },
      status: { conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }] },
    },
    header,
    ['v1.apps', 'ns/s', 'False (MissingEndpoints)', '5m'],
  ],
  [
    'apiservices',
    { metadata, status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] } },
    header,
    ['v1.apps', 'Local', 'True', '5m'],
  ],
  ['apiservices', {}, header, ['', 'Local', 'Unknown', '<unknown>']],
]);

test('a local APIService is available at once, another one is not', () => {
  const local = createdFrom<APIService>(apiservices, { spec: { group: 'apps', version: 'v1' } });
  assert.deepEqual(local.status?.conditions, [
    {
      type: 'Available',
      status: 'True',
      lastTransitionTime: now,
      reason: 'Local',
      message: 'Local APIServices are always available',
    },
  ]);
  const remote = createdFrom<APIService>(apiservices, { spec: { service: { name: 's' } } });
  assert.equal(remote.status?.conditions, undefined);
  assert.equal(remote.spec.service?.port, 443);
});

test('one cannot be created yet', () => {
  assert.match(apiservices.notImplemented ?? '', /not implemented yet/);
});
