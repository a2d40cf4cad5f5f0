// Simulates clusters from seeds: `npm run simulate -- --seeds 1000 --steps 500 --first 0`, or one: `--seed SEED`. A seed
// that fails is told with how to see it again; the run goes on, and exits 1 at the end. `--trace FILE` writes what
// happened in one seed's run.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '0' },
    steps: { type: 'string', default: '500' },
    trace: { type: 'string' },
  },
});

function count(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} must be a whole number`);
  return number;
}

const steps = count('steps', values.steps);
const first = count('first', values.first);
const seeds =
  values.seed === undefined
    ? Array.from({ length: count('seeds', values.seeds) }, (_, index) => String(first + index))
    : [values.seed];
const failed: string[] = [];
for (const seed of seeds) {
  const startedMs = performance.now();
  try {
    const { digest, lines } = await simulate({ seed, steps });
    if (values.trace !== undefined) await writeFile(values.trace, `${lines.join('\n')}\n`);
    console.log(`seed ${seed}: ${digest}, ${Math.round(performance.now() - startedMs)} ms`);
  } catch (error) {
    failed.push(seed);
    console.error(`seed ${seed} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
if (failed.length > 0) {
  console.error(`${failed.length} of ${seeds.length} seeds failed: ${failed.join(' ')}`);
  process.exitCode = 1;
}
