// Enforces the import boundaries of docs/architecture.md: each folder of src/ may import only the folders listed here,
// itself, and packages. Run by `npm run check`; prints every violation and exits 1 when there is one.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Who may import whom. The order is the order of the house: from the ground up. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  machinery: [],
  api: ['machinery'],
  store: ['machinery'],
  apiserver: ['machinery', 'api', 'store'],
  client: ['machinery', 'api'],
  controllers: ['machinery', 'api', 'client'],
  scheduler: ['machinery', 'api', 'client'],
  kubelet: ['machinery', 'api', 'client'],
  proxy: ['machinery', 'api', 'client'],
  network: ['machinery', 'api', 'client'],
  dns: ['machinery', 'api', 'client'],
  cloud: ['machinery', 'api', 'client'],
  kubeadm: ['machinery', 'api', 'client'],
  kubectl: ['machinery', 'api', 'client'],
  etcdctl: ['machinery', 'store'],
  console: ['machinery', 'api', 'client'],
};
/** These put components together and may import all. */
const assemblers = new Set(['cluster', 'index.ts', 'main.ts']);

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');
const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\bfrom\s*)?['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/g;

const violations: string[] = [];
for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
  const file = join(entry.parentPath, entry.name);
  const room = relative(source, file).split('/')[0] ?? '';
  if (assemblers.has(room)) continue;
  const may = allowed[room];
  if (may === undefined) {
    violations.push(
      `${relative(root, file)}: src/${room} is not a known component: name it in scripts/check-imports.ts`,
    );
    continue;
  }
  // Collapses multi-line import lists so that one pattern reads them all.
  const text = readFileSync(file, 'utf8').replace(/\{[^{}]*\}/g, (braces) => braces.replaceAll('\n', ' '));
  for (const match of text.matchAll(importPattern)) {
    const target = resolve(dirname(file), match[1] ?? match[2] ?? '');
    const within = relative(source, target);
    const targetRoom = within.startsWith('..') ? undefined : within.split('/')[0];
    const isTest = file.endsWith('.test.ts');
    if (targetRoom === undefined) {
      if (!isTest && !relative(root, target).startsWith('package.json')) {
        violations.push(`${relative(root, file)}: imports ${relative(root, target)}, outside src/`);
      }
    } else if (targetRoom !== room && !may.includes(targetRoom)) {
      violations.push(`${relative(root, file)}: src/${room} may not import src/${targetRoom}`);
    }
  }
}
if (violations.length > 0) {
  console.error(violations.join('\n'));
  process.exitCode = 1;
}
