/** What a benchmark is, and what it tells. */

/**
 * Takes one figure. A name of the form `ROW: COLUMN` puts the value into a table of several columns; any other name is
 * a row of its own. Units are short: `/s`, `ms`, `µs`, `MB`, `×`, `%`.
 */
export type Report = (figure: string, value: number, unit: string) => void;

export interface BenchmarkOptions {
  /** A run of a few seconds that shows that everything works; its figures mean little. */
  readonly isQuick: boolean;
}

export interface Benchmark {
  readonly name: string;
  run(report: Report, options: BenchmarkOptions): Promise<void>;
}

/** One reported figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** The value at a fraction (0 to 1) of the sorted values; NaN when there are none. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
