// Whatever happens to the CronJob controller, each time is served once at most, and nothing is forgotten.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJobSpec } from '../api/types/batch.v1.ts';
import { cronJobs, jobs, pods } from '../client/resources.ts';
import { cronJobController } from '../controllers/cron-job/index.ts';
import { isJobFinished } from '../controllers/job/conditions.ts';
import { jobController } from '../controllers/job/index.ts';
import { seededRandom } from '../machinery/random.ts';
import { FlakyControllers } from './test-controllers.ts';
import { setFinished } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const minuteMs = 60_000;

async function finishPods(plane: VirtualControlPlane): Promise<void> {
  await plane.settle();
  for (const pod of (await plane.client.list(pods, 'default')).items) {
    if (pod.status?.phase === 'Pending') await setFinished(plane, pod, 'Succeeded');
  }
}

async function run(seed: string, concurrencyPolicy: 'Allow' | 'Forbid'): Promise<void> {
  const random = seededRandom(seed);
  const flags = ['--disable-admission-plugins=ServiceAccount'];
  const plane = await VirtualControlPlane.start({ controllers: [], seed, flags });
  const controllers = new FlakyControllers(plane, random, [cronJobController, jobController]);
  const watch = new AbortController();
  /** By name: a Job that is deleted and made again would be seen twice. */
  const made: string[] = [];
  const watching = (async () => {
    for await (const { type, object } of plane.client.watch(jobs, 'default', {}, watch.signal)) {
      if (type === 'ADDED') made.push(object.metadata.name ?? '');
    }
  })().catch(() => {});
  try {
    controllers.start();
    const containers = [{ name: 'main', image: 'work:1' }];
    const jobTemplate = { spec: { template: { spec: { restartPolicy: 'Never', containers } } } };
    const spec = { schedule: '* * * * *', concurrencyPolicy, jobTemplate } as CronJobSpec;
    await plane.client.create(cronJobs, { metadata: { name: 'tick', namespace: 'default' }, spec });
    for (let step = 0; step < 60; step++) {
      const dice = random.int(10);
      if (dice < 3) await finishPods(plane);
      else if (dice < 5) {
        await controllers.stop();
        controllers.start();
      } else await plane.clock.advance(random.int(50_000));
    }
    controllers.failureRate = 0;
    // Tries that were put off come within the longest back-off, and then the next times.
    for (let minute = 0; minute < 20; minute++) {
      await plane.clock.advance(minuteMs);
      await finishPods(plane);
    }
    // With `Forbid`, the last time may have to wait for the Job before it.
    for (let times = 0; times < 3; times++) {
      await plane.clock.advance(5_000);
      await finishPods(plane);
    }
    await plane.clock.advance(5_000);
    const { status } = await plane.client.get(cronJobs, 'default', 'tick');
    const { items } = await plane.client.list(jobs, 'default');
    const unfinished = items.filter((job) => !isJobFinished(job)).map(({ metadata }) => metadata.name);
    assert.deepEqual(status?.active?.map(({ name }) => name) ?? [], unfinished, seed);
    assert.equal(items.length - unfinished.length, 3, `${seed}: three are kept`);
    const lastMinute = Math.floor(plane.clock.now() / minuteMs) * minuteMs;
    assert.equal(Date.parse(status?.lastScheduleTime ?? ''), lastMinute, `${seed}: the last time is served`);
    assert.equal(new Set(made).size, made.length, `${seed}: no time is served twice`);
    assert.ok(made.length >= 20, seed);
  } finally {
    watch.abort();
    await watching;
    await controllers.stop();
    await plane.stop();
  }
}

for (let seed = 1; seed <= 3; seed++) {
  test(`Jobs at a time, seed ${seed}`, () => run(`cron ${seed}`, 'Allow'));
  test(`one Job after the other, seed ${seed}`, () => run(`forbid ${seed}`, 'Forbid'));
}
