import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import type { WebSocketServer } from 'ws';
import type { Connection, Frame, Headers, ResponseStream } from '../contract.ts';
import { BaseExchange } from './exchange.ts';

/** Messages from a watching client mean nothing; this bounds what one may send. */
const maxMessageBytes = 4096;

let acceptor: Promise<WebSocketServer> | undefined;

/** Loaded when the first client asks for a WebSocket: most servers never see one. */
function loadAcceptor(): Promise<WebSocketServer> {
  return (acceptor ??= import('ws').then(
    ({ WebSocketServer }) =>
      new WebSocketServer({
        noServer: true,
        maxPayload: maxMessageBytes,
        perMessageDeflate: false,
        // Browsers send the protocols they can; a watch is the same whichever it is.
        handleProtocols: (protocols) => [...protocols][0] ?? false,
      }),
  ));
}

/**
 * A GET that asks to become a WebSocket. A streamed answer is sent as one message per frame; any other answer
 * refuses the upgrade with an ordinary response.
 */
export class WebSocketExchange extends BaseExchange {
  readonly httpVersion = '1.1';
  readonly #request: IncomingMessage;
  readonly #socket: Duplex;
  readonly #head: Buffer;

  constructor(request: IncomingMessage, socket: Duplex, head: Buffer, connection: Connection) {
    super(request.method ?? 'GET', request.url ?? '/', connection, request.headers['audit-id'] as string | undefined);
    this.#request = request;
    this.#socket = socket;
    this.#head = head;
    socket.on('error', () => {});
    socket.on('close', () => this.closed());
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  headers(): IncomingMessage['headers'] {
    return this.#request.headers;
  }

  headerValues(name: string): readonly string[] {
    return this.#request.headersDistinct[name] ?? [];
  }

  readBody(): Promise<Buffer> {
    return Promise.resolve(Buffer.alloc(0));
  }

  protected send(status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void {
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(body) ? body : Buffer.concat(body);
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'connection: close'];
    for (const [name, value] of Object.entries({ ...headers, 'content-length': String(bytes.length) })) {
      for (const one of Array.isArray(value) ? value : [value]) lines.push(`${name}: ${one}`);
    }
    this.#socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]));
  }

  protected open(): ResponseStream {
    const stream = new WebSocketStream();
    void loadAcceptor()
      .then((server) =>
        server.handleUpgrade(this.#request, this.#socket, this.#head, (socket) => stream.connect(socket, this.#socket)),
      )
      .catch(() => this.#socket.destroy());
    return stream;
  }
}

class WebSocketStream implements ResponseStream {
  #socket: WebSocket | undefined;
  /** Frames written before the handshake was done, and whether the stream was ended meanwhile. */
  #early: Frame[] = [];
  #ended = false;
  #drainListeners: (() => void)[] = [];

  connect(socket: WebSocket, transport: Duplex): void {
    this.#socket = socket;
    socket.on('error', () => {});
    transport.on('drain', () => {
      for (const listener of this.#drainListeners) listener();
    });
    // Also when the stream has ended meanwhile: what was written before is due.
    for (const frame of this.#early) this.#send(socket, frame);
    this.#early = [];
    if (this.#ended) socket.close(1000);
    else for (const listener of this.#drainListeners) listener();
  }

  get pendingBytes(): number {
    return this.#socket?.bufferedAmount ?? this.#early.reduce((sum, frame) => sum + frame.bytes.length, 0);
  }

  write(frame: Frame): boolean {
    if (this.#ended) return true;
    if (this.#socket === undefined) this.#early.push(frame);
    else this.#send(this.#socket, frame);
    return this.#socket !== undefined && this.#socket.bufferedAmount === 0;
  }

  #send(socket: WebSocket, frame: Frame): void {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(frame.message ?? frame.bytes, { binary: frame.message !== undefined });
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  end(): void {
    this.#ended = true;
    this.#socket?.close(1000);
  }

  destroy(): void {
    this.#ended = true;
    this.#socket?.terminate();
  }
}
