import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom, mergedFrom, now, objectOf, updatedFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../types/resource.v1.ts';
import { resourceDefinitions } from './index.ts';
import { resourceclaims } from './resourceclaims.ts';
import { resourceclaimtemplates } from './resourceclaimtemplates.ts';
import { resourceslices } from './resourceslices.ts';

const metadata = { name: 'x', creationTimestamp: created };
const allocation = { devices: { results: [] } };

testRows(resourceDefinitions, [
  ['deviceclasses', { metadata }, 'Name Age', ['x', '5m']],
  ['resourceclaimtemplates', { metadata }, 'Name Age', ['x', '5m']],
  [
    'resourceclaims',
    { metadata, status: { allocation, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] } },
    'Name State Age',
    ['x', 'allocated,reserved', '5m'],
  ],
  ['resourceclaims', { metadata, status: { allocation } }, 'Name State Age', ['x', 'allocated', '5m']],
  [
    'resourceclaims',
    { metadata: { ...metadata, deletionTimestamp: created }, status: { allocation } },
    'Name State Age',
    ['x', 'deleted,allocated', '5m'],
  ],
  ['resourceclaims', { metadata: { deletionTimestamp: created } }, 'Name State Age', ['', 'deleted', '<unknown>']],
  ['resourceclaims', {}, 'Name State Age', ['', 'pending', '<unknown>']],
  [
    'resourceslices',
    { metadata, spec: { nodeName: 'n', driver: 'd', pool: { name: 'p' } } },
    'Name Node Driver Pool Age',
    ['x', 'n', 'd', 'p', '5m'],
  ],
  ['resourceslices', {}, 'Name Node Driver Pool Age', ['', '', '', '', '<unknown>']],
]);

const devices = {
  requests: [
    { name: 'a', exactly: { deviceClassName: 'gpu' } },
    { name: 'b', exactly: { deviceClassName: 'gpu', allocationMode: 'All' } },
    { name: 'c', firstAvailable: [{ name: 's', deviceClassName: 'gpu', count: 4 }] },
  ],
};

test('a request is for exactly one device, unless it says otherwise', () => {
  const claim = createdFrom<ResourceClaim>(resourceclaims, { spec: { devices } }).spec.devices;
  const template = createdFrom<ResourceClaimTemplate>(resourceclaimtemplates, { spec: { spec: { devices } } });
  for (const made of [claim, template.spec.spec.devices]) {
    const [a, b, c] = made?.requests ?? [];
    assert.deepEqual([a?.exactly?.allocationMode, a?.exactly?.count], ['ExactCount', 1]);
    assert.deepEqual([b?.exactly?.allocationMode, b?.exactly?.count], ['All', undefined]);
    assert.deepEqual([c?.firstAvailable?.[0]?.allocationMode, c?.firstAvailable?.[0]?.count], ['ExactCount', 4]);
  }
});

test('a device that is no longer allocated loses its status', () => {
  const device = (name: string): object => ({ driver: 'd', pool: 'p', device: name });
  const result = (name: string): object => ({ request: 'r', ...device(name) });
  const stored = { status: { allocation: { devices: { results: [result('a'), result('b')] } } } };
  const write = (results: readonly object[]): ResourceClaim =>
    mergedFrom(
      resourceclaims,
      'status',
      {
        metadata: { labels: { a: '1' } },
        status: { allocation: { devices: { results } }, devices: [device('a'), device('c')] },
      },
      stored,
    );
  assert.deepEqual(
    write([result('a')]).status?.devices?.map((one) => one.device),
    ['a', 'c'],
  );
  const freed = write([result('b')]);
  assert.deepEqual(
    freed.status?.devices?.map((one) => one.device),
    ['c'],
  );
  assert.equal(freed.metadata.labels, undefined);
});

test('a taint is from when it was added', () => {
  const spec = { driver: 'd', devices: [{ name: 'a', taints: [{ key: 'k', effect: 'NoSchedule' }] }] };
  const made = createdFrom<ResourceSlice>(resourceslices, { spec });
  assert.equal(made.spec.devices?.[0]?.taints?.[0]?.timeAdded, now);
  const updated = updatedFrom<ResourceSlice>(resourceslices, { spec }, {});
  assert.equal(updated.spec.devices?.[0]?.taints?.[0]?.timeAdded, now);
});

test('slices can be selected by node and driver', () => {
  const slice = objectOf(resourceslices, { spec: { nodeName: 'n', driver: 'd' } });
  assert.equal(resourceslices.selectableFields['spec.nodeName']?.(slice), 'n');
  assert.equal(resourceslices.selectableFields['spec.driver']?.(slice), 'd');
  assert.equal(resourceslices.selectableFields['spec.nodeName']?.({}), '');
});
