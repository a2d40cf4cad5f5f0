import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { byNode } from './daemon-pod.ts';
import { actionsOn } from './node-pods.ts';
import { nextStep } from './rolling-update.ts';

type State = 'available' | 'broken' | 'terminating';

interface OnNode {
  readonly isOld: boolean;
  readonly state: State;
}

const nowMs = Date.parse('2026-01-01T00:00:00Z');

function pod({ isOld, state }: OnNode, nodeName: string, index: number): Pod {
  return {
    metadata: {
      name: `${nodeName}-${index}`,
      labels: { 'controller-revision-hash': isOld ? 'old' : 'new' },
      ...(state === 'terminating' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName, containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: state === 'broken' ? 'False' : 'True' }] },
  };
}

function set(maxUnavailable: number | string, maxSurge: number | string = 0): DaemonSet {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } } as const;
  return { metadata: { name: 'log' }, spec: { updateStrategy, template: {} } };
}

function step(of: DaemonSet, nodes: readonly (readonly OnNode[])[]): { deletes: string[]; createsOn: string[] } {
  const eligible = nodes.map((_, index) => `n${index}`);
  const pods = byNode(nodes.flatMap((on, index) => on.map((one, at) => pod(one, `n${index}`, at))));
  const { deletes, createsOn } = nextStep({ set: of, hash: 'new', eligible, pods, nowMs });
  return { deletes: deletes.map(({ metadata }) => metadata.name ?? ''), createsOn: [...createsOn] };
}

const old = (state: State = 'available'): OnNode => ({ isOld: true, state });
const fresh = (state: State = 'available'): OnNode => ({ isOld: false, state });

test('old Pods go as far as the budget allows; nodes without a Pod count against it', () => {
  assert.deepEqual(step(set(2), [[old()], [old()], [old()]]).deletes, ['n0-0', 'n1-0']);
  assert.deepEqual(step(set(2), [[old()], [fresh('broken')], [old()]]).deletes, ['n0-0']);
  assert.deepEqual(step(set(1), [[old()], [], [old()]]).deletes, []);
  assert.deepEqual(step(set('50%'), [[old()], [old()], [old()]]).deletes, ['n0-0', 'n1-0']);
});

test('what does not work goes whatever the budget', () => {
  assert.deepEqual(step(set(1), [[old()], [old('broken')], [fresh('broken')]]).deletes, ['n1-0']);
});

test('with neither surge nor unavailability, one may be unavailable', () => {
  assert.deepEqual(step(set(0), [[old()], [old()]]).deletes, ['n0-0']);
});

test('with surge, new Pods come beside the old ones, which go once they are available', () => {
  assert.deepEqual(step(set(0, 1), [[old()], [old()]]), { deletes: [], createsOn: ['n0'] });
  assert.deepEqual(step(set(0, 1), [[old(), fresh('broken')], [old()]]), { deletes: [], createsOn: [] });
  assert.deepEqual(step(set(0, 1), [[old(), fresh()], [old()]]), { deletes: ['n0-0'], createsOn: ['n1'] });
  assert.deepEqual(step(set(0, 1), [[old('broken')], [old()]]), { deletes: [], createsOn: ['n0', 'n1'] });
});

const onNode = fc.array(
  fc.record({ isOld: fc.boolean(), state: fc.constantFrom<State>('available', 'broken', 'terminating') }),
  { maxLength: 2 },
);

test('no update takes away more available Pods than it may', () => {
  fc.assert(
    fc.property(fc.array(onNode, { maxLength: 10 }), fc.integer({ min: 1, max: 4 }), (nodes, maxUnavailable) => {
      const { deletes, createsOn } = step(set(maxUnavailable), nodes);
      assert.deepEqual(createsOn, []);
      assert.equal(new Set(deletes).size, deletes.length);
      const isUp = ({ state }: OnNode): boolean => state === 'available';
      const lost = nodes.filter((on, node) => on.some((one, at) => isUp(one) && deletes.includes(`n${node}-${at}`)));
      const downAndNew = nodes.filter((on) => {
        const staying = on.filter(({ state }) => state !== 'terminating');
        return staying.every(({ isOld, state }) => !isOld && state === 'broken');
      });
      assert.ok(lost.length === 0 || lost.length + downAndNew.length <= maxUnavailable);
    }),
  );
});

test('no update surges further than it may', () => {
  fc.assert(
    fc.property(fc.array(onNode, { maxLength: 10 }), fc.integer({ min: 1, max: 4 }), (nodes, maxSurge) => {
      const { createsOn } = step(set(0, maxSurge), nodes);
      const isUp = ({ isOld, state }: OnNode): boolean => isOld && state === 'available';
      const beside = createsOn.filter((name) => nodes[Number(name.slice(1))]?.some(isUp));
      const surging = nodes.filter(
        (on) => on.some(isUp) && on.some(({ isOld, state }) => !isOld && state === 'broken'),
      );
      assert.ok(beside.length === 0 || beside.length + surging.length <= maxSurge);
      for (const name of createsOn) {
        const staying = nodes[Number(name.slice(1))]?.filter(({ state }) => state !== 'terminating') ?? [];
        assert.deepEqual(
          staying.map(({ isOld }) => isOld),
          [true],
        );
      }
    }),
  );
});

test('a node is left with one Pod, with surge with one of each revision at most', () => {
  fc.assert(
    fc.property(fc.array(onNode, { maxLength: 3 }), fc.boolean(), (lists, surges) => {
      const pods = lists.flat().map((one, at) => pod(one, 'n0', at));
      const of = surges ? set(0, 1) : set(1);
      const action = actionsOn({ set: of, hash: 'new', eligibility: 'run', pods, nowMs });
      const staying = pods.filter((one) => one.metadata.deletionTimestamp === undefined);
      const left = staying.filter((one) => !action.deletes.includes(one));
      assert.ok(left.length <= (surges ? 2 : 1));
      if (staying.length > 0) assert.ok(left.length > 0);
      const hashes = left.map(({ metadata }) => metadata.labels?.['controller-revision-hash']);
      assert.equal(new Set(hashes).size, hashes.length);
      for (const one of action.deletes) assert.equal(one.metadata.deletionTimestamp, undefined);
    }),
  );
});

test('a node that is not eligible is cleared; one that may keep its Pods gets no new one', () => {
  const pods = [pod(fresh(), 'n0', 0), pod(fresh('terminating'), 'n0', 1)];
  const clear = actionsOn({ set: set(1), hash: 'new', eligibility: 'none', pods, nowMs });
  assert.deepEqual(
    clear.deletes.map(({ metadata }) => metadata.name),
    ['n0-0'],
  );
  const stay = { set: set(1), hash: 'new', eligibility: 'stay', nowMs } as const;
  assert.deepEqual(actionsOn({ ...stay, pods }).deletes, []);
  assert.equal(actionsOn({ ...stay, pods: undefined }).creates, false);
  assert.equal(actionsOn({ ...stay, eligibility: 'run', pods: undefined }).creates, true);
});

test('without surge, a Pod on its way out holds its place; with surge it does not', () => {
  const pods = [pod(old('terminating'), 'n0', 0)];
  const input = { hash: 'new', eligibility: 'run', pods, nowMs } as const;
  assert.equal(actionsOn({ ...input, set: set(1) }).creates, false);
  assert.equal(actionsOn({ ...input, set: set(0, 1) }).creates, true);
});
