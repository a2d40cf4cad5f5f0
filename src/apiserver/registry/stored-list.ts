import { createGzip } from 'node:zlib';
import type { Exchange, ResponseStream } from '../contract.ts';
import { SharedFrame } from '../http/frame.ts';
import { pieceBytes, pieces, type PieceBuffer } from '../http/piece-buffer.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ObjectForm } from './object-bytes.ts';
import { acceptsGzip, gzipLevel, sendJsonBytes } from './respond.ts';

/** A list of objects in their stored form. */
export interface StoredList {
  readonly form: ObjectForm;
  /** Everything but the items: kind, version and metadata. */
  readonly head: object;
  readonly objects: readonly CachedObject[];
}

const comma = ','.charCodeAt(0);
const closing = Buffer.from(']}');
const headers = { 'cache-control': 'no-cache, private', 'content-type': 'application/json' } as const;

/** Copies a list's JSON together from stored bytes, as much at a time as there is room for. */
class ListEncoder {
  readonly #form: ObjectForm;
  readonly #objects: readonly CachedObject[];
  #opening: Buffer | undefined;
  #index = 0;
  #isDone = false;

  constructor({ form, head, objects }: StoredList) {
    this.#form = form;
    this.#objects = objects;
    this.#opening = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`, 'utf8');
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Bytes that what is left needs at most; counting stops beyond `enough`. */
  boundBytes(enough: number): number {
    let bytes = (this.#opening?.length ?? 0) + closing.length;
    for (let i = this.#index; i < this.#objects.length && bytes <= enough; i++) bytes += this.#itemBytes(i);
    return bytes;
  }

  /** Room that the next call of `fill` needs so that it gets on. */
  get minimumBytes(): number {
    return (this.#opening?.length ?? 0) + this.#itemBytes(this.#index) + closing.length;
  }

  /** Writes as many whole items as fit; returns how many bytes that are. */
  fill(space: Buffer): number {
    let at = this.#opening?.copy(space) ?? 0;
    this.#opening = undefined;
    for (; this.#index < this.#objects.length; this.#index++) {
      const object = this.#objects[this.#index];
      if (object === undefined || at + this.#itemBytes(this.#index) + closing.length > space.length) return at;
      if (this.#index > 0) space[at++] = comma;
      at = this.#form.writeItem(space, at, object.value, object.revision);
    }
    this.#isDone = true;
    return at + closing.copy(space, at);
  }

  #itemBytes(index: number): number {
    const object = this.#objects[index];
    return object === undefined ? 0 : this.#form.itemBound(object.value) + 1;
  }
}

/** Sends a list. A long one is made and sent in pieces, so that it never stands in memory as a whole. */
export async function sendStoredList(exchange: Exchange, list: StoredList): Promise<void> {
  const encoder = new ListEncoder(list);
  // What is to be recorded has to be had as a whole.
  const isWhole = exchange.audit?.needsAnswer === true;
  const bound = encoder.boundBytes(isWhole ? Infinity : pieceBytes);
  if (isWhole || bound <= pieceBytes) {
    const bytes = Buffer.allocUnsafe(bound);
    await sendJsonBytes(exchange, 200, bytes.subarray(0, encoder.fill(bytes)));
  } else if (acceptsGzip(exchange)) {
    await sendCompressed(exchange, encoder);
  } else {
    await sendPieces(exchange, encoder);
  }
}

/** Waits until a connection has taken everything that was written to it. */
class Drain {
  #isClosed = false;
  #settle: ((isOpen: boolean) => void) | undefined;

  constructor(exchange: Exchange, stream: ResponseStream) {
    stream.onDrain(() => this.#settle?.(true));
    exchange.onClose(() => {
      this.#isClosed = true;
      this.#settle?.(false);
    });
  }

  /** Resolves to false when the client is gone. Call it right after a write that returned false. */
  next(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    return new Promise((resolve) => (this.#settle = resolve));
  }
}

/** Makes one piece while another is on its way. A piece's buffer is filled again only when its bytes are known to be out. */
async function sendPieces(exchange: Exchange, encoder: ListEncoder): Promise<void> {
  const stream = exchange.respondStream(200, headers);
  const drain = new Drain(exchange, stream);
  let sent: PieceBuffer[] = [];
  let drained: Promise<boolean> | undefined;
  const isOut = async (): Promise<boolean> => {
    if (drained === undefined) return true;
    if (!(await drained)) return false;
    for (const piece of sent) pieces.give(piece);
    sent = [];
    return true;
  };
  while (!encoder.isDone) {
    const piece = pieces.take(encoder.minimumBytes);
    const length = encoder.fill(piece.space);
    if (!(await isOut())) return;
    drained = stream.write(piece.frame(length)) ? undefined : drain.next();
    sent.push(piece);
  }
  if (await isOut()) stream.end();
}

async function sendCompressed(exchange: Exchange, encoder: ListEncoder): Promise<void> {
  const stream = exchange.respondStream(200, { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  const gzip = createGzip({ level: gzipLevel });
  exchange.onClose(() => gzip.destroy());
  gzip.on('data', (bytes: Buffer) => {
    if (!stream.write(new SharedFrame(bytes))) gzip.pause();
  });
  stream.onDrain(() => gzip.resume());
  const done = new Promise<void>((resolve) => {
    gzip.on('close', resolve);
    gzip.on('end', resolve);
    // What follows is a close.
    gzip.on('error', () => {});
  });
  while (!encoder.isDone && !gzip.destroyed) {
    // zlib reads its input later, on another thread: every piece has a buffer of its own.
    const space = Buffer.allocUnsafeSlow(Math.max(pieceBytes, encoder.minimumBytes));
    const isFull = !gzip.write(space.subarray(0, encoder.fill(space)));
    if (isFull) await new Promise<void>((resolve) => void gzip.once('drain', resolve).once('close', resolve));
  }
  if (!gzip.destroyed) gzip.end();
  await done;
  stream.end();
}
