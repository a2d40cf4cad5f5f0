// Whatever happens to the Job controller, every Pod that ends is counted, and counted once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../api/types/batch.v1.ts';
import type { Pod } from '../api/types/core.v1.ts';
import { jobs, pods } from '../client/resources.ts';
import { jobController } from '../controllers/job/index.ts';
import { seededRandom } from '../machinery/random.ts';
import { FlakyControllers } from './test-controllers.ts';
import { setFinished } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const finalizer = 'batch.kubernetes.io/job-tracking';
/** Pods that run and are still to be counted. */
async function runningPods(plane: VirtualControlPlane): Promise<Pod[]> {
  await plane.settle();
  const { items } = await plane.client.list(pods, 'default');
  return items.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.finalizers?.includes(finalizer) === true &&
      status?.phase === 'Pending',
  );
}

async function run(seed: string, spec: object): Promise<void> {
  const random = seededRandom(seed);
  const plane = await VirtualControlPlane.start({
    controllers: [],
    seed,
    flags: ['--disable-admission-plugins=ServiceAccount'],
  });
  const controller = new FlakyControllers(plane, random, [jobController]);
  const ended = { succeeded: 0, failed: 0 };
  try {
    controller.start();
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] } };
    const full = { template, backoffLimit: 1000, completions: 10, parallelism: 4, ...spec } as Job['spec'];
    await plane.client.create(jobs, { metadata: { name: 'work', namespace: 'default' }, spec: full });
    for (let step = 0; step < 400; step++) {
      const { status } = await plane.client.get(jobs, 'default', 'work');
      if (status?.conditions?.some(({ type }) => type === 'Complete') === true) {
        assert.deepEqual([status.succeeded, status.failed ?? 0], [ended.succeeded, ended.failed], seed);
        assert.deepEqual(status.uncountedTerminatedPods, {}, seed);
        assert.ok(ended.succeeded >= 10, seed);
        return;
      }
      const running = await runningPods(plane);
      const pod = running[running.length === 0 ? 0 : random.int(running.length)];
      const dice = random.int(10);
      if (pod !== undefined && dice < 4) {
        await setFinished(plane, pod, 'Succeeded');
        ended.succeeded++;
      } else if (pod !== undefined && dice < 6) {
        await setFinished(plane, pod, 'Failed');
        ended.failed++;
      } else if (pod !== undefined && dice < 7) {
        await plane.client.delete(pods, 'default', pod.metadata.name ?? '', { gracePeriodSeconds: 0 });
        ended.failed++;
      } else if (dice < 8) {
        await controller.stop();
        controller.start();
      } else {
        await plane.clock.advance(random.int(60_000));
      }
    }
    assert.fail(`${seed}: it does not end`);
  } finally {
    await controller.stop();
    await plane.stop();
  }
}

for (let seed = 1; seed <= 5; seed++) {
  test(`a Job whose controller is killed and whose requests fail, seed ${seed}`, () => run(`job ${seed}`, {}));
}
for (let seed = 1; seed <= 3; seed++) {
  test(`a Job whose Pods all run at once, seed ${seed}`, () => run(`at once ${seed}`, { parallelism: 10 }));
}
