// Enforces that no component takes time or chance from the machine: both come through `Clock` and `Random`, so that a
// whole cluster can run on a virtual clock from a seed. Run by `npm run check`.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** The ports themselves, and the programs' own start, which is measured from the process's birth. */
const ports = new Set(['src/machinery/clock.ts', 'src/machinery/random.ts', 'src/main.ts', 'src/apiserver/command.ts']);

const forbidden: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\.now\(/, 'clock.now()'],
  [/\bnew Date\(\)/, 'new Date(clock.now())'],
  [/\bperformance\.now\(/, 'clock.monotonicMs()'],
  [/(?<![.#\w])set(?:Timeout|Interval)\(/, 'clock.setTimeout() or clock.setInterval()'],
  [/\bMath\.random\(/, 'random.float()'],
];

const violations: string[] = [];
for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
  const file = relative(root, join(entry.parentPath, entry.name));
  const isComponent = entry.isFile() && file.endsWith('.ts') && !file.endsWith('.test.ts');
  if (!isComponent || ports.has(file) || file.startsWith('src/store/suite/')) continue;
  for (const [i, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
    // A method of that name, or words about it, are not a call.
    if (/^\s*(?:\*|\/\/|\/\*\*)/.test(line) || /^\s*set(?:Timeout|Interval)\([^)]*\)?:? .*(?:Timer|\{)/.test(line))
      continue;
    for (const [pattern, instead] of forbidden) {
      if (pattern.test(line)) violations.push(`${file}:${i + 1}: use ${instead}: ${line.trim()}`);
    }
  }
}
if (violations.length > 0) {
  console.error(violations.join('\n'));
  process.exitCode = 1;
}
