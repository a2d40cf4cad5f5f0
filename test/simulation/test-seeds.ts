import { test } from 'node:test';
import { simulate } from './simulation.ts';

/** Few enough that all seeds of `npm test` take less than a minute; `npm run simulate` goes further. */
const steps = 30;

/** A test for each seed from the first to the last. */
export function testSeeds(first: number, last: number): void {
  for (let seed = first; seed <= last; seed++) {
    test(`a cluster of seed ${seed} keeps its promises and comes to rest`, async () => {
      await simulate({ seed: String(seed), steps });
    });
  }
}
