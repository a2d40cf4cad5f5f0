/** What every component tells about its process, under Prometheus' usual names, and about Node under our own. */
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { MetricsRegistry } from './metrics.ts';

/** Adds the metrics, which are read at each scrape. Returns the way to stop it. */
export function registerProcessMetrics(registry: MetricsRegistry): () => void {
  const gauge = (name: string, help: string): ((value: number) => void) => {
    const series = registry.gauge({ name, help }).labels();
    return (value) => series.set(value);
  };
  const cpu = registry
    .counter({ name: 'process_cpu_seconds_total', help: 'Total user and system CPU time spent in seconds.' })
    .labels();
  const resident = gauge('process_resident_memory_bytes', 'Resident memory size in bytes.');
  const virtual = gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.');
  const openFiles = gauge('process_open_fds', 'Number of open file descriptors.');
  const maxFiles = gauge('process_max_fds', 'Maximum number of open file descriptors.');
  const start = gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.');
  const heapUsed = gauge('kubets_nodejs_heap_used_bytes', 'Bytes of the JavaScript heap that objects take.');
  const heapTotal = gauge('kubets_nodejs_heap_total_bytes', 'Size of the JavaScript heap in bytes.');
  const external = gauge('kubets_nodejs_external_memory_bytes', 'Bytes outside the JavaScript heap that objects hold.');
  const busy = gauge(
    'kubets_nodejs_event_loop_utilization',
    'Share of the time since the start in which the event loop was busy.',
  );
  const lag = gauge(
    'kubets_nodejs_event_loop_lag_p99_seconds',
    'How late the event loop was since the last scrape, at the 99th percentile.',
  );
  start(performance.timeOrigin / 1000);
  maxFiles(openFileLimit());
  // Watching the loop wakes it up: only who scrapes pays for it, from the first scrape on.
  let delays: ReturnType<typeof monitorEventLoopDelay> | undefined;
  const stop = registry.beforeScrape(() => {
    const { user, system } = process.cpuUsage();
    cpu.inc(Math.max(0, (user + system) / 1e6 - cpu.value));
    const memory = process.memoryUsage();
    resident(memory.rss);
    virtual(virtualMemoryBytes());
    openFiles(openFileCount());
    heapUsed(memory.heapUsed);
    heapTotal(memory.heapTotal);
    external(memory.external);
    busy(performance.eventLoopUtilization().utilization);
    if (delays === undefined) {
      delays = monitorEventLoopDelay({ resolution: loopSampleMs });
      delays.enable();
    } else {
      lag(delays.count === 0 ? 0 : Math.max(0, delays.percentile(99) / 1e9 - loopSampleMs / 1000));
      delays.reset();
    }
  });
  return () => {
    delays?.disable();
    stop();
  };
}

const loopSampleMs = 20;
const pageBytes = 4096;

/** 0 where the system does not tell (it has no /proc). */
function virtualMemoryBytes(): number {
  return readOrZero(() => Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[0]) * pageBytes);
}

function openFileCount(): number {
  // One of them is the directory that is read here.
  return readOrZero(() => readdirSync('/proc/self/fd').length - 1);
}

function openFileLimit(): number {
  return readOrZero(() =>
    Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? 0),
  );
}

function readOrZero(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}
