/** Files that are there whole or not at all, whenever the process or the machine dies. */
import { closeSync, fchmodSync, fsync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

export interface FileToPublish {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  /** `create`: another process may not have been faster. `replace`: whatever is there goes. */
  readonly how: 'create' | 'replace';
}

const flush = promisify(fsync);

/**
 * Makes files appear in the order given, each of them whole, once all of them are on disk. Resolves to true when that
 * would survive a crash; to false when a file to create exists, and then neither it nor one after it was touched.
 * Of several processes that create a file at once exactly one succeeds, where the file system has hard links.
 */
export async function publishFiles(files: readonly FileToPublish[]): Promise<boolean> {
  const temporary: string[] = [];
  try {
    // All are flushed together: the disk takes hardly longer than for one. The other steps cost microseconds.
    const flushed = await Promise.allSettled(files.map((file) => writeTemporary(file, temporary)));
    for (const outcome of flushed) if (outcome.status === 'rejected') throw outcome.reason;
    for (const [index, file] of files.entries()) {
      if (!publish(temporary[index] ?? '', file)) return false;
    }
    const directories = new Set(files.map(({ path }) => dirname(path)));
    await Promise.all([...directories].map(flushDirectory));
    return true;
  } finally {
    for (const path of temporary) rmSync(path, { force: true });
  }
}

/** Replaces `path` (or creates it) with a file of this content and mode. Resolves when it would survive a crash. */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  await publishFiles([{ path, content, mode, how: 'replace' }]);
}

async function writeTemporary({ path, content, mode }: FileToPublish, temporary: string[]): Promise<void> {
  const name = `${path}.${randomUUID()}.tmp`;
  const descriptor = openSync(name, 'wx', mode);
  temporary.push(name);
  try {
    writeSync(descriptor, content);
    // The umask does not decide about secrets, in either direction.
    fchmodSync(descriptor, mode);
    await flush(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function publish(temporary: string, { path, mode, how }: FileToPublish): boolean {
  if (how === 'replace') {
    renameSync(temporary, path);
    return true;
  }
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
  }
  // Without hard links the name is taken first, and the file that has it is then replaced.
  try {
    closeSync(openSync(path, 'wx', mode));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  renameSync(temporary, path);
  return true;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function flushDirectory(path: string): Promise<void> {
  const descriptor = openSync(path, 'r');
  try {
    await flush(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
