import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom, mergedFrom, now, objectOf, updatedFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { CertificateSigningRequest } from '../types/certificates.v1.ts';
import { certificatesigningrequests as requests } from './certificatesigningrequests.ts';
import { certificatesDefinitions } from './index.ts';

const metadata = { name: 'x', creationTimestamp: created };
const header = 'Name Age SignerName Requestor RequestedDuration Condition';

testRows(certificatesDefinitions, [
  [
    'certificatesigningrequests',
    {
      metadata,
      spec: { signerName: 'kubernetes.io/kubelet-serving', username: 'system:node:n', expirationSeconds: 3600 },
      status: { conditions: [{ type: 'Approved', status: 'True' }], certificate: 'YQ==' },
    },
    header,
    ['x', '5m', 'kubernetes.io/kubelet-serving', 'system:node:n', '60m', 'Approved,Issued'],
  ],
  [
    'certificatesigningrequests',
    { status: { conditions: [{ type: 'Approved' }, { type: 'Failed' }, { type: 'Denied' }] } },
    header,
    ['', '<unknown>', '<none>', '', '<none>', 'Denied,Failed'],
  ],
  ['certificatesigningrequests', {}, header, ['', '<unknown>', '<none>', '', '<none>', 'Pending']],
]);

test('the requester is who asks, whatever the request says', () => {
  const raw = { spec: { username: 'admin', uid: 'u', groups: ['system:masters'], extra: { a: ['b'] } } };
  const { spec } = createdFrom<CertificateSigningRequest>(requests, raw);
  assert.equal(spec.username, 'test');
  assert.equal(spec.uid, undefined);
  assert.equal(spec.groups, undefined);
  assert.equal(spec.extra, undefined);
  const object = objectOf<CertificateSigningRequest>(requests, raw);
  const user = { username: 'ann', uid: '7', groups: ['dev'], extra: { scope: ['a', 'b'] } };
  requests.prepareForCreate?.(object, { nowMs: 0, user });
  assert.deepEqual(
    [object.spec.username, object.spec.uid, object.spec.groups, object.spec.extra],
    ['ann', '7', ['dev'], { scope: ['a', 'b'] }],
  );
});

test('what was asked for never changes', () => {
  const { spec } = updatedFrom<CertificateSigningRequest>(
    requests,
    { spec: { signerName: 'other', username: 'admin' } },
    { spec: { signerName: 'first', username: 'ann' } },
  );
  assert.equal(spec.signerName, 'first');
  assert.equal(spec.username, 'ann');
});

const earlier = '2026-01-01T00:00:00Z';

test('approval changes the conditions alone', () => {
  const merged = mergedFrom<CertificateSigningRequest>(
    requests,
    'approval',
    {
      spec: { signerName: 'other' },
      status: { certificate: 'Zm9yZ2Vk', conditions: [{ type: 'Approved', status: 'True' }] },
    },
    { spec: { signerName: 'first' }, status: { certificate: 'YQ==' } },
  );
  assert.equal(merged.spec.signerName, 'first');
  assert.equal(merged.status?.certificate, 'YQ==');
  assert.deepEqual(merged.status.conditions, [
    { type: 'Approved', status: 'True', lastUpdateTime: now, lastTransitionTime: now },
  ]);
});

test('a condition that stands as it did keeps its transition', () => {
  const merged = mergedFrom<CertificateSigningRequest>(
    requests,
    'approval',
    { status: { conditions: [{ type: 'Approved', status: 'True' }] } },
    {
      status: {
        conditions: [{ type: 'Approved', status: 'True', lastUpdateTime: earlier, lastTransitionTime: earlier }],
      },
    },
  );
  assert.deepEqual(merged.status?.conditions?.[0], {
    type: 'Approved',
    status: 'True',
    lastUpdateTime: now,
    lastTransitionTime: earlier,
  });
});

const approved = {
  type: 'Approved',
  status: 'True',
  reason: 'r',
  lastUpdateTime: earlier,
  lastTransitionTime: earlier,
};

test('a signer may add a certificate and a failure, but decides nothing', () => {
  const stored = { spec: { signerName: 'first' }, status: { conditions: [approved] } };
  const write = (conditions: readonly object[]): CertificateSigningRequest =>
    mergedFrom(requests, 'status', { spec: { signerName: 'x' }, status: { certificate: 'YQ==', conditions } }, stored);
  const signed = write([
    { ...approved, reason: 'changed' },
    { type: 'Failed', status: 'True' },
  ]);
  assert.equal(signed.spec.signerName, 'first');
  assert.equal(signed.status?.certificate, 'YQ==');
  assert.deepEqual(
    signed.status.conditions?.map(({ type, reason }) => `${type} ${reason ?? ''}`),
    ['Approved r', 'Failed '],
  );
  for (const conditions of [[], [approved, approved], [approved, { type: 'Denied', status: 'True' }]]) {
    assert.deepEqual(write(conditions).status?.conditions, [approved]);
  }
});

test('requests can be selected by signer', () => {
  const field = requests.selectableFields['spec.signerName'];
  assert.equal(field?.(objectOf(requests, { spec: { signerName: 's' } })), 's');
  assert.equal(field?.({}), '');
});
