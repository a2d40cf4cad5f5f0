import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../../api/types/apps.v1.ts';
import { stuckAfterMs } from './status.ts';

const nowMs = Date.UTC(2026, 0, 1);
const at = (ms: number): string => new Date(ms).toISOString();

function deploymentThat(reason: string, lastUpdateMs: number): Deployment {
  const labels = { app: 'web' };
  return {
    metadata: { namespace: 'a', name: 'web', generation: 1 },
    spec: {
      replicas: 2,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
    status: { conditions: [{ type: 'Progressing', status: 'True', reason, lastUpdateTime: at(lastUpdateMs) }] },
  };
}

function stuckAfter(deployment: Deployment): number | undefined {
  return stuckAfterMs(deployment, deployment.status ?? {}, nowMs);
}

test('a rollout without progress is looked at again a second after its deadline, and never at once', () => {
  assert.equal(stuckAfter(deploymentThat('ReplicaSetUpdated', nowMs - 100_000)), 501_000);
  assert.equal(stuckAfter(deploymentThat('ReplicaSetUpdated', nowMs - 600_000)), 1000);
  assert.equal(stuckAfter(deploymentThat('ReplicaSetUpdated', nowMs - 900_000)), 1000);
});

test('nobody waits for one that was complete or has timed out', () => {
  assert.equal(stuckAfter(deploymentThat('NewReplicaSetAvailable', nowMs - 900_000)), undefined);
  assert.equal(stuckAfter(deploymentThat('ProgressDeadlineExceeded', nowMs - 900_000)), undefined);
});
