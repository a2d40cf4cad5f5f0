import { randomUUID } from 'node:crypto';
import type { UserInfo } from '../api/contract.ts';
import type { Connection, Exchange, Frame, Headers, ResponseStream } from '../apiserver/contract.ts';
import { BaseExchange } from '../apiserver/http/exchange.ts';
import { ConnectionError, type ApiRequest, type ApiResponse, type Transport } from '../client/contract.ts';
import { requestEntityTooLarge } from '../machinery/status.ts';

/** The part of an API server that requests from within the process need. */
export interface RequestServer {
  serveAs(user: UserInfo, exchange: Exchange): Promise<void>;
}

const empty = Buffer.alloc(0);
const noConnection: Omit<Connection, 'memory'> = { clientCertificate: undefined, remoteAddress: '127.0.0.1' };
/**
 * So much is taken off the server's hands, as a kernel's socket buffers do: more than what a busy turn of the event loop
 * tells a watch, for a client that seems slow is told from history, which costs several times as much.
 */
const bufferBytes = 4 * 1024 * 1024;

/** The bytes of an answer on their way from the server to the client. */
class Pipe implements ResponseStream {
  readonly #pieces: Buffer[] = [];
  readonly #onLeave: () => void;
  #unreadBytes = 0;
  #hasEnded = false;
  #error: unknown;
  #wake: (() => void) | undefined;
  #drainListeners: (() => void)[] = [];

  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get pendingBytes(): number {
    return Math.max(0, this.#unreadBytes - bufferBytes);
  }

  get isRead(): boolean {
    return this.#unreadBytes === 0;
  }

  write({ bytes }: Frame): boolean {
    // What has been taken from here counts as sent: the server may use the bytes again while the client still reads.
    this.push(Buffer.from(bytes));
    return this.#unreadBytes <= bufferBytes;
  }

  push(bytes: Buffer): void {
    if (this.#hasEnded) return;
    this.#pieces.push(bytes);
    this.#unreadBytes += bytes.length;
    this.#wake?.();
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  end(): void {
    this.#finish(undefined);
  }

  destroy(): void {
    this.#finish(new Error('the server broke the answer off'));
  }

  abort(reason: unknown): void {
    this.#pieces.length = 0;
    this.#finish(reason);
  }

  #finish(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#error = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (this.#pieces.length > 0) {
          const pieces = this.#pieces.splice(0);
          const wasFull = this.#unreadBytes > bufferBytes;
          this.#unreadBytes = 0;
          if (wasFull) for (const listener of this.#drainListeners) listener();
          yield* pieces;
        } else if (this.#hasEnded) {
          if (this.#error !== undefined) throw this.#error;
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
          this.#wake = undefined;
        }
      }
    } finally {
      this.#hasEnded = true;
      this.#onLeave();
    }
  }
}

class InProcessExchange extends BaseExchange {
  readonly httpVersion = '2';
  readonly #headers: Readonly<Record<string, string>>;
  readonly #body: Buffer;
  readonly #pipe: Pipe;
  readonly #head = Promise.withResolvers<ApiResponse>();

  constructor({ method, path, headers = {}, body = empty, signal }: ApiRequest, connection: Connection) {
    super(method, path, connection, randomUUID());
    this.#headers = headers;
    this.#body = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const abort = (): void => this.abort(signal?.reason);
    this.#pipe = new Pipe(() => {
      signal?.removeEventListener('abort', abort);
      this.closed();
    });
    signal?.addEventListener('abort', abort, { once: true });
  }

  get response(): Promise<ApiResponse> {
    return this.#head.promise;
  }

  /** Whether nothing happens on it until something else does: a watch that has told all that it knows. */
  get isIdle(): boolean {
    return this.answered && this.#pipe.isRead;
  }

  /** The client goes away. */
  abort(reason: unknown): void {
    this.#head.reject(reason);
    this.#pipe.abort(reason);
    this.closed();
  }

  header(name: string): string | undefined {
    return this.#headers[name];
  }

  headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  headerValues(name: string): readonly string[] {
    const value = this.#headers[name];
    return value === undefined ? [] : [value];
  }

  readBody(limitBytes: number): Promise<Buffer> {
    if (this.#body.length > limitBytes) return Promise.reject(requestEntityTooLarge(`limit is ${limitBytes}`));
    return Promise.resolve(this.#body);
  }

  protected send(status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void {
    const stream = this.open(status, headers);
    const pieces = body === undefined ? [] : Buffer.isBuffer(body) ? [body] : body;
    for (const piece of pieces) this.#pipe.push(piece);
    stream.end();
    this.closed();
  }

  protected open(status: number, headers: Headers): ResponseStream {
    this.#head.resolve({
      status,
      header: (name) => {
        const value = headers[name];
        return value === undefined ? [] : typeof value === 'string' ? [value] : value;
      },
      body: this.#pipe,
    });
    return this.#pipe;
  }
}

/** Requests to an API server of the same process, in one identity: no socket, no TLS, the same way through the server. */
export class InProcessTransport implements Transport {
  readonly #server: RequestServer;
  readonly #user: UserInfo;
  readonly #connection: Connection = { ...noConnection, memory: new Map() };
  readonly #open = new Set<InProcessExchange>();
  #isClosed = false;

  constructor(server: RequestServer, user: UserInfo) {
    this.#server = server;
    this.#user = user;
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    request.signal?.throwIfAborted();
    if (this.#isClosed) throw new ConnectionError('the client was closed');
    const exchange = new InProcessExchange(request, this.#connection);
    this.#open.add(exchange);
    exchange.onClose(() => this.#open.delete(exchange));
    void this.#server.serveAs(this.#user, exchange);
    return exchange.response;
  }

  /** Whether every request is answered but for watches, and all that these were told has been read. */
  get isIdle(): boolean {
    for (const exchange of this.#open) if (!exchange.isIdle) return false;
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const exchange of this.#open) exchange.abort(new ConnectionError('the client was closed'));
  }
}
