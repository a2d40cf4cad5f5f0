import type { KeyValue, Revision } from '../contract.ts';
import type { LogRecord } from '../core/revision-log.ts';
import type { Commit, Write } from '../core/commit.ts';

/**
 * A record of the log on disk. Its LMDB key is the revision (64 bits) and the sub (32 bits), big-endian, so that LMDB's
 * order is theirs. Its value is this header, little-endian, then the key (one byte per character), the note and the
 * value:
 *
 *     0 flags u32 · 4 key length u32 · 8 note length u32 · 12 sub u32
 *     16 revision f64 · 24 time f64 · 32 create revision f64 · 40 version f64 · 48 lease f64
 */
export const headerBytes = 56;
const deletedFlag = 1;
const noteFlag = 2;

/** Where a record is: its revision and its sub. */
export type Place = number[];

/** Writes LMDB keys. Reading one gives nothing: the record itself says where it is. */
export const placeEncoder = {
  writeKey([revision = 0, sub = 0]: Place, target: Uint8Array, start: number): number {
    // Stores into the array keep the lowest 8 bits.
    target[start] = revision / 2 ** 56;
    target[start + 1] = revision / 2 ** 48;
    target[start + 2] = revision / 2 ** 40;
    target[start + 3] = revision / 2 ** 32;
    target[start + 4] = revision / 2 ** 24;
    target[start + 5] = revision / 2 ** 16;
    target[start + 6] = revision / 2 ** 8;
    target[start + 7] = revision;
    target[start + 8] = sub / 2 ** 24;
    target[start + 9] = sub / 2 ** 16;
    target[start + 10] = sub / 2 ** 8;
    target[start + 11] = sub;
    return start + 12;
  },
  readKey(): undefined {
    return undefined;
  },
};

/** How many bytes a write takes, as a multiple of 8. */
export function recordBytes({ kv }: Write, note: Uint8Array | undefined): number {
  return (headerBytes + kv.key.length + (note?.length ?? 0) + kv.value.length + 7) & ~7;
}

/** Writes a record into `target` at `start`; returns its end. */
export function encodeRecord(
  target: Buffer,
  view: DataView,
  start: number,
  write: Write,
  sub: number,
  { timeMs, note }: Commit,
): number {
  const { kv } = write;
  const flags = (write.type === 'delete' ? deletedFlag : 0) | (note === undefined ? 0 : noteFlag);
  view.setUint32(start, flags, true);
  view.setUint32(start + 4, kv.key.length, true);
  view.setUint32(start + 8, note?.length ?? 0, true);
  view.setUint32(start + 12, sub, true);
  view.setFloat64(start + 16, kv.modRevision, true);
  view.setFloat64(start + 24, timeMs, true);
  view.setFloat64(start + 32, kv.createRevision, true);
  view.setFloat64(start + 40, kv.version, true);
  view.setFloat64(start + 48, kv.lease, true);
  let at = start + headerBytes;
  at += target.write(kv.key, at, 'latin1');
  if (note !== undefined) {
    target.set(note, at);
    at += note.length;
  }
  target.set(kv.value, at);
  return at + kv.value.length;
}

/** A record as it lies in a buffer. One object reads one record after the other: what it shows is gone with the next. */
export class RawRecord {
  #bytes: Buffer = Buffer.alloc(headerBytes);
  #view: DataView = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
  #length = 0;

  /** Shows the record in `bytes`. */
  read(bytes: Buffer): this {
    if (bytes.buffer !== this.#view.buffer || bytes.byteOffset !== this.#view.byteOffset) {
      this.#view = new DataView(bytes.buffer, bytes.byteOffset);
    }
    this.#bytes = bytes;
    // The binding reads into one large buffer again and again, and sets what it says is its length.
    this.#length = bytes.length;
    return this;
  }

  get length(): number {
    return this.#length;
  }

  get revision(): Revision {
    return this.#view.getFloat64(16, true);
  }

  get sub(): number {
    return this.#view.getUint32(12, true);
  }

  get timeMs(): number {
    return this.#view.getFloat64(24, true);
  }

  get type(): 'put' | 'delete' {
    return (this.#view.getUint32(0, true) & deletedFlag) === 0 ? 'put' : 'delete';
  }

  get key(): string {
    return this.#bytes.toString('latin1', headerBytes, headerBytes + this.#view.getUint32(4, true));
  }

  get #valueStart(): number {
    return headerBytes + this.#view.getUint32(4, true) + this.#view.getUint32(8, true);
  }

  /** The value in place. */
  get value(): Uint8Array {
    const start = this.#valueStart;
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, this.#length - start);
  }

  get note(): Uint8Array | undefined {
    if ((this.#view.getUint32(0, true) & noteFlag) === 0) return undefined;
    const start = this.#bytes.byteOffset + headerBytes + this.#view.getUint32(4, true);
    return new Uint8Array(this.#bytes.buffer, start, this.#view.getUint32(8, true)).slice();
  }

  /** The key's state, with the given value. */
  keyValue(key: string, value: Uint8Array): KeyValue {
    return {
      key,
      value,
      createRevision: this.#view.getFloat64(32, true),
      modRevision: this.#view.getFloat64(16, true),
      version: this.#view.getFloat64(40, true),
      lease: this.#view.getFloat64(48, true),
    };
  }

  /** A copy that lasts. */
  copy(): LogRecord {
    const { revision, sub, timeMs, type, note } = this;
    return { revision, sub, timeMs, type, note, kv: this.keyValue(this.key, this.value.slice()) };
  }
}
