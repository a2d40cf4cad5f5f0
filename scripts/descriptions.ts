// Bakes the descriptions of the API's types and fields into one file for the release, where the development dependency
// that they come from is not installed. They are never committed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { descriptionsFile, extractFromModels } from '../src/api/schema/descriptions.ts';

/** Writes `descriptions.json` into a folder and returns its path. Fails when there is nothing to take them from. */
export async function bakeDescriptions(folder: string): Promise<string> {
  const descriptions = await extractFromModels();
  if (descriptions === undefined || descriptions.size === 0) {
    throw new Error("@kubernetes/client-node is not installed: run 'npm ci' with development dependencies");
  }
  const path = join(folder, descriptionsFile);
  await writeFile(path, JSON.stringify(Object.fromEntries(descriptions)));
  return path;
}

if (import.meta.main) {
  const [folder = join(import.meta.dirname, '../dist')] = process.argv.slice(2);
  console.log(await bakeDescriptions(folder));
}
