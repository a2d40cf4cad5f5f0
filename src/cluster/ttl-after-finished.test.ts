// The controller that removes Jobs that have ended, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Job, JobSpec } from '../api/types/batch.v1.ts';
import { jobs, pods } from '../client/resources.ts';
import { garbageCollectorController } from '../controllers/garbage-collector/index.ts';
import { jobController } from '../controllers/job/index.ts';
import { ttlAfterFinishedController } from '../controllers/ttl-after-finished/index.ts';
import { setFinished } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [jobController, ttlAfterFinishedController, garbageCollectorController],
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
});
afterEach(() => plane.stop());

async function createAndFinish(spec: object): Promise<void> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] } };
  const full = { template, backoffLimit: 0, ...spec } as JobSpec;
  await plane.client.create(jobs, { metadata: { name: 'work', namespace: 'default' }, spec: full });
  await plane.settle();
  const [pod] = (await plane.client.list(pods, 'default')).items;
  assert.ok(pod);
  await setFinished(plane, pod, 'Failed');
  await plane.clock.advance(3_000);
  const job = await plane.client.get(jobs, 'default', 'work');
  assert.equal(job.status?.conditions?.at(-1)?.type, 'Failed');
}

async function left(): Promise<readonly [jobs: number, pods: number]> {
  await plane.settle();
  const remaining: readonly Job[] = (await plane.client.list(jobs, 'default')).items;
  return [remaining.length, (await plane.client.list(pods, 'default')).items.length];
}

test('a Job goes after its time, with its Pods', async () => {
  await createAndFinish({ ttlSecondsAfterFinished: 60 });
  await plane.clock.advance(55_000);
  assert.deepEqual(await left(), [1, 1]);
  await plane.clock.advance(10_000);
  assert.deepEqual(await left(), [0, 0]);
});

test('at once, when no time is left', async () => {
  await createAndFinish({ ttlSecondsAfterFinished: 3_600 });
  await plane.client.patch(jobs, 'default', 'work', 'merge', { spec: { ttlSecondsAfterFinished: 0 } });
  await plane.clock.advance(1_000);
  assert.deepEqual(await left(), [0, 0]);
});

test('later, when more time is given, and never without', async () => {
  await createAndFinish({ ttlSecondsAfterFinished: 60 });
  await plane.client.patch(jobs, 'default', 'work', 'merge', { spec: { ttlSecondsAfterFinished: 120 } });
  await plane.clock.advance(100_000);
  assert.deepEqual(await left(), [1, 1]);
  await plane.client.patch(jobs, 'default', 'work', 'merge', { spec: { ttlSecondsAfterFinished: null } });
  await plane.clock.advance(3_600_000);
  assert.deepEqual(await left(), [1, 1]);
});
