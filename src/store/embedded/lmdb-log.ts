import { setImmediate as nextTurn } from 'node:timers/promises';
import { NoSpaceError, StoreClosedError, StoreError, StoreUnusableError } from '../contract.ts';
import type { Revision } from '../contract.ts';
import type { Commit } from '../core/commit.ts';
import type { CommitSink, LogRecord, RevisionLog } from '../core/revision-log.ts';
import { BatchWriter } from './batch.ts';
import type { Discard } from './batch.ts';
import { hasLessThan, noSpace } from './directory.ts';
import { environmentSizes, forEachRecord, openEnvironment, readLast } from './environment.ts';
import type { Environment } from './environment.ts';
import { recordBytes } from './record-format.ts';
import type { RawRecord } from './record-format.ts';

/** A batch takes no more than this, unless one commit alone has more: bounds how long its first writer waits. */
const maxBatchBytes = 4 * 1024 * 1024;
/** A write error with less than this left on the disk is taken for a full disk: LMDB reports short writes as I/O errors. */
const fullDiskBytes = 1024 * 1024;

export function openLogEnvironment(path: string, mode: 'create' | 'existing' = 'existing'): Environment<LogRecord> {
  return openEnvironment(path, (record: RawRecord) => record.copy(), mode);
}

/**
 * The log in LMDB. Commits that are appended while a batch is on its way to the disk share the next one. LMDB's binding
 * writes on a thread of its own.
 */
export class LmdbLog implements RevisionLog {
  readonly #directory: string;
  readonly #sink: CommitSink;
  readonly #onClosed: () => void;
  readonly #writer = new BatchWriter();
  #environment: Environment<LogRecord>;
  /** The newest revision on disk. */
  #durable: Revision;
  #commits: Commit[] = [];
  #discards: Discard[] = [];
  #isScheduled = false;
  #batch: Promise<void> | undefined;
  /** Why nothing can be written any more. */
  #failure: Error | undefined;

  constructor(
    sink: CommitSink,
    parts: {
      readonly directory: string;
      readonly environment: Environment<LogRecord>;
      /** The newest revision in it. */
      readonly revision: Revision;
      readonly onClosed: () => void;
    },
  ) {
    this.#sink = sink;
    this.#directory = parts.directory;
    this.#environment = parts.environment;
    this.#durable = parts.revision;
    this.#onClosed = parts.onClosed;
  }

  append(commit: Commit): void {
    this.#commits.push(commit);
    this.#schedule();
  }

  discard(places: readonly number[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#discards.push({ places, resolve, reject });
      this.#schedule();
    });
  }

  read(revision: Revision, sub: number): LogRecord | undefined {
    return this.#environment.records.get([revision, sub]);
  }

  scan(from: Revision, visit: (record: LogRecord) => boolean): void {
    forEachRecord(this.#environment, from, visit);
  }

  timeMs(revision: Revision): number {
    return this.read(revision, 0)?.timeMs ?? 0;
  }

  async compacted(): Promise<void> {}

  sizes(): { sizeBytes: number; sizeInUseBytes: number } {
    const { fileBytes, usedBytes } = environmentSizes(this.#environment);
    return { sizeBytes: fileBytes, sizeInUseBytes: usedBytes };
  }

  async close(): Promise<void> {
    while (this.#batch !== undefined || this.#isScheduled) await (this.#batch ?? nextTurn());
    this.#failure ??= new StoreClosedError();
    await this.#environment.root.close();
    this.#onClosed();
  }

  /** What is appended in one turn of the event loop shares a batch. */
  #schedule(): void {
    if (this.#isScheduled || this.#batch !== undefined) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startBatch();
    });
  }

  #startBatch(): void {
    if (this.#batch !== undefined || (this.#commits.length === 0 && this.#discards.length === 0)) return;
    const commits = this.#takeCommits();
    const discards = this.#discards;
    this.#discards = [];
    this.#batch = this.#run(commits, discards);
  }

  #takeCommits(): Commit[] {
    let bytes = 0;
    let count = 0;
    for (; count < this.#commits.length && (bytes < maxBatchBytes || count === 0); count++) {
      const commit = this.#commits[count];
      if (commit === undefined) break;
      for (const write of commit.writes) bytes += recordBytes(write, commit.note);
    }
    const taken = this.#commits;
    this.#commits = taken.slice(count);
    taken.length = count;
    return taken;
  }

  async #run(commits: readonly Commit[], discards: readonly Discard[]): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#writer.write(this.#environment, commits, discards);
    } catch (error) {
      await this.#fail(commits, discards, error);
      return;
    }
    for (const { revision } of commits) if (revision > 0) this.#durable = revision;
    // The disk works on the next batch while this one is made visible.
    this.#batch = undefined;
    this.#startBatch();
    this.#sink.durable(commits);
    for (const { resolve } of discards) resolve();
  }

  async #fail(commits: readonly Commit[], discards: readonly Discard[], cause: unknown): Promise<void> {
    const error = this.#failure ?? (await this.#recover(cause));
    const failed = [...commits, ...this.#commits];
    const failedDiscards = [...discards, ...this.#discards];
    this.#commits = [];
    this.#discards = [];
    this.#batch = undefined;
    this.#sink.failed(failed, error);
    for (const { reject } of failedDiscards) reject(error);
  }

  /**
   * After a failed batch: opens the file again, which clears what LMDB remembers of the failure, and looks whether the
   * file still says what we believe. Returns what to tell the writers.
   */
  async #recover(cause: unknown): Promise<Error> {
    const { path } = this.#environment;
    try {
      await this.#environment.root.close();
      this.#environment = openLogEnvironment(path);
      const found = readLast(this.#environment)?.revision ?? 1;
      if (found !== this.#durable) throw new Error(`it holds revision ${found} instead of ${this.#durable}`);
    } catch (error) {
      this.#failure = new StoreUnusableError(
        `${path} failed and cannot be trusted any more (${String(error)}): check the disk, then start again`,
        { cause },
      );
      return this.#failure;
    }
    if (cause instanceof NoSpaceError) return cause;
    if (hasLessThan(this.#directory, fullDiskBytes)) return noSpace(this.#directory);
    return new StoreError(`${path} could not be written (${String(cause)}): check the disk, then try again`, { cause });
  }
}
