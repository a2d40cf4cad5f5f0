import { readdirSync } from 'node:fs';
import type { MetricsRegistry } from './metrics.ts';

/** How many files the process has open; undefined where the system does not tell. */
function countOpenFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

/** Prometheus' usual metrics about the process itself, read at each scrape. Returns the way to stop it. */
export function registerProcessMetrics(registry: MetricsRegistry): () => void {
  const cpu = registry
    .counter({
      name: 'process_cpu_seconds_total',
      help: 'Total user and system CPU time spent in seconds.',
    })
    .labels();
  const memory = registry
    .gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory size in bytes.' })
    .labels();
  const heap = registry
    .gauge({ name: 'nodejs_heap_size_used_bytes', help: 'Used size of the heap in bytes.' })
    .labels();
  const openFiles = registry.gauge({ name: 'process_open_fds', help: 'Number of open file descriptors.' }).labels();
  registry
    .gauge({
      name: 'process_start_time_seconds',
      help: 'Start time of the process since unix epoch in seconds.',
    })
    .labels()
    .set(performance.timeOrigin / 1000);
  return registry.beforeScrape(() => {
    const { user, system } = process.cpuUsage();
    cpu.inc(Math.max(0, (user + system) / 1e6 - cpu.value));
    const { rss, heapUsed } = process.memoryUsage();
    memory.set(rss);
    heap.set(heapUsed);
    const count = countOpenFiles();
    if (count !== undefined) openFiles.set(count);
  });
}
