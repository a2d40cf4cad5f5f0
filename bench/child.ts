// The process of one benchmark: `child.ts NAME [--quick]`, started by run.ts, to which it sends each figure.
import { join } from 'node:path';
import type { Benchmark, Figure } from './contract.ts';

const [name = '', flag] = process.argv.slice(2);
const { benchmark } = (await import(join(import.meta.dirname, `${name}.ts`))) as { benchmark: Benchmark };

await benchmark.run((figure, value, unit) => process.send?.({ name: figure, value, unit } satisfies Figure), {
  isQuick: flag === '--quick',
});
process.disconnect?.();
