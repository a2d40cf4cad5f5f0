import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnusableError } from '../contract.ts';
import { directoryError } from './directory.ts';

/**
 * Keeps a second process out of a directory. The operating system must let go of the lock when its holder dies, however
 * it dies and whatever container it lives in, so a file with a process's number is not enough; Node offers file locks
 * only through SQLite, which takes one on an empty file here.
 */
export class DirectoryLock {
  readonly #database: DatabaseSync;
  readonly #holderPath: string;

  private constructor(database: DatabaseSync, holderPath: string) {
    this.#database = database;
    this.#holderPath = holderPath;
  }

  /** Throws a `StoreUnusableError` when another process has it, or this one already. */
  static acquire(directory: string): DirectoryLock {
    const path = join(directory, 'lock');
    const holderPath = join(directory, 'lock.pid');
    let database: DatabaseSync | undefined;
    try {
      // SQLite does not say what is wrong with a file. It must not be opened by others: closing it would free the lock.
      accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
      if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
      else createPrivately(path);
      database = new DatabaseSync(path, { timeout: 0 });
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      writeFileSync(holderPath, String(process.pid), { mode: 0o600 });
      return new DirectoryLock(database, holderPath);
    } catch (error) {
      database?.close();
      if (isBusy(error)) {
        throw new StoreUnusableError(
          `${directory} is in use by another process${holderOf(holderPath)}: stop it, or choose another data directory`,
        );
      }
      throw directoryError(directory, error);
    }
  }

  release(): void {
    rmSync(this.#holderPath, { force: true });
    this.#database.close();
  }
}

/** SQLite would let everybody read it. */
function createPrivately(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Another process was faster.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** SQLITE_BUSY. */
const busy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busy;
}

function holderOf(path: string): string {
  try {
    return ` (${readFileSync(path, 'utf8')})`;
  } catch {
    // Whoever has the lock has not written its number yet.
    return '';
  }
}
