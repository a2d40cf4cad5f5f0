import type { Frame } from '../contract.ts';

/** The size of an HTTP/1.1 chunk, as eight digits with leading zeros (RFC 9112, 7.1 allows any number), and a line end. */
const chunkHeadBytes = 10;
const lineEnd = Buffer.from('\r\n');

/** A long answer is made and sent in pieces of this size. */
export const pieceBytes = 256 * 1024;
/** Buffers kept for the next long answers: enough for a few at a time. */
const maxKept = 8;

/**
 * A buffer in which a piece of an answer is made, and from which it is sent without being copied: there is room around
 * the bytes for the framing of an HTTP/1.1 chunk.
 */
export class PieceBuffer {
  readonly #whole: Buffer;
  /** Where the bytes go. */
  readonly space: Buffer;

  constructor(capacity: number) {
    this.#whole = Buffer.allocUnsafeSlow(chunkHeadBytes + capacity + lineEnd.length);
    this.space = this.#whole.subarray(chunkHeadBytes, chunkHeadBytes + capacity);
  }

  /** The first `length` bytes as a frame: good until the space is written to again. */
  frame(length: number): Frame {
    this.#whole.write(length.toString(16).padStart(chunkHeadBytes - lineEnd.length, '0'), 0, 'latin1');
    lineEnd.copy(this.#whole, chunkHeadBytes - lineEnd.length);
    lineEnd.copy(this.#whole, chunkHeadBytes + length);
    return {
      bytes: this.space.subarray(0, length),
      chunk: this.#whole.subarray(0, chunkHeadBytes + length + lineEnd.length),
    };
  }
}

/** Buffers that are used again and again: fresh memory of this size costs more than what is written to it. */
class PiecePool {
  readonly #free: PieceBuffer[] = [];

  /** A buffer of `pieceBytes`, or a larger one when more is needed. */
  take(minimumBytes: number): PieceBuffer {
    if (minimumBytes > pieceBytes) return new PieceBuffer(minimumBytes);
    return this.#free.pop() ?? new PieceBuffer(pieceBytes);
  }

  /** Takes a buffer back whose bytes nobody will read any more. */
  give(piece: PieceBuffer): void {
    if (piece.space.length === pieceBytes && this.#free.length < maxKept) this.#free.push(piece);
  }
}

export const pieces = new PiecePool();
