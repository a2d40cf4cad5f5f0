import type { Buffer } from 'node:buffer';
import { integer } from '../../../machinery/exact-integer.ts';
import type { ExactInteger } from '../../../machinery/exact-integer.ts';
import { decodeUtf8 } from '../json.ts';
import { maxDepth } from '../walk.ts';
import { ProtobufError } from './protobuf-error.ts';

/** The ways in which a value stands on the wire. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

const maxFieldNumber = 2 ** 29 - 1;
/** 64 bits in groups of seven. */
const maxVarintBytes = 10;
/** Longer texts are looked at outside of JavaScript. */
const maxLoopLength = 64;
/** A longer piece of a text would not be a copy: whoever keeps a name would keep the whole text it came in. */
const maxSliced = 12;

function unexpectedEnd(): ProtobufError {
  return new ProtobufError('unexpected EOF');
}

/** As Go reads UTF-8: each byte that is not part of a character becomes one U+FFFD. */
function utf8Text(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  return text.includes('\ufffd') ? decodeUtf8(bytes.subarray(start, end)) : text;
}

function overflow(): ProtobufError {
  return new ProtobufError('proto: integer overflow');
}

/** Walks along the bytes of a message; every step checks that it stays within them. Throws {@link ProtobufError}s. */
export class Reader {
  readonly bytes: Buffer;
  /** What is read next. */
  at = 0;
  /** Where the message that is being read ends. */
  end: number;
  /** How the value stands whose field's number was read last. */
  wireType = 0;
  #depth = 0;
  /** All bytes as characters: a short text is had from it without leaving JavaScript. */
  #latin1: string | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /**
   * The number of the next field of the message that is being read, its wire type in `wireType`; 0 at the end.
   * `goName` is Go's name of the message.
   */
  next(goName: string): number {
    if (this.at >= this.end) return 0;
    const tag = this.varint();
    const wireType = tag % 8;
    const number = (tag - wireType) / 8;
    this.wireType = wireType;
    if (wireType === wireTypes.endGroup) {
      throw new ProtobufError(`proto: ${goName}: wiretype end group for non-group`);
    }
    if (number < 1 || number > maxFieldNumber) {
      throw new ProtobufError(`proto: ${goName}: illegal tag ${number} (wire type ${tag})`);
    }
    return number;
  }

  /** An unsigned integer; beyond 2^53 it is only known to be that large. */
  varint(): number {
    const { bytes, end } = this;
    let { at } = this;
    if (at >= end) throw unexpectedEnd();
    let byte = bytes[at++] ?? 0;
    let value = byte & 0x7f;
    for (let scale = 0x80, count = 1; byte >= 0x80; scale *= 0x80, count++) {
      if (count === maxVarintBytes) throw overflow();
      if (at >= end) throw unexpectedEnd();
      byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
    }
    this.at = at;
    return value;
  }

  /** The lowest 32 bits of a varint as a signed integer. */
  int32(): number {
    const start = this.at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value | 0;
    this.at = start;
    return Number(BigInt.asIntN(32, this.#bits64()));
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  /** The 64 bits of a varint as a signed integer. */
  int64(): number | ExactInteger {
    const start = this.at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.at = start;
    return integer(BigInt.asIntN(64, this.#bits64()));
  }

  uint64(): number | ExactInteger {
    const start = this.at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.at = start;
    return integer(BigInt.asUintN(64, this.#bits64()));
  }

  /** A varint that `varint` has read once, and found too large for a number. */
  #bits64(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  float64(): number {
    const at = this.#take(8);
    return this.bytes.readDoubleLE(at);
  }

  float32(): number {
    const at = this.#take(4);
    return this.bytes.readFloatLE(at);
  }

  /**
   * Refuses a field whose value stands in another way than its type's do. `field` is its name in JSON, which is near
   * enough to Go's, which the table does not have.
   */
  expect(wireType: number, field: string): void {
    if (this.wireType !== wireType) {
      const goName = field.charAt(0).toUpperCase() + field.slice(1);
      throw new ProtobufError(`proto: wrong wireType = ${this.wireType} for field ${goName}`);
    }
  }

  /** Where the value starts that a length stands before; `at` is behind it then. */
  #delimited(): number {
    const length = this.varint();
    if (length >= 2 ** 63) throw new ProtobufError('proto: negative length found during unmarshaling');
    return this.#take(length);
  }

  string(): string {
    const start = this.#delimited();
    if (start === this.at) return '';
    const { bytes, at } = this;
    let isShortAscii = at - start <= maxLoopLength;
    for (let i = start; isShortAscii && i < at; i++) isShortAscii = (bytes[i] ?? 0) < 0x80;
    if (!isShortAscii) return utf8Text(bytes, start, at);
    if (at - start > maxSliced) return bytes.toString('latin1', start, at);
    this.#latin1 ??= bytes.toString('latin1');
    return this.#latin1.slice(start, at);
  }

  /** The bytes themselves, not a copy. */
  slice(): Buffer {
    const start = this.#delimited();
    return this.bytes.subarray(start, this.at);
  }

  /** Goes into a message within this one; what it returns is for `leave`, once `end` is reached. */
  enter(): number {
    const outerEnd = this.end;
    const start = this.#delimited();
    this.end = this.at;
    this.at = start;
    if (++this.#depth > maxDepth) throw new ProtobufError('exceeded max depth');
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.#depth--;
    this.end = outerEnd;
  }

  /** Passes over the value of a field that nobody knows. */
  skip(): void {
    let open = 0;
    for (let type = this.wireType; ; type = this.varint() % 8) {
      switch (type) {
        case wireTypes.varint:
          this.varint();
          break;
        case wireTypes.fixed64:
          this.#take(8);
          break;
        case wireTypes.bytes:
          this.#delimited();
          break;
        case wireTypes.startGroup:
          open++;
          break;
        case wireTypes.endGroup:
          if (open === 0) throw new ProtobufError('proto: unexpected end of group');
          open--;
          break;
        case wireTypes.fixed32:
          this.#take(4);
          break;
        default:
          throw new ProtobufError(`proto: illegal wireType ${type}`);
      }
      if (open === 0) return;
    }
  }

  #take(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw unexpectedEnd();
    this.at = start + length;
    return start;
  }
}
