import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Connection, Frame, Headers, ResponseStream } from '../contract.ts';
import { readBody } from './body.ts';
import { BaseExchange, totalLength } from './exchange.ts';

/** A request over HTTP/2. */
export class Http2Exchange extends BaseExchange {
  readonly httpVersion = '2';
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came. */
  readonly #rawHeaders: readonly string[];

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    connection: Connection,
  ) {
    super(headers[':method'] ?? 'GET', headers[':path'] ?? '/', connection, headers['audit-id'] as string | undefined);
    this.#stream = stream;
    this.#headers = headers;
    this.#rawHeaders = rawHeaders;
    stream.on('close', () => this.closed());
    // A reset by the client is an ordinary end; 'close' follows.
    stream.on('error', () => {});
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  headers(): IncomingHttpHeaders {
    return this.#headers;
  }

  headerValues(name: string): readonly string[] {
    return this.#rawHeaders.filter((_, index) => index % 2 === 1 && this.#rawHeaders[index - 1] === name);
  }

  readBody(limitBytes: number): Promise<Buffer> {
    return readBody(this.#stream, this.#headers['content-length'], limitBytes);
  }

  protected send(status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    const pieces = body === undefined ? [] : Buffer.isBuffer(body) ? [body] : body;
    const all: Record<string, string | readonly string[] | number> = headers as typeof all;
    all[':status'] = status;
    all['content-length'] = totalLength(pieces);
    if (pieces.length === 0 || this.method === 'HEAD') {
      stream.respond(all as never, { endStream: true });
      return;
    }
    stream.respond(all as never);
    for (let i = 0; i < pieces.length - 1; i++) stream.write(pieces[i]);
    stream.end(pieces.at(-1));
  }

  protected open(status: number, headers: Headers): ResponseStream {
    if (!this.#stream.destroyed && !this.#stream.closed) {
      this.#stream.respond({ ...headers, ':status': status } as never);
    }
    return new Http2ResponseStream(this.#stream);
  }
}

class Http2ResponseStream implements ResponseStream {
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  write(frame: Frame): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return true;
    return stream.write(frame.bytes);
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener);
  }

  end(): void {
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  destroy(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}
