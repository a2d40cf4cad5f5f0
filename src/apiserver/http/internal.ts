import type { Connection, Frame, Headers, ResponseStream } from '../contract.ts';
import { requestEntityTooLarge } from '../../machinery/status.ts';
import { BaseExchange } from './exchange.ts';

export interface InternalRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names in lower case; several values of one header as a list. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer;
}

export interface InternalResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const noConnection: Omit<Connection, 'memory'> = { clientCertificate: undefined, remoteAddress: '' };

/** A request from within the process: no socket, the same way through the server. A streamed answer is gathered. */
export class InternalExchange extends BaseExchange {
  readonly httpVersion = '2';
  readonly #headers: Readonly<Record<string, string | readonly string[]>>;
  readonly #body: Buffer;
  readonly #settled = Promise.withResolvers<InternalResponse>();

  constructor({ method, target, headers = {}, body = Buffer.alloc(0) }: InternalRequest) {
    super(method, target, { ...noConnection, memory: new Map() }, undefined);
    this.#headers = headers;
    this.#body = body;
  }

  get response(): Promise<InternalResponse> {
    return this.#settled.promise;
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  headers(): Readonly<Record<string, string | readonly string[]>> {
    return this.#headers;
  }

  headerValues(name: string): readonly string[] {
    const value = this.#headers[name];
    return value === undefined ? [] : typeof value === 'object' ? value : [value];
  }

  readBody(limitBytes: number): Promise<Buffer> {
    if (this.#body.length > limitBytes) return Promise.reject(requestEntityTooLarge(`limit is ${limitBytes}`));
    return Promise.resolve(this.#body);
  }

  protected send(status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void {
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(body) ? body : Buffer.concat(body);
    this.#settled.resolve({ status, headers, body: bytes });
    this.closed();
  }

  protected open(status: number, headers: Headers): ResponseStream {
    const pieces: Buffer[] = [];
    const finish = (): void => {
      this.#settled.resolve({ status, headers, body: Buffer.concat(pieces) });
      this.closed();
    };
    return {
      pendingBytes: 0,
      write: (frame: Frame) => pieces.push(frame.bytes) > 0,
      onDrain: () => {},
      end: finish,
      destroy: finish,
    };
  }
}
