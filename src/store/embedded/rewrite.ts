import { renameSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogRecord } from '../core/revision-log.ts';
import { appendRaw, inTransaction } from './batch.ts';
import { dataPath, removeGeneration, unfinishedPath } from './directory.ts';
import { openEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { RawRecord } from './record-format.ts';

/** What is copied without letting others run: about a millisecond's work. */
const maxSliceRecords = 300;
const maxSliceBytes = 1024 * 1024;

/**
 * A data file's new, dense copy. LMDB never makes a file smaller, so space is given back by copying what is left into
 * a new file, while the old one goes on being written, and taking that file's place when the copy has caught up.
 */
export class Rewrite {
  readonly #source: Environment<LogRecord>;
  readonly #target: Environment<LogRecord>;
  readonly #directory: string;
  readonly #generation: number;
  #revision = 0;
  #sub = -1;
  /** Of records in the copy. */
  bytes = 0;

  /** `generation` is that of the copy. */
  constructor(source: Environment<LogRecord>, directory: string, generation: number) {
    this.#source = source;
    this.#directory = directory;
    this.#generation = generation;
    this.#target = openEnvironment(unfinishedPath(directory, generation), (record) => record.copy(), 'create');
  }

  /** Copies until nothing new is left, or `isAborted`. */
  async catchUp(isAborted: () => boolean): Promise<void> {
    while (!isAborted() && (await this.#copySlice())) await nextTurn();
  }

  /** Copies the rest. Nothing may be written to the old file from now on. */
  async complete(): Promise<void> {
    while (await this.#copySlice());
    const { meta, leases } = this.#source;
    await inTransaction(this.#target, () => {
      for (const { key, value } of meta.getRange({})) void this.#target.meta.put(key, value);
      for (const { key, value } of leases.getRange({})) void this.#target.leases.put(key, value);
    });
  }

  /** Takes the old file's place, for whoever opens the directory next; durable when the directory is. */
  place(): Environment<LogRecord> {
    const path = dataPath(this.#directory, this.#generation);
    renameSync(unfinishedPath(this.#directory, this.#generation), path);
    return { ...this.#target, path };
  }

  /** Gives the copy up. */
  async abandon(): Promise<void> {
    await this.#target.root.close();
    await removeGeneration(this.#directory, this.#generation);
  }

  /** Copies the next records; tells whether there may be more. */
  async #copySlice(): Promise<boolean> {
    const records: Buffer[] = [];
    let bytes = 0;
    this.#source.records.resetReadTxn();
    for (const { value } of this.#source.log.getRange({ start: [this.#revision, this.#sub + 1] })) {
      records.push(value);
      bytes += value.length;
      if (records.length >= maxSliceRecords || bytes >= maxSliceBytes) break;
    }
    const last = records.at(-1);
    if (last === undefined) return false;
    await appendRaw(this.#target, records);
    ({ revision: this.#revision, sub: this.#sub } = new RawRecord().read(last));
    this.bytes += bytes;
    return records.length >= maxSliceRecords || bytes >= maxSliceBytes;
  }
}
