import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import { isOutlived } from './cleaner-controller.ts';

const hour = 3_600_000;
const createdMs = Date.UTC(2026, 0, 1);
const lastUpdateTime = '2026-01-01T10:00:00Z';

function request(...types: readonly string[]): CertificateSigningRequest {
  const conditions = types.map((type) => ({ type, status: 'True' as const, lastUpdateTime }));
  return {
    metadata: { name: 'r', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { request: '', signerName: 'example.com/s' },
    ...(conditions.length === 0 ? {} : { status: { conditions } }),
  };
}

test('a request that nobody handled goes after a day', () => {
  assert.equal(isOutlived(request(), createdMs + 23 * hour), false);
  assert.equal(isOutlived(request(), createdMs + 25 * hour), true);
});

test('one that was denied or failed goes an hour later, one that is approved waits for its certificate', () => {
  for (const type of ['Denied', 'Failed']) {
    assert.equal(isOutlived(request(type), createdMs + 10.9 * hour), false);
    assert.equal(isOutlived(request(type), createdMs + 11.1 * hour), true);
  }
  assert.equal(isOutlived(request('Approved'), createdMs + 99 * hour), false);
});
