import { Buffer } from 'node:buffer';

const defaultInitialBytes = 64 * 1024;
/** A larger buffer is given back after use: one huge object does not cost memory for ever. */
const maxKeptBytes = 1024 * 1024;
/** Up to this length a loop is faster than a call out of JavaScript. */
const maxLoopLength = 40;

/**
 * Writes a protobuf message from its end to its beginning, so that each length is known when it is written and nothing
 * is measured beforehand.
 */
export class ReverseWriter {
  readonly #initialBytes: number;
  #buffer: Buffer;
  /** Where the bytes written so far begin. */
  #at: number;

  constructor(initialBytes: number = defaultInitialBytes) {
    this.#initialBytes = initialBytes;
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
    this.#at = initialBytes;
  }

  /** Forgets what was written. */
  reset(): void {
    if (this.#buffer.length > maxKeptBytes) this.#buffer = Buffer.allocUnsafeSlow(this.#initialBytes);
    this.#at = this.#buffer.length;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }

  /** A copy of what was written. */
  take(): Buffer {
    const { length } = this;
    const bytes = Buffer.allocUnsafe(length);
    this.#buffer.copy(bytes, 0, this.#at);
    return bytes;
  }

  byte(value: number): void {
    if (this.#at === 0) this.#grow(1);
    this.#buffer[--this.#at] = value;
  }

  /** A non-negative integer below 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.byte(value);
      return;
    }
    let length = 2;
    for (let rest = value / 0x4000; rest >= 1; rest /= 0x80) length++;
    if (this.#at < length) this.#grow(length);
    let at = (this.#at -= length);
    const buffer = this.#buffer;
    let rest = value;
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
    for (; rest > 0x7f; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
    buffer[at] = rest;
  }

  /** A signed integer of 64 bits: negative ones take ten bytes, as protobuf's int32 and int64 do. */
  signedVarint(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0) this.varint(value);
      else this.signedVarint(BigInt(value));
      return;
    }
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
    for (const byte of bytes.reverse()) this.byte(byte);
  }

  /** Bytes without their length. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    if (this.#at < length) this.#grow(length);
    const at = (this.#at -= length);
    if (length > maxLoopLength) this.#buffer.set(bytes, at);
    else for (let i = 0; i < length; i++) this.#buffer[at + i] = bytes[i] ?? 0;
  }

  /** Bytes with their length before them. */
  bytes(bytes: Uint8Array): void {
    this.raw(bytes);
    this.varint(bytes.length);
  }

  /** A text as UTF-8, with its length before it. */
  string(text: string): void {
    const { length } = text;
    if (length <= maxLoopLength && this.#shortAscii(text)) this.byte(length);
    else {
      const byteLength = Buffer.byteLength(text);
      if (this.#at < byteLength) this.#grow(byteLength);
      this.#at -= byteLength;
      this.#buffer.write(text, this.#at, byteLength, 'utf8');
      this.varint(byteLength);
    }
  }

  /** False, with nothing written, when the text is not ASCII alone. */
  #shortAscii(text: string): boolean {
    const { length } = text;
    if (this.#at < length) this.#grow(length);
    const buffer = this.#buffer;
    const start = this.#at - length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[start + i] = code;
    }
    this.#at = start;
    return true;
  }

  float64(value: number): void {
    if (this.#at < 8) this.#grow(8);
    this.#buffer.writeDoubleLE(value, (this.#at -= 8));
  }

  float32(value: number): void {
    if (this.#at < 4) this.#grow(4);
    this.#buffer.writeFloatLE(value, (this.#at -= 4));
  }

  #grow(needed: number): void {
    const { length } = this;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, length + needed));
    this.#buffer.copy(larger, larger.length - length, this.#at);
    this.#buffer = larger;
    this.#at = larger.length - length;
  }
}
