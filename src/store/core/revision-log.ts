import type { KeyValue, Revision } from '../contract.ts';
import type { Commit } from './commit.ts';

/** One write as the log keeps it. */
export interface LogRecord {
  readonly revision: Revision;
  /** Which write of its revision: 0 for the first. */
  readonly sub: number;
  readonly timeMs: number;
  readonly type: 'put' | 'delete';
  readonly kv: KeyValue;
  readonly note: Uint8Array | undefined;
}

/** Who hears what became of commits. Commits are settled in the order in which they were appended. */
export interface CommitSink {
  durable(commits: readonly Commit[]): void;
  /** These and every later one appended so far have had no effect. */
  failed(commits: readonly Commit[], error: Error): void;
}

/** Where a store keeps every revision, in order. Reads see only what is durable. */
export interface RevisionLog {
  /** Takes a commit; the sink hears of it later, never within this call. */
  append(commit: Commit): void;
  read(revision: Revision, sub: number): LogRecord | undefined;
  /** Visits records in order, from a revision's first on, until `visit` returns false. */
  scan(from: Revision, visit: (record: LogRecord) => boolean): void;
  /** When a revision that is not compacted was made. */
  timeMs(revision: Revision): number;
  /** Removes records: pairs of revision and sub. Resolves when that is durable. */
  discard(places: readonly number[]): Promise<void>;
  /** Called when a compaction has discarded all that it could. */
  compacted(): Promise<void>;
  /** Makes `compacted` end soon, its work undone. */
  cancelCompacted(): void;
  sizes(): { readonly sizeBytes: number; readonly sizeInUseBytes: number };
  /** Waits for what was appended, then releases everything. */
  close(): Promise<void>;
}
