import { quantile } from '../contract.ts';
import { cpuTimeOf } from '../process-figures.ts';
import type { LoadClient } from './client.ts';

/** A server under load. */
export interface Target {
  readonly name: string;
  readonly pid: number;
  readonly client: LoadClient;
}

/** What one phase did to one server, summed over its slices. */
export class Tally {
  readonly latenciesMs: number[] = [];
  /** Things done: requests, or events delivered. */
  done = 0;
  errors = 0;
  firstError = '';
  seconds = 0;
  cpuMicros = 0;
  mainMicros = 0;
  /** Bytes of the last answer. */
  bytes = 0;

  fail(error: unknown): void {
    this.errors++;
    if (this.firstError === '') this.firstError = error instanceof Error ? error.message : String(error);
  }
}

/** Adds the time that `work` takes, and what the server spends meanwhile, to the tally. */
export async function timed(target: Target, tally: Tally, work: () => Promise<void>): Promise<void> {
  const cpuBefore = cpuTimeOf(target.pid);
  const startMs = performance.now();
  await work();
  tally.seconds += (performance.now() - startMs) / 1000;
  const cpuAfter = cpuTimeOf(target.pid);
  tally.cpuMicros += cpuAfter.totalMicros - cpuBefore.totalMicros;
  tally.mainMicros += cpuAfter.mainMicros - cpuBefore.mainMicros;
}

/** Calls `once` for every index of [from, to), `concurrency` at a time. */
export async function eachOf(
  tally: Tally,
  range: { readonly from: number; readonly to: number },
  concurrency: number,
  once: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = range.from;
  const worker = async (): Promise<void> => {
    while (next < range.to) {
      const index = next++;
      const startMs = performance.now();
      try {
        await once(index);
        tally.latenciesMs.push(performance.now() - startMs);
        tally.done++;
      } catch (error) {
        tally.fail(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** One phase against one server, as load.ts prints it. */
export interface Measurement {
  readonly target: string;
  readonly phase: string;
  readonly done: number;
  readonly errors: number;
  readonly firstError: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The server's CPU time for each thing done: of all its threads, and of its main thread. */
  readonly cpuMicrosEach: number;
  readonly mainMicrosEach: number;
  /** Bytes of one answer, where the phase is about large ones. */
  readonly bytes: number;
}

export function measurementOf(target: string, phase: string, tally: Tally): Measurement {
  const { done, errors, firstError, seconds, latenciesMs, bytes } = tally;
  return {
    target,
    phase,
    done,
    errors,
    firstError,
    perSecond: done / seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    cpuMicrosEach: tally.cpuMicros / done,
    mainMicrosEach: tally.mainMicros / done,
    bytes,
  };
}
