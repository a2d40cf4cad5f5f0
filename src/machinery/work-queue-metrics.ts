import type { Clock } from './clock.ts';
import { exponentialBuckets } from './metrics.ts';
import type { MetricsRegistry } from './metrics.ts';
import type { WorkQueueObserver } from './work-queue.ts';

const labelNames = ['name'] as const;
/** Ten nanoseconds to ten seconds. */
const buckets = exponentialBuckets(10e-9, 10, 10);

/** Upstream's `workqueue_*` metrics for the queue `name`. */
export function workQueueMetrics<T>(
  registry: MetricsRegistry,
  name: string,
  clock: Pick<Clock, 'monotonicMs'>,
): WorkQueueObserver<T> {
  const depth = registry
    .gauge({ name: 'workqueue_depth', help: '[BETA] Current depth of workqueue', labelNames })
    .labels(name);
  const adds = registry
    .counter({ name: 'workqueue_adds_total', help: '[BETA] Total number of adds handled by workqueue', labelNames })
    .labels(name);
  const retries = registry
    .counter({
      name: 'workqueue_retries_total',
      help: '[BETA] Total number of retries handled by workqueue',
      labelNames,
    })
    .labels(name);
  const queueDuration = registry
    .histogram({
      name: 'workqueue_queue_duration_seconds',
      help: '[BETA] How long in seconds an item stays in workqueue before being requested.',
      labelNames,
      buckets,
    })
    .labels(name);
  const workDuration = registry
    .histogram({
      name: 'workqueue_work_duration_seconds',
      help: '[BETA] How long in seconds processing an item from workqueue takes.',
      labelNames,
      buckets,
    })
    .labels(name);
  const unfinished = registry
    .gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: "[BETA] How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
      labelNames,
    })
    .labels(name);
  const longest = registry
    .gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: '[BETA] How many seconds has the longest running processor for workqueue been running.',
      labelNames,
    })
    .labels(name);

  const addedAtMs = new Map<T, number>();
  const takenAtMs = new Map<T, number>();
  registry.beforeScrape(() => {
    const nowMs = clock.monotonicMs();
    let [total, max] = [0, 0];
    for (const startMs of takenAtMs.values()) {
      const seconds = (nowMs - startMs) / 1000;
      total += seconds;
      max = Math.max(max, seconds);
    }
    unfinished.set(total);
    longest.set(max);
  });

  return {
    added(item) {
      adds.inc();
      depth.inc();
      if (!addedAtMs.has(item)) addedAtMs.set(item, clock.monotonicMs());
    },
    taken(item) {
      depth.dec();
      const nowMs = clock.monotonicMs();
      takenAtMs.set(item, nowMs);
      const startMs = addedAtMs.get(item);
      if (startMs !== undefined) queueDuration.observe((nowMs - startMs) / 1000);
      addedAtMs.delete(item);
    },
    finished(item) {
      const startMs = takenAtMs.get(item);
      if (startMs !== undefined) workDuration.observe((clock.monotonicMs() - startMs) / 1000);
      takenAtMs.delete(item);
    },
    retried() {
      retries.inc();
    },
  };
}
