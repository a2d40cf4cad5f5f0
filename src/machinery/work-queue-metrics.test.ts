import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from './metrics.ts';
import { VirtualClock } from './virtual-clock.ts';
import { workQueueMetrics } from './work-queue-metrics.ts';
import { WorkQueue } from './work-queue.ts';

test('a queue shows its depth, its waits and its work under upstream’s names', async () => {
  const clock = new VirtualClock();
  const registry = new MetricsRegistry();
  const queue = new WorkQueue<string>({ clock, observer: workQueueMetrics(registry, 'deployment', clock) });
  const expectSamples = (...samples: string[]): void => {
    const lines = registry.render().split('\n');
    for (const sample of samples) {
      const [name = '', value = ''] = sample.split(' ');
      const line = lines.find((each) => each.startsWith(`workqueue_${name}{name="deployment"} `));
      assert.equal(line?.split(' ').at(-1), value, name);
    }
  };
  queue.add('a');
  queue.add('b');
  queue.add('b');
  expectSamples('depth 2', 'adds_total 2', 'retries_total 0', 'unfinished_work_seconds 0');
  await clock.advance(2000);
  await queue.get();
  await clock.advance(3000);
  await queue.get();
  await clock.advance(1000);
  expectSamples(
    'depth 0',
    'queue_duration_seconds_sum 7',
    'queue_duration_seconds_count 2',
    'unfinished_work_seconds 5',
    'longest_running_processor_seconds 4',
    'work_duration_seconds_count 0',
  );
  queue.done('a');
  queue.addRateLimited('a');
  expectSamples('retries_total 1', 'work_duration_seconds_sum 4', 'work_duration_seconds_count 1');
  await clock.advance(5);
  expectSamples('depth 1', 'adds_total 3');
});
