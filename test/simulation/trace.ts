import { createHash } from 'node:crypto';
import type { Clock } from '../../src/machinery/clock.ts';

/** What happened in a run, line by line, with the virtual time of each: two runs of one seed must not differ in any. */
export class Trace {
  readonly lines: string[] = [];
  readonly #clock: Clock;
  readonly #startMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  add(text: string): void {
    this.lines.push(`${((this.#clock.now() - this.#startMs) / 1000).toFixed(3)} ${text}`);
  }

  /** The last lines of what users did, newest last. */
  steps(count: number): string[] {
    return this.lines.filter((line) => line.includes(' step ')).slice(-count);
  }

  get digest(): string {
    return createHash('sha256').update(this.lines.join('\n')).digest('hex').slice(0, 16);
  }
}
