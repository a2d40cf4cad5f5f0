import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** What a type and its fields are for, in upstream's words. */
export interface TypeDescription {
  readonly description?: string;
  /** By JSON name; fields without a description are absent. */
  readonly fields: Readonly<Record<string, string>>;
}

export type Descriptions = ReadonlyMap<string, TypeDescription>;

/** The file that the build puts beside the bundle. */
export const descriptionsFile = 'descriptions.json';

let loaded: Promise<Descriptions> | undefined;

/**
 * Descriptions by OpenAPI name (`io.k8s.api.core.v1.PodSpec`), read when they are first asked for: from the file beside
 * the bundle in a release, from the comments of `@kubernetes/client-node` in a checkout. Empty when there is neither.
 */
export function loadDescriptions(): Promise<Descriptions> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Descriptions> {
  return (await loadBaked()) ?? (await extractFromModels()) ?? new Map<string, TypeDescription>();
}

/** The folder of the model classes, or undefined where that development dependency is not installed. */
export function modelsFolder(): string | undefined {
  try {
    return fileURLToPath(new URL('./gen/models', import.meta.resolve('@kubernetes/client-node')));
  } catch {
    return undefined;
  }
}

async function loadBaked(): Promise<Descriptions | undefined> {
  try {
    const text = await readFile(new URL(`./${descriptionsFile}`, import.meta.url), 'utf8');
    return new Map(Object.entries(JSON.parse(text) as Record<string, TypeDescription>));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function extractFromModels(): Promise<Descriptions | undefined> {
  const folder = modelsFolder();
  if (folder === undefined) return undefined;
  const { extractDescriptions } = await import('./model-descriptions.ts');
  try {
    return await extractDescriptions(folder);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
