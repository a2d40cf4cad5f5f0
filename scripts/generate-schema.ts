// `npm run generate`: turns the facts of the Kubernetes API into the schema tables (src/api/schema/*.json) and the
// TypeScript types (src/api/types/*.ts). Nobody edits those by hand; a test compares them with what this makes.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { loadFacts } from './schema/facts.ts';
import { resolve } from './schema/resolve.ts';
import { supplement } from './schema/supplement.ts';
import { encodeTable } from './schema/table.ts';
import { writeTypes } from './schema/typescript.ts';
import type { EncodedTable } from '../src/api/schema/table.ts';

const root = join(import.meta.dirname, '..');
const typesFolder = join(root, 'src/api/types');

/** Every generated file: path from the root of the repository, and content. */
export function generate(): Map<string, string> {
  const resolved = resolve(loadFacts(supplement));
  const files = new Map<string, string>();
  files.set('src/api/schema/table.json', printTable(encodeTable(resolved, false)));
  files.set('src/api/schema/table-config.json', printTable(encodeTable(resolved, true)));
  for (const [file, text] of writeTypes(resolved)) files.set(`src/api/types/${file}`, text);
  return files;
}

/** The files that are there but should not be: types of a version that is no longer generated. */
export function staleFiles(files: ReadonlyMap<string, string>): string[] {
  return readdirSync(typesFolder)
    .map((name) => relative(root, join(typesFolder, name)))
    .filter((path) => !files.has(path));
}

/** JSON with one entry per line, so that a change of the API is a readable difference. */
function printTable(table: EncodedTable): string {
  const lists = Object.entries(table).map(
    ([name, entries]) =>
      `${JSON.stringify(name)}:[\n${(entries as readonly unknown[]).map((entry) => JSON.stringify(entry)).join(',\n')}\n]`,
  );
  return `{\n${lists.join(',\n')}\n}\n`;
}

if (import.meta.main) {
  const files = generate();
  mkdirSync(typesFolder, { recursive: true });
  for (const path of staleFiles(files)) rmSync(join(root, path));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  console.log(`${files.size} files`);
}
