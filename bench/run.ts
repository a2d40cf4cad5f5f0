// `npm run bench [-- NAME …] [--quick] [--no-record]`: runs all benchmarks or those named, each in a process of its own
// so that none warms another, prints their figures, and appends them to RESULTS.md (not after --quick: those mean little).
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Figure } from './contract.ts';
import { describeMachine, machineText } from './machine.ts';
import { appendSection, sectionOf, tableOf, textTable } from './results.ts';

/** Each is the file of its name, in the order in which they run. */
const names = [
  'store',
  'authentication',
  'authorization',
  'cel',
  'provenance',
  'start',
  'apiserver',
  'cluster',
] as const;

/** Resolves with what it reported. Rejects when it failed, even after figures came. */
function runAlone(name: string, isQuick: boolean): Promise<Figure[]> {
  const figures: Figure[] = [];
  const child = fork(join(import.meta.dirname, 'child.ts'), [name, ...(isQuick ? ['--quick'] : [])]);
  child.on('message', (message) => figures.push(message as Figure));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(figures);
      else reject(new Error(`benchmark ${name} failed with ${signal ?? `exit code ${code}`}`));
    });
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, 'no-record': { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !names.some((known) => known === name));
if (unknown.length > 0) {
  console.error(`bench: no benchmark ${unknown.join(', ')}: there are ${names.join(', ')}`);
  process.exit(2);
}
const machine = describeMachine();
console.log(machineText(machine));
const results: { benchmark: string; figures: Figure[] }[] = [];
let isFailed = false;
for (const name of names) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`\n${name} …`);
  try {
    const figures = await runAlone(name, values.quick);
    results.push({ benchmark: name, figures });
    console.log(`${textTable(tableOf(figures))}`);
  } catch (error) {
    isFailed = true;
    console.error(String(error));
  }
}
if (!values.quick && !values['no-record'] && results.length > 0) {
  await appendSection(join(import.meta.dirname, 'RESULTS.md'), sectionOf(machine, results));
}
process.exitCode = isFailed ? 1 : 0;
