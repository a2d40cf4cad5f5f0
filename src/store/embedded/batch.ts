import type { Commit } from '../core/commit.ts';
import type { Environment } from './environment.ts';
import { encodeRecord, RawRecord, recordBytes } from './record-format.ts';

/** Records to be removed, and who waits for that. */
export interface Discard {
  /** Pairs of revision and sub. */
  readonly places: readonly number[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Keys only ever grow, so LMDB need not look for where they go, and fills its pages. */
const append = { append: true };
const ignore = (): void => {};
/** Batches up to here are encoded into one buffer that is used again and again. */
const sharedBytes = 1024 * 1024;

/** Turns commits into one LMDB transaction. Only one batch may be on its way at a time. */
export class BatchWriter {
  readonly #shared = Buffer.allocUnsafeSlow(sharedBytes);
  #isOutOfOrder = false;

  /** Resolves when everything is on disk; rejects, with nothing written, with an error of LMDB's. */
  async write(
    environment: Environment<unknown>,
    commits: readonly Commit[],
    discards: readonly Discard[],
  ): Promise<void> {
    let bytes = 0;
    for (const { writes, note } of commits) for (const write of writes) bytes += recordBytes(write, note);
    const buffer = bytes <= sharedBytes ? this.#shared : Buffer.allocUnsafeSlow(bytes);
    this.#isOutOfOrder = false;
    await inTransaction(environment, () => {
      this.#putAll(environment, buffer, commits);
      for (const { places } of discards) {
        for (let i = 0; i < places.length; i += 2) void environment.log.remove([places[i] ?? 0, places[i + 1] ?? 0]);
      }
    });
    // The promises of the single writes were settled with that of the batch; this runs after what hangs on them.
    await undefined;
    if (this.#isOutOfOrder) throw new Error('the log has revisions that this process did not write');
  }

  #putAll({ log, meta, leases }: Environment<unknown>, buffer: Buffer, commits: readonly Commit[]): void {
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    const isAppended = (done: boolean): void => {
      if (!done) this.#isOutOfOrder = true;
    };
    let start = 0;
    for (const commit of commits) {
      const { revision, writes, leaseChanges, compactRevision } = commit;
      for (let sub = 0; sub < writes.length; sub++) {
        const write = writes[sub];
        if (write === undefined) continue;
        const end = encodeRecord(buffer, view, start, write, sub, commit);
        const value = new Uint8Array(buffer.buffer, buffer.byteOffset + start, end - start);
        log.put([revision, sub], value, append).then(isAppended, ignore);
        start = (end + 7) & ~7;
      }
      for (const change of leaseChanges) {
        if (change.type === 'save') void leases.put(change.lease.id, change.lease);
        else void leases.remove(change.id);
      }
      if (compactRevision !== undefined) void meta.put('compactRevision', compactRevision);
    }
  }
}

/** Copies records as they are, in order, as one LMDB transaction. */
export function appendRaw(target: Environment<unknown>, records: readonly Buffer[]): Promise<void> {
  const raw = new RawRecord();
  return inTransaction(target, () => {
    for (const bytes of records) {
      const { revision, sub } = raw.read(bytes);
      target.log.put([revision, sub], bytes, append).catch(ignore);
    }
  });
}

/**
 * Writes what `action` puts and removes, all or nothing. Resolves when it is on disk; rejects with LMDB's error. Within
 * it, only writes with conditions (to append is one) have promises of their own that may reject.
 */
export async function inTransaction(environment: Environment<unknown>, action: () => void): Promise<void> {
  try {
    await environment.root.batch(action);
  } catch (error) {
    throw await reasonOf(error);
  }
}

/** The binding says only that a commit failed, and gives the reason later. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (reason) {
    return reason;
  }
}
