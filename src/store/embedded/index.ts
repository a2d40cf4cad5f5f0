import { renameSync } from 'node:fs';
import { StoreUnusableError } from '../contract.ts';
import type { Store } from '../contract.ts';
import { realClock } from '../../machinery/clock.ts';
import type { Clock } from '../../machinery/clock.ts';
import { defaultRecentLimits, defaultRetention } from '../core/defaults.ts';
import { MvccStore } from '../core/mvcc-store.ts';
import { inTransaction } from './batch.ts';
import {
  checkSpace,
  dataPath,
  makeDirectory,
  notOurs,
  readDirectory,
  syncDirectory,
  unfinishedPath,
} from './directory.ts';
import { DirectoryLock } from './directory-lock.ts';
import { openEnvironment } from './environment.ts';
import { LmdbLog, openLogEnvironment } from './lmdb-log.ts';
import { recover } from './recovery.ts';
import type { Recovered } from './recovery.ts';

export interface EmbeddedStoreOptions {
  /** Where the store keeps its files; made when it does not exist. */
  readonly directory: string;
  readonly clock?: Clock;
  /** History is kept for so long (default 5 minutes) ... */
  readonly historyMs?: number;
  /** ... and at least for so many revisions (default 10,000). */
  readonly historyRevisions?: number;
  /** Events kept in memory for watches that lag (default 10,000). */
  readonly recentEvents?: number;
  /** A data file that compaction has emptied is rewritten when it is larger than this (default 16 MiB). */
  readonly rewriteAboveBytes?: number;
}

/** What says that a file is ours, and how its content is to be read. */
interface FormatMark {
  readonly program: string;
  readonly version: number;
}

const format: FormatMark = { program: 'kubets', version: 1 };
/** Rewriting smaller files would gain little. */
const defaultRewriteAboveBytes = 16 * 1024 * 1024;
/** Long leases' remaining time is saved this often, so that restarts do not make them immortal. */
const leaseCheckpointMs = 60_000;

/**
 * Opens the store of a directory, for this process alone. Rejects with `StoreUnusableError` or `NoSpaceError`, which
 * say what to do, and leaves everything as it was.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const { directory } = options;
  makeDirectory(directory);
  const lock = DirectoryLock.acquire(directory);
  try {
    return await open(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function open(options: EmbeddedStoreOptions, lock: DirectoryLock): Promise<Store> {
  const { directory } = options;
  checkSpace(directory);
  let { generation } = readDirectory(directory);
  if (generation === 0) {
    generation = 1;
    await create(directory, generation);
  }
  const path = dataPath(directory, generation);
  const { initial, leases, bytes } = await readAll(path);
  const { revision } = initial;
  // Opened again: the replay has mapped the whole file, and mapped pages count as the process's memory.
  const environment = openLogEnvironment(path);
  return new MvccStore({
    clock: options.clock ?? realClock,
    retention: {
      historyMs: options.historyMs ?? defaultRetention.historyMs,
      historyRevisions: options.historyRevisions ?? defaultRetention.historyRevisions,
    },
    recent: { ...defaultRecentLimits, maxEvents: options.recentEvents ?? defaultRecentLimits.maxEvents },
    initial,
    leases,
    leaseCheckpointMs,
    createLog: (sink) =>
      new LmdbLog(sink, {
        directory,
        environment,
        generation,
        revision,
        bytes,
        rewriteAboveBytes: options.rewriteAboveBytes ?? defaultRewriteAboveBytes,
        onClosed: () => lock.release(),
      }),
  });
}

/** Makes an empty data file. It gets its name only when it is whole. */
async function create(directory: string, generation: number): Promise<void> {
  const path = unfinishedPath(directory, generation);
  const environment = openLogEnvironment(path, 'create');
  await inTransaction(environment, () => void environment.meta.put('format', format));
  await environment.root.close();
  renameSync(path, dataPath(directory, generation));
  syncDirectory(directory);
}

async function readAll(path: string): Promise<Recovered> {
  const environment = openEnvironment(path, (record) => record);
  try {
    checkFormat(path, environment.meta.get('format'));
    return recover(environment);
  } finally {
    await environment.root.close();
  }
}

function checkFormat(path: string, mark: unknown): void {
  const { program, version } = (mark ?? {}) as Partial<FormatMark>;
  if (program !== format.program || version === undefined) throw notOurs(path);
  if (version > format.version) {
    throw new StoreUnusableError(
      `${path} has format ${version}, and this version of kubets reads up to ${format.version}: use a newer one`,
    );
  }
}
