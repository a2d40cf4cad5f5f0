import type { Random } from '../../src/machinery/random.ts';

/** Draws from a source of randomness. */
export class Chooser {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  int(below: number): number {
    return this.random.int(below);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random.float() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.int(values.length)];
    if (value === undefined && values.length === 0) throw new Error('nothing to pick from');
    return value as T;
  }

  /** Up to `max` values, often few. */
  times<T>(max: number, make: () => T): T[] {
    return Array.from({ length: this.int(this.int(max) + 1) }, make);
  }

  bytes(maxLength: number): Buffer {
    return Buffer.from(this.random.bytes(this.int(maxLength + 1)));
  }
}
