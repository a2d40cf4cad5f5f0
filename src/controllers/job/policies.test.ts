import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodFailurePolicy, PodFailurePolicyRule } from '../../api/types/batch.v1.ts';
import type { Pod, PodStatus } from '../../api/types/core.v1.ts';
import { IndexSet } from './index-set.ts';
import { judgePodFailure } from './pod-failure-policy.ts';
import { finishedAtMs, noFailures, recordEnds, remainingMs } from './pod-back-off.ts';
import { matchSuccessPolicy } from './success-policy.ts';

function pod(status: object, metadata: object = {}): Pod {
  const full = { name: 'p', namespace: 'n', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata };
  return { metadata: full, spec: { containers: [] }, status: status as PodStatus };
}

function exited(name: string, exitCode: number): object {
  return { name, state: { terminated: { exitCode, finishedAt: '2026-01-01T00:01:00Z' } } };
}

function policy(...rules: object[]): PodFailurePolicy {
  return { rules: rules as PodFailurePolicyRule[] };
}

test('the first rule that matches decides', () => {
  const failing = policy(
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'Count', onExitCodes: { operator: 'In', values: [1, 2], containerName: 'main' } },
    { action: 'FailIndex', onExitCodes: { operator: 'In', values: [3] } },
    { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [1, 2, 3] } },
  );
  const disrupted = { conditions: [{ type: 'DisruptionTarget', status: 'True' }], containerStatuses: [exited('a', 9)] };
  assert.deepEqual(judgePodFailure(failing, pod(disrupted)), { action: 'Ignore', isCounted: false });
  const undisrupted = { conditions: [{ type: 'DisruptionTarget', status: 'False' }] };
  assert.deepEqual(judgePodFailure(failing, pod(undisrupted)), { isCounted: true });
  const counted = { containerStatuses: [exited('side', 1), exited('main', 2)] };
  assert.deepEqual(judgePodFailure(failing, pod(counted)), { action: 'Count', isCounted: true });
  const index = { initContainerStatuses: [exited('first', 3)] };
  assert.deepEqual(judgePodFailure(failing, pod(index)), { action: 'FailIndex', isCounted: true });
  assert.deepEqual(judgePodFailure(failing, pod({ containerStatuses: [exited('main', 0), exited('b', 42)] })), {
    action: 'FailJob',
    isCounted: true,
    failJobMessage: 'Container b for pod n/p failed with exit code 42 matching FailJob rule at index 3',
  });
  // No code is no match, not even of NotIn.
  assert.deepEqual(judgePodFailure(failing, pod({ containerStatuses: [exited('main', 0)] })), { isCounted: true });
  assert.deepEqual(judgePodFailure(undefined, pod({})), { isCounted: true });
});

test('a condition that fails the Job is named', () => {
  const failing = policy({ action: 'FailJob', onPodConditions: [{ type: 'ConfigIssue', status: 'True' }] });
  const { failJobMessage } = judgePodFailure(failing, pod({ conditions: [{ type: 'ConfigIssue', status: 'True' }] }));
  assert.equal(failJobMessage, 'Pod n/p has condition ConfigIssue matching FailJob rule at index 0');
});

test('a success policy asks for indexes, for a number, or for a number of indexes', () => {
  const match = (rule: object, ...succeeded: number[]): string | undefined =>
    matchSuccessPolicy({ rules: [{ succeededCount: 9 }, rule] }, 10, IndexSet.of(succeeded));
  const met = 'Matched rules at index 1';
  assert.equal(match({ succeededIndexes: '0,2-4' }, 0, 2, 3, 4), met);
  assert.equal(match({ succeededIndexes: '0,2-4' }, 0, 1, 2, 3), undefined);
  assert.equal(match({ succeededIndexes: '0,2-4', succeededCount: 2 }, 1, 3, 4), met);
  assert.equal(match({ succeededIndexes: '0,2-4', succeededCount: 2 }, 1, 4, 5), undefined);
  assert.equal(match({ succeededCount: 3 }, 1, 4, 5), met);
  assert.equal(match({ succeededCount: 3 }, 1, 4), undefined);
  assert.equal(match({ succeededIndexes: '0' }), undefined);
});

test('back-off doubles with each failure, up to ten minutes, and ends with a success', () => {
  const failedAt = (finishedAt: string): Pod =>
    pod({ phase: 'Failed', containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 1, finishedAt } } }] });
  let record = recordEnds(noFailures, [], [failedAt('2026-01-01T00:00:00Z')]);
  const nowMs = Date.parse('2026-01-01T00:00:04Z');
  assert.equal(remainingMs(record, nowMs), 6_000);
  record = recordEnds(record, [], [failedAt('2026-01-01T00:00:04Z'), failedAt('2026-01-01T00:00:01Z')]);
  assert.equal(remainingMs(record, nowMs), 40_000);
  record = recordEnds(
    record,
    [],
    Array.from({ length: 20 }, () => failedAt('2026-01-01T00:00:04Z')),
  );
  assert.equal(remainingMs(record, nowMs), 600_000);
  record = recordEnds(record, [failedAt('2026-01-01T00:00:03Z')], [failedAt('2026-01-01T00:00:04Z')]);
  assert.equal(remainingMs(record, nowMs), 10_000);
  record = recordEnds(record, [failedAt('2026-01-01T00:00:05Z')], []);
  assert.equal(remainingMs(record, nowMs), 0);
});

test('a Pod ended when its last container did, or ceased to be ready, or was deleted', () => {
  const at = (one: Pod): string => new Date(finishedAtMs(one)).toISOString().replace('.000Z', 'Z');
  const ready = { type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:02:00Z' };
  assert.equal(at(pod({ containerStatuses: [exited('a', 1)], conditions: [ready] })), '2026-01-01T00:01:00Z');
  const running = { name: 'b', state: { running: {} } };
  assert.equal(at(pod({ containerStatuses: [exited('a', 1), running], conditions: [ready] })), '2026-01-01T00:02:00Z');
  const deleted = { deletionTimestamp: '2026-01-01T00:03:30Z', deletionGracePeriodSeconds: 30 };
  assert.equal(at(pod({}, deleted)), '2026-01-01T00:03:00Z');
  assert.equal(at(pod({})), '2026-01-01T00:00:00Z');
});
