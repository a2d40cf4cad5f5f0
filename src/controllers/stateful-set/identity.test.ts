import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { identityMatches, isInOrdinalRange, isMemberOf, parentAndOrdinal, withIdentity } from './identity.ts';
import { isClaimNameOf, newClaim, podClaims, storageMatches, withStorage } from './storage.ts';

const named = (name: string): Pod => ({ metadata: { name, namespace: 'default' }, spec: { containers: [] } });
const set: StatefulSet = {
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas: 2,
    ordinals: { start: 3 },
    selector: { matchLabels: { app: 'db' } },
    template: {},
    volumeClaimTemplates: [{ metadata: { name: 'data', labels: { app: 'x', tier: 'disk' } }, spec: {} }],
  },
};

test('a name tells of the set and the ordinal', () => {
  assert.deepEqual(parentAndOrdinal(named('db-0')), { parent: 'db', ordinal: 0 });
  assert.deepEqual(parentAndOrdinal(named('db-1-12')), { parent: 'db-1', ordinal: 12 });
  assert.deepEqual(parentAndOrdinal(named('db')), { parent: '', ordinal: -1 });
  assert.deepEqual(parentAndOrdinal(named('db-x')), { parent: '', ordinal: -1 });
  assert.deepEqual(parentAndOrdinal(named('db-99999999999')), { parent: 'db', ordinal: -1 });
  assert.equal(isMemberOf(set, named('db-7')), true);
  assert.equal(isMemberOf(set, named('db-1-7')), false);
});

test('ordinals count from the start', () => {
  assert.deepEqual(
    [2, 3, 4, 5].map((ordinal) => isInOrdinalRange(set, ordinal)),
    [false, true, true, false],
  );
});

test('an identity is given once', () => {
  const pod = withIdentity(set, named('any'), 4);
  assert.equal(pod.metadata.name, 'db-4');
  assert.equal(identityMatches(set, pod), true);
  assert.equal(identityMatches(set, named('db-4')), false);
  // With a leading zero, it is not the name that the set gives.
  const odd = { ...pod, metadata: { ...pod.metadata, name: 'db-04' } };
  assert.equal(identityMatches(set, odd), false);
});

test('claims take the place of volumes with their names', () => {
  const pod: Pod = { ...named('db-3'), spec: { containers: [], volumes: [{ name: 'tmp' }, { name: 'data' }] } };
  assert.equal(storageMatches(set, pod, 3), false);
  const right = withStorage(set, pod, 3);
  assert.equal(storageMatches(set, right, 3), true);
  assert.equal(storageMatches(set, right, 4), false);
  assert.deepEqual(right.spec.volumes, [
    { name: 'data', persistentVolumeClaim: { claimName: 'data-db-3' } },
    { name: 'tmp' },
  ]);
  const [claim] = podClaims(set, 3);
  assert.ok(claim);
  assert.deepEqual(newClaim(set, claim).metadata, {
    name: 'data-db-3',
    namespace: 'default',
    labels: { app: 'db', tier: 'disk' },
  });
  assert.equal(isClaimNameOf(set, 'data-db-3'), true);
  assert.equal(isClaimNameOf(set, 'data-db-x'), false);
  assert.equal(isClaimNameOf(set, 'data-dbx-3'), false);
});
