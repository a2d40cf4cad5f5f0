import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import { hasUnexpectedController, isOwnerUpToDate, isStaleFor, ownersFor } from './retention.ts';

type Policy = 'Retain' | 'Delete';

const ofSet: OwnerReference = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  name: 'db',
  uid: 'set',
  controller: true,
  blockOwnerDeletion: true,
};
const ofPod: OwnerReference = { ...ofSet, apiVersion: 'v1', kind: 'Pod', name: 'db-3', uid: 'pod' };
const ofOther: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' };

function set(whenDeleted: Policy, whenScaled: Policy, replicas: number): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'default', uid: 'set' },
    spec: { replicas, template: {}, persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
  };
}

const pod: Pod = { metadata: { name: 'db-3', namespace: 'default', uid: 'pod' }, spec: { containers: [] } };

function claim(...ownerReferences: OwnerReference[]): PersistentVolumeClaim {
  return { metadata: { name: 'data-db-3', namespace: 'default', ownerReferences }, spec: {} };
}

const cases: readonly (readonly [Policy, Policy, boolean, readonly OwnerReference[]])[] = [
  ['Retain', 'Retain', false, []],
  ['Retain', 'Retain', true, []],
  ['Delete', 'Retain', false, [ofSet]],
  ['Delete', 'Retain', true, [ofSet]],
  ['Retain', 'Delete', false, []],
  ['Retain', 'Delete', true, [ofPod]],
  ['Delete', 'Delete', false, [ofSet]],
  ['Delete', 'Delete', true, [ofPod]],
];

test('a claim belongs to the set or to the Pod that takes it along', () => {
  for (const [whenDeleted, whenScaled, isScaledAway, owners] of cases) {
    const of = set(whenDeleted, whenScaled, isScaledAway ? 3 : 4);
    assert.deepEqual(ownersFor(of, claim(ofOther), pod), [ofOther, ...owners]);
    assert.equal(isOwnerUpToDate(of, claim(...owners), pod), true);
    for (const wrong of [[], [ofSet], [ofPod], [ofSet, ofPod]]) {
      const same = wrong.length === owners.length && wrong.every((one) => owners.includes(one));
      assert.equal(isOwnerUpToDate(of, claim(...wrong), pod), same);
    }
  }
});

test('an owner of ours that does not control is made to', () => {
  const of = set('Delete', 'Retain', 4);
  const { controller: _, ...loose } = ofSet;
  assert.equal(isOwnerUpToDate(of, claim(loose), pod), false);
  assert.deepEqual(ownersFor(of, claim(loose), pod), [ofSet]);
});

test('what belongs to an earlier object of the same name is left alone', () => {
  const of = set('Delete', 'Delete', 4);
  assert.equal(isOwnerUpToDate(of, claim({ ...ofSet, uid: 'before' }), pod), true);
  assert.equal(isOwnerUpToDate(of, claim({ ...ofPod, uid: 'before' }), pod), true);
  assert.equal(hasUnexpectedController(of, claim({ ...ofPod, uid: 'before' }), pod), true);
  assert.equal(isStaleFor(of, claim({ ...ofPod, uid: 'before' }), pod), true);
  assert.equal(isStaleFor(of, claim(ofPod), pod), false);
  const planned = { ...pod, metadata: { name: 'db-3', namespace: 'default' } };
  assert.equal(isStaleFor(of, claim(ofPod), planned), true);
  assert.equal(isStaleFor(set('Delete', 'Retain', 4), claim(ofPod), planned), false);
});

test('what something else controls loses our owners and gets none', () => {
  const of = set('Delete', 'Retain', 4);
  const boss = { ...ofOther, controller: true };
  assert.equal(isOwnerUpToDate(of, claim(boss), pod), true);
  assert.equal(isOwnerUpToDate(of, claim(boss, ofSet), pod), false);
  assert.deepEqual(ownersFor(of, claim(boss, ofSet), pod), [boss]);
  assert.equal(hasUnexpectedController(set('Retain', 'Retain', 4), claim(boss), pod), false);
});

test('owners as they are wanted are up to date: nothing is written twice', () => {
  const policy = fc.constantFrom<Policy>('Retain', 'Delete');
  const reference = fc.constantFrom(
    ofSet,
    ofPod,
    ofOther,
    { ...ofOther, controller: true },
    { ...ofSet, controller: false },
  );
  fc.assert(
    fc.property(
      policy,
      policy,
      fc.boolean(),
      fc.uniqueArray(reference, { selector: ({ uid }) => uid }),
      (a, b, scaled, owners) => {
        const of = set(a, b, scaled ? 3 : 4);
        assert.equal(isOwnerUpToDate(of, claim(...ownersFor(of, claim(...owners), pod)), pod), true);
      },
    ),
  );
});
