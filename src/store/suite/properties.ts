import { it } from 'node:test';
import * as fc from 'fast-check';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import type { OpenStore } from './harness.ts';
import { Run } from './run.ts';
import { anyStep } from './steps.ts';

const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 40, size: 'max' });

/** Random steps on a store and on the model must have the same effects. */
export function propertyTests(open: OpenStore, runs: number): void {
  it('does what the naive model does, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, fc.constantFrom(1, 5, 10_000), async (steps, recentEvents) => {
        const clock = new VirtualClock();
        const test = await open({ clock, historyMs: 1e12, historyRevisions: 1e9, recentEvents });
        try {
          const run = new Run(test, clock);
          await run.step({ type: 'lease', action: 'grant', id: 1 });
          for (const step of steps) await run.step(step);
          await run.checkAll();
        } finally {
          await test.dispose();
        }
      }),
      { numRuns: runs },
    );
  });
}
