import type { Revision } from '../contract.ts';
import type { Commit } from '../core/commit.ts';
import type { CommitSink, LogRecord, RevisionLog } from '../core/revision-log.ts';

interface RevisionRecords {
  /** By sub; undefined where one was discarded. */
  readonly bySub: (LogRecord | undefined)[];
  left: number;
}

/** Keeps revisions in the process only: a store that lives as long as its object. */
export class MemoryLog implements RevisionLog {
  readonly #sink: CommitSink;
  readonly #revisions = new Map<Revision, RevisionRecords>();
  #last: Revision = 1;
  #pending: Commit[] = [];

  constructor(sink: CommitSink) {
    this.#sink = sink;
  }

  append(commit: Commit): void {
    if (this.#pending.push(commit) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const commits = this.#pending;
    this.#pending = [];
    for (const { revision, timeMs, note, writes } of commits) {
      if (revision === 0) continue;
      this.#last = revision;
      const bySub = writes.map(({ type, kv }, sub) => ({ revision, sub, timeMs, type, kv, note }));
      this.#revisions.set(revision, { bySub, left: bySub.length });
    }
    this.#sink.durable(commits);
  }

  read(revision: Revision, sub: number): LogRecord | undefined {
    return this.#revisions.get(revision)?.bySub[sub];
  }

  scan(from: Revision, visit: (record: LogRecord) => boolean): void {
    for (let revision = from; revision <= this.#last; revision++) {
      for (const record of this.#revisions.get(revision)?.bySub ?? []) {
        if (record !== undefined && !visit(record)) return;
      }
    }
  }

  timeMs(revision: Revision): number {
    return this.#revisions.get(revision)?.bySub[0]?.timeMs ?? 0;
  }

  async discard(places: readonly number[]): Promise<void> {
    for (let i = 0; i < places.length; i += 2) {
      const revision = places[i] ?? 0;
      const records = this.#revisions.get(revision);
      const sub = places[i + 1] ?? 0;
      if (records?.bySub[sub] === undefined) continue;
      records.bySub[sub] = undefined;
      if (--records.left === 0) this.#revisions.delete(revision);
    }
  }

  async compacted(): Promise<void> {}

  cancelCompacted(): void {}

  sizes(): { sizeBytes: number; sizeInUseBytes: number } {
    return { sizeBytes: 0, sizeInUseBytes: 0 };
  }

  async close(): Promise<void> {}
}
