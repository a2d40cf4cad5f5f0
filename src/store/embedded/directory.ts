import { closeSync, fsyncSync, openSync, readdirSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory as makeDirectories } from '../../machinery/make-directory.ts';
import { NoSpaceError, StoreUnusableError } from '../contract.ts';
import { systemErrorCode } from './system-error.ts';

/** LMDB's mark at the start of its files, and where it is. */
const lmdbMagic = 0xbeefc0de;
const lmdbVersion = 2;
const magicOffset = 24;
/** What opening a store writes at most: LMDB's first pages and its table of readers. */
const probeBytes = 64 * 1024;

/** Freed at a time. */
const shrinkBytes = 8 * 1024 * 1024;

const dataPattern = /^revisions-(\d+)\.mdb$/;
const unfinishedPattern = /^revisions-\d+\.mdb\.new(-lock)?$/;
const staleLockPattern = /^revisions-\d+\.mdb-lock$/;

/**
 * The files of a store. The data is in `revisions-N.mdb`; when it is rewritten, in a file with the next number, which
 * is complete as soon as it has that name: until then it ends in `.new`. So the highest number is the store, and
 * everything else is left over from a process that died.
 */
export interface StoreDirectory {
  readonly path: string;
  /** The number of the current data file; 0 when there is none. */
  readonly generation: number;
}

export function dataPath(directory: string, generation: number): string {
  return join(directory, `revisions-${String(generation).padStart(6, '0')}.mdb`);
}

/** The name of a data file that is being written. */
export function unfinishedPath(directory: string, generation: number): string {
  return `${dataPath(directory, generation)}.new`;
}

export function makeDirectory(path: string): void {
  try {
    makeDirectories(path, 0o700);
  } catch (error) {
    throw directoryError(path, error);
  }
}

/** Makes sure that there is space to open a store: LMDB's binding does not survive to find none. */
export function checkSpace(path: string): void {
  try {
    const probe = join(path, 'probe');
    const file = openSync(probe, 'w', 0o600);
    try {
      writeSync(file, Buffer.alloc(probeBytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
      rmSync(probe, { force: true });
    }
  } catch (error) {
    throw directoryError(path, error);
  }
}

/** Looks at what is there, and removes what is left over. Only for the one who has the directory's lock. */
export function readDirectory(path: string): StoreDirectory {
  const names = readdirSync(path);
  const generations = names.flatMap((name) => Number(dataPattern.exec(name)?.[1] ?? []));
  const generation = Math.max(0, ...generations);
  // The current file is checked first: when it is not ours, nothing is touched.
  if (generation > 0) checkDataFile(dataPath(path, generation));
  for (const name of names) {
    const isOld = dataPattern.test(name) && name !== dataName(path, generation);
    if (isOld || unfinishedPattern.test(name) || staleLockPattern.test(name)) rmSync(join(path, name), { force: true });
  }
  return { path, generation };
}

function dataName(path: string, generation: number): string {
  return dataPath(path, generation).slice(path.length + 1);
}

/** Removes a data file that is not needed any more, finished or not. */
export async function removeGeneration(path: string, generation: number): Promise<void> {
  for (const name of [dataPath(path, generation), unfinishedPath(path, generation)]) {
    await shrink(name);
    await rm(name, { force: true });
    await rm(`${name}-lock`, { force: true });
  }
}

/** A file system that frees a large file at once makes everybody's writes wait for that. */
async function shrink(path: string): Promise<void> {
  try {
    for (let { size } = await stat(path); size > 0; size -= shrinkBytes) {
      await truncate(path, Math.max(0, size - shrinkBytes));
    }
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** Makes what was done to the directory's entries durable. */
export function syncDirectory(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function checkDataFile(path: string): void {
  const header = Buffer.alloc(magicOffset + 8);
  try {
    const file = openSync(path, 'r+');
    try {
      readSync(file, header, 0, header.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw directoryError(path, error);
  }
  if (header.readUInt32LE(magicOffset) !== lmdbMagic || header.readUInt32LE(magicOffset + 4) !== lmdbVersion) {
    throw notOurs(path);
  }
}

export function notOurs(path: string): StoreUnusableError {
  return new StoreUnusableError(
    `${path} is not a store of kubets: choose another data directory, or move the file away`,
  );
}

/** What to say when the directory or a file in it cannot be used. */
export function directoryError(path: string, error: unknown): Error {
  switch (systemErrorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return noSpace(path);
    case 'EACCES':
    case 'EPERM':
      return new StoreUnusableError(
        `${path}: permission denied: let user ${process.getuid?.() ?? ''} read and write it`,
      );
    case 'EROFS':
      return new StoreUnusableError(`${path} is on a read-only file system: choose another data directory`);
    case 'ENOTDIR':
    case 'EEXIST':
      return new StoreUnusableError(`${path} is not a directory: choose another data directory`);
    default:
      return new StoreUnusableError(`${path} cannot be used: ${String(error)}`, { cause: error });
  }
}

export function noSpace(path: string): NoSpaceError {
  return new NoSpaceError(
    `etcdserver: mvcc: database space exceeded: no space is left for ${path}: free some on its file system, then try again`,
  );
}

/** Whether the file system of a path has less than so many bytes left. */
export function hasLessThan(path: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize < bytes;
}
