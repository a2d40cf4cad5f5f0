import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreClosedError, StoreError, StoreUnusableError } from '../contract.ts';
import type { Revision } from '../contract.ts';
import type { Commit } from '../core/commit.ts';
import type { CommitSink, LogRecord, RevisionLog } from '../core/revision-log.ts';
import { BatchWriter } from './batch.ts';
import type { Discard } from './batch.ts';
import { hasLessThan, noSpace, removeGeneration, syncDirectory } from './directory.ts';
import { environmentSizes, forEachRecord, openEnvironment, readLast } from './environment.ts';
import type { Environment } from './environment.ts';
import { recordBytes } from './record-format.ts';
import type { RawRecord } from './record-format.ts';
import { Rewrite } from './rewrite.ts';
import { isNoSpaceCode } from './system-error.ts';

/** A batch takes no more than this, unless one commit alone has more: bounds how long its first writer waits. */
const maxBatchBytes = 4 * 1024 * 1024;
/** A file that is so many times as large as the records in it is rewritten. A fresh one has up to 2.1 times. */
const maxBloat = 2.5;
/** A write error with less than this left on the disk is taken for a full disk. */
const fullDiskBytes = 1024 * 1024;
/**
 * While every turn of the event loop brings writes, a batch waits for so many turns to take more of them. A turn is some
 * requests, a fraction of a millisecond; a batch costs about as much whether it has one write or ten. What it gained
 * under an API server's load differed by request, from nothing to a quarter of the main thread's time: bench/RESULTS.md.
 */
const maxGatherTurns = 8;
/** Fewer are not worth a batch while more may come. */
const minPipelinedCommits = 32;

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
  readonly #rewriteAboveBytes: number;
  readonly #onClosed: () => void;
  readonly #writer = new BatchWriter();
  #environment: Environment<LogRecord>;
  /** The newest revision on disk. */
  #durable: Revision;
  #generation: number;
  /** About the size of all records: what was removed is taken to have had the average size. */
  #bytes: number;
  /** The file is about to be replaced: batches wait. */
  #isHeld = false;
  #isCancelled = false;
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
      readonly generation: number;
      /** The newest revision in it. */
      readonly revision: Revision;
      /** The size of all records in it. */
      readonly bytes: number;
      /** Smaller files are not rewritten. */
      readonly rewriteAboveBytes: number;
      readonly onClosed: () => void;
    },
  ) {
    this.#sink = sink;
    this.#directory = parts.directory;
    this.#environment = parts.environment;
    this.#generation = parts.generation;
    this.#durable = parts.revision;
    this.#bytes = parts.bytes;
    this.#rewriteAboveBytes = parts.rewriteAboveBytes;
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

  async compacted(): Promise<void> {
    const { fileBytes } = environmentSizes(this.#environment);
    if (fileBytes < this.#rewriteAboveBytes || fileBytes < this.#bytes * maxBloat || this.#isCancelled) return;
    // Without space for the copy, the old file stays as it is; its free pages are used again.
    if (hasLessThan(this.#directory, this.#bytes * maxBloat + fullDiskBytes)) return;
    await this.#rewrite();
  }

  cancelCompacted(): void {
    this.#isCancelled = true;
  }

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

  /** What is appended within some turns of the event loop shares a batch. */
  #schedule(): void {
    if (this.#isScheduled || this.#isHeld || this.#batch !== undefined) return;
    if (this.#commits.length === 0 && this.#discards.length === 0) return;
    this.#isScheduled = true;
    this.#gather(0, this.#commits.length);
  }

  /** Starts a batch after a turn of the event loop in which nothing more came, or after enough of them. */
  #gather(turns: number, count: number): void {
    setImmediate(() => {
      if (turns < maxGatherTurns && this.#commits.length > count) {
        this.#gather(turns + 1, this.#commits.length);
        return;
      }
      this.#isScheduled = false;
      this.#startBatch();
    });
  }

  #startBatch(): void {
    if (this.#isHeld || this.#batch !== undefined) return;
    if (this.#commits.length === 0 && this.#discards.length === 0) return;
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
    this.#count(commits, discards);
    this.#batch = undefined;
    // With enough waiting, the disk works on while this batch is made visible. Otherwise those who waited for this one
    // may have more to write, and waiting for that a moment saves a turn of the disk.
    if (this.#commits.length >= Math.max(commits.length, minPipelinedCommits)) this.#startBatch();
    this.#sink.durable(commits);
    this.#schedule();
    for (const { resolve } of discards) resolve();
  }

  #count(commits: readonly Commit[], discards: readonly Discard[]): void {
    for (const { revision, writes, note } of commits) {
      if (revision > 0) this.#durable = revision;
      for (const write of writes) this.#bytes += recordBytes(write, note);
    }
    if (discards.length === 0) return;
    let removed = 0;
    for (const { places } of discards) removed += places.length / 2;
    const { records } = environmentSizes(this.#environment);
    this.#bytes *= records / (records + removed);
  }

  /** Gives the space back that compaction has freed. Writers wait only while the last few records are copied. */
  async #rewrite(): Promise<void> {
    const old = this.#environment;
    const generation = this.#generation + 1;
    const copy = new Rewrite(old, this.#directory, generation);
    try {
      await copy.catchUp(() => this.#isCancelled || this.#failure !== undefined);
      this.#isHeld = true;
      await this.#batch;
      if (this.#isCancelled || this.#failure !== undefined || this.#environment !== old) return await copy.abandon();
      await copy.complete();
      this.#environment = copy.place();
      this.#generation = generation;
      this.#bytes = copy.bytes;
      this.#syncDirectory();
    } catch (error) {
      // The old file is as good as ever, and the next compaction tries again.
      await copy.abandon();
      throw error;
    } finally {
      this.#isHeld = false;
      this.#schedule();
    }
    await old.root.close();
    await removeGeneration(this.#directory, generation - 1);
  }

  #syncDirectory(): void {
    try {
      syncDirectory(this.#directory);
    } catch (error) {
      // Which of the two files the next process finds is not known, so nothing may be written to either.
      this.#failure = new StoreUnusableError(
        `${this.#directory} could not be written (${String(error)}): check the disk, then start again`,
        { cause: error },
      );
    }
  }

  async #fail(commits: readonly Commit[], discards: readonly Discard[], cause: unknown): Promise<void> {
    // Never at once: the batch before this one may still have to be made visible.
    const error = await (this.#failure ?? this.#recover(cause, commits));
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
  async #recover(cause: unknown, commits: readonly Commit[]): Promise<Error> {
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
    // LMDB reports a write that the disk had too little room for as an I/O error. It writes pages, some more than once.
    let bytes = 0;
    for (const { writes, note } of commits) for (const write of writes) bytes += recordBytes(write, note);
    const isFull = hasLessThan(this.#directory, fullDiskBytes + bytes * maxBloat);
    if (isFull || isNoSpaceCode(cause)) return noSpace(this.#directory);
    return new StoreError(`${path} could not be written (${String(cause)}): check the disk, then try again`, { cause });
  }
}
