import type { Frame } from '../contract.ts';

const lineEnd = Buffer.from('\r\n');

/** One piece of a streamed response; its HTTP/1.1 chunk is made on first use and shared by every stream. */
export class SharedFrame implements Frame {
  readonly bytes: Buffer;
  #chunk: Buffer | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get chunk(): Buffer {
    return (this.#chunk ??= Buffer.concat([
      Buffer.from(`${this.bytes.length.toString(16)}\r\n`, 'latin1'),
      this.bytes,
      lineEnd,
    ]));
  }
}

const lengthBytes = 4;

/** A piece that begins with its own length, which transports that keep messages apart leave out. */
export class DelimitedFrame extends SharedFrame {
  readonly message: Buffer;

  constructor(bytes: Buffer) {
    super(bytes);
    this.message = bytes.subarray(lengthBytes);
  }
}
