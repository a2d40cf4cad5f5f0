/** What the kernel says of another process: Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface CpuTime {
  /** Of all threads that live, in microseconds. */
  readonly totalMicros: number;
  /** Of the main thread alone. */
  readonly mainMicros: number;
}

/** Time spent on a CPU so far (`/proc/PID/task/TID/schedstat`, which counts nanoseconds). */
export function cpuTimeOf(pid: number): CpuTime {
  let totalMicros = 0;
  let mainMicros = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [nanos = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    const micros = Number(nanos) / 1000;
    totalMicros += micros;
    if (Number(thread) === pid) mainMicros = micros;
  }
  return { totalMicros, mainMicros };
}

/** Resident memory, shared pages included: what `ps` calls RSS. */
export function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}
