import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { podsToUpdate } from './rolling-update.ts';

type State = 'available' | 'broken' | 'terminating';

interface Replica {
  readonly isOld: boolean;
  readonly state: State;
}

const nowMs = Date.parse('2026-01-01T00:00:00Z');

function pod({ isOld, state }: Replica, ordinal: number): Pod {
  return {
    metadata: {
      name: `db-${ordinal}`,
      labels: { 'controller-revision-hash': isOld ? 'old' : 'new' },
      ...(state === 'terminating' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { containers: [] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: state === 'broken' ? 'False' : 'True' }],
    },
  };
}

function set(
  podManagementPolicy: 'OrderedReady' | 'Parallel',
  rollingUpdate: NonNullable<StatefulSet['spec']['updateStrategy']>['rollingUpdate'],
): StatefulSet {
  const updateStrategy = { type: 'RollingUpdate', ...(rollingUpdate === undefined ? {} : { rollingUpdate }) } as const;
  return { metadata: { name: 'db' }, spec: { podManagementPolicy, updateStrategy, template: {} } };
}

function chosen(of: StatefulSet, replicas: readonly Replica[]): number[] {
  const update = { set: of, replicas: replicas.map(pod), revision: 'new', nowMs };
  return podsToUpdate(update).map(({ metadata }) => Number(metadata.name?.slice(3)));
}

const old = (state: State = 'available'): Replica => ({ isOld: true, state });
const fresh = (state: State = 'available'): Replica => ({ isOld: false, state });

test('without maxUnavailable, the highest old Pod goes when all above it are available', () => {
  const ordered = set('OrderedReady', { partition: 0 });
  assert.deepEqual(chosen(ordered, [old(), old(), old()]), [2]);
  assert.deepEqual(chosen(ordered, [old(), old(), fresh('broken')]), []);
  assert.deepEqual(chosen(ordered, [old(), old('terminating'), fresh()]), []);
  assert.deepEqual(chosen(ordered, [old(), old('broken'), fresh()]), [1]);
  assert.deepEqual(chosen(ordered, [fresh(), fresh(), fresh()]), []);
  assert.deepEqual(chosen(set('OrderedReady', undefined), [old(), fresh()]), [0]);
});

test('those below the partition stay', () => {
  assert.deepEqual(chosen(set('OrderedReady', { partition: 2 }), [old(), old(), fresh()]), []);
  assert.deepEqual(chosen(set('Parallel', { partition: 1, maxUnavailable: 3 }), [old(), old(), old()]), [2, 1]);
  assert.deepEqual(chosen(set('OrderedReady', { partition: 7 }), [old()]), []);
});

test('maxUnavailable is at least one, whatever its percentage', () => {
  assert.deepEqual(chosen(set('OrderedReady', { maxUnavailable: '10%' }), [old(), old(), old()]), [2]);
  assert.deepEqual(chosen(set('OrderedReady', { maxUnavailable: '70%' }), [old(), old(), old()]), [2, 1]);
});

test('in parallel, old Pods that do not work go whatever the budget, and cost none of it', () => {
  const parallel = set('Parallel', { maxUnavailable: 1 });
  assert.deepEqual(chosen(parallel, [old('broken'), old('broken'), old()]), [1, 0]);
  assert.deepEqual(chosen(parallel, [old('broken'), old(), fresh('broken')]), [0]);
  assert.deepEqual(chosen(set('OrderedReady', { maxUnavailable: 1 }), [old('broken'), old()]), []);
});

const replica = fc.record({
  isOld: fc.boolean(),
  state: fc.constantFrom<State>('available', 'broken', 'terminating'),
});

test('no update takes away more available Pods than it may, nor one that is new or goes already', () => {
  fc.assert(
    fc.property(
      fc.array(replica, { maxLength: 12 }),
      fc.constantFrom('OrderedReady' as const, 'Parallel' as const),
      fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      fc.nat(5),
      (replicas, policy, maxUnavailable, partition) => {
        const strategy = { partition, ...(maxUnavailable === undefined ? {} : { maxUnavailable }) };
        const ordinals = chosen(set(policy, strategy), replicas);
        assert.equal(new Set(ordinals).size, ordinals.length);
        for (const ordinal of ordinals) {
          assert.ok(ordinal >= partition);
          assert.equal(replicas[ordinal]?.isOld, true);
          assert.notEqual(replicas[ordinal]?.state, 'terminating');
        }
        if (maxUnavailable === undefined) {
          assert.ok(ordinals.length <= 1);
          return;
        }
        const lost = ordinals.filter((ordinal) => replicas[ordinal]?.state === 'available').length;
        const unavailable = replicas.filter(({ state }) => state !== 'available').length;
        assert.ok(lost === 0 || lost + unavailable <= maxUnavailable);
      },
    ),
  );
});
