import type { Figure } from '../contract.ts';
import type { Measurement } from './measure.ts';

/** Phases in which the time of one answer is what matters, not how many there are. */
const timedPhases = /^list /;

/** One row for each phase: each target's rate (or time), its latencies and CPU, and its ratio to the last target's. */
export function figuresOf(measurements: readonly Measurement[]): Figure[] {
  const figures: Figure[] = [];
  const names = [...new Set(measurements.map(({ target }) => target))];
  const baselineName = names.length > 1 ? names.at(-1) : undefined;
  for (const phase of new Set(measurements.map((one) => one.phase))) {
    const of = (name: string | undefined): Measurement | undefined =>
      measurements.find((one) => one.phase === phase && one.target === name);
    const isTimed = timedPhases.test(phase);
    const baseline = of(baselineName);
    const add = (column: string, value: number, unit: string): void => {
      figures.push({ name: `${phase}: ${column}`, value, unit });
    };
    for (const name of names) {
      const one = of(name);
      if (one === undefined) continue;
      if (isTimed) add(name, one.p50Ms, 'ms');
      else add(name, Math.round(one.perSecond), '/s');
      if (baseline === undefined || one === baseline) continue;
      // Of times, too, the ratio says how many times as long it took.
      add('ratio', isTimed ? one.p50Ms / baseline.p50Ms : one.perSecond / baseline.perSecond, '×');
    }
    for (const name of names) {
      const one = of(name);
      if (one === undefined) continue;
      if (!isTimed) add(`${name} p50`, one.p50Ms, 'ms');
      add(`${name} p99`, one.p99Ms, 'ms');
      add(`${name} CPU`, one.cpuMicrosEach, 'µs');
      add(`${name} main`, one.mainMicrosEach, 'µs');
      if (one.errors > 0) add(`${name} errors`, one.errors, '');
    }
  }
  return figures;
}
