import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory and those above it that are missing, all with this mode. Throws the file system's error: EEXIST
 * where a file has the name.
 * (Node's own recursive form never returns where a directory exists and takes no entries, as in /proc.)
 */
export function makeDirectory(path: string, mode: number): void {
  if (tryMake(path, mode)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent, mode);
  mkdirSync(path, { mode });
}

/** Whether the directory is there now; false when the one above it is missing. */
function tryMake(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return false;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return true;
    throw error;
  }
}
