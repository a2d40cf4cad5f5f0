import { open } from 'lmdb';
import type {
  Database,
  DatabaseOptions,
  RangeOptions,
  RootDatabase,
  RootDatabaseOptions,
  RootDatabaseOptionsWithPath,
} from 'lmdb';
import type { Revision } from '../contract.ts';
import type { StoredLease } from '../core/commit.ts';
import { notOurs } from './directory.ts';
import { placeEncoder, RawRecord } from './record-format.ts';
import type { Place } from './record-format.ts';

/** With 8 KiB, objects of 2 KB lie three to a page instead of one; with 16, a commit writes more than it has to. */
const pageBytes = 8192;
/** The main thread's reader, and one for a copy. */
const maxReaders = 16;

/** The log as bytes. The binding's types lack the options. */
export interface RawLog {
  /** With `append`, resolves to false when the place does not come after all others. */
  put(place: Place, value: Uint8Array, options: { readonly append: boolean }): Promise<boolean>;
  remove(place: Place): Promise<boolean>;
  getRange(options: RangeOptions): Iterable<{ readonly value: Buffer }>;
}

/** An open LMDB file. */
export interface Environment<T> {
  readonly path: string;
  readonly root: RootDatabase<Uint8Array, string>;
  readonly log: RawLog;
  /** The log as records, to be read. */
  readonly records: Database<T, Place>;
  readonly meta: Database<unknown, string>;
  readonly leases: Database<StoredLease, number>;
}

/**
 * Opens an LMDB file. The file must be known to be LMDB's, or not to exist, and to be readable and writable: LMDB's
 * binding does not survive failing here. `decode` makes of a record what reads give; the record is valid only within it.
 *
 * Commits are LMDB's plain ones: it writes the pages of a commit, waits for the disk, then writes the page that makes
 * them count and waits for that. A commit that was reported is on disk, and one that was not counts wholly or not at
 * all. The binding's "overlapping" commits are no faster when commits are grouped, and promise less.
 */
export function openEnvironment<T>(
  path: string,
  decode: (record: RawRecord) => T,
  mode: 'create' | 'existing' = 'existing',
): Environment<T> {
  const options: RootDatabaseOptionsWithPath & { permissionsMode: number } = {
    path,
    permissionsMode: 0o600,
    noSubdir: true,
    overlappingSync: false,
    eventTurnBatching: false,
    pageSize: pageBytes,
    maxDbs: 4,
    maxReaders,
    encoding: 'binary',
  };
  const root = open<Uint8Array, string>(options);
  // The binding makes databases that it does not find; another program's file must not be given any.
  const probe: DatabaseOptions & { create: boolean } = { encoding: 'json', create: false };
  if (mode === 'existing' && (root.openDB('meta', probe) as unknown) === undefined) {
    void root.close();
    throw notOurs(path);
  }
  const raw = new RawRecord();
  const written: RootDatabaseOptions = { encoding: 'binary', keyEncoder: placeEncoder };
  const read: RootDatabaseOptions = {
    encoder: { encode: (value: T) => value, decode: (bytes: Buffer) => decode(raw.read(bytes)) },
    keyEncoder: placeEncoder,
  };
  return {
    path,
    root,
    log: root.openDB<Uint8Array, Place>('log', written) as unknown as RawLog,
    records: root.openDB<T, Place>('log', read),
    meta: root.openDB<unknown, string>('meta', { encoding: 'json' }),
    leases: root.openDB<StoredLease, number>('leases', { encoding: 'json' }),
  };
}

/** Reads the newest record. */
export function readLast<T>({ records }: Environment<T>): T | undefined {
  const start = [Number.MAX_SAFE_INTEGER, 0xffffffff];
  for (const { value } of records.getRange({ reverse: true, start, end: [0, 0], limit: 1 })) return value;
  return undefined;
}

/** Visits records in order from a revision's first on, until `visit` returns false. */
export function forEachRecord<T>(
  { records }: Environment<T>,
  from: Revision,
  visit: (record: T) => boolean | void,
): void {
  for (const { value } of records.getRange({ start: [from, 0] })) if (visit(value) === false) return;
}

export interface EnvironmentSizes {
  readonly fileBytes: number;
  readonly usedBytes: number;
  readonly records: number;
}

interface TreeStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

/** How large the file is, and how much of it holds data. */
export function environmentSizes({ records, leases }: Environment<unknown>): EnvironmentSizes {
  const logStats = records.getStats() as TreeStats & { readonly lastPageNumber: number };
  const usedPages = (stats: TreeStats): number =>
    stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
  return {
    fileBytes: (logStats.lastPageNumber + 1) * logStats.pageSize,
    usedBytes: (usedPages(logStats) + usedPages(leases.getStats() as TreeStats)) * logStats.pageSize,
    records: logStats.entryCount,
  };
}
