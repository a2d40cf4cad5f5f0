import { StatusError, type Status, type StatusReason } from '../machinery/status.ts';
import type { ApiResponse, Transport } from './contract.ts';
import { linesOf } from './lines.ts';

export interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For patches: `application/merge-patch+json` and the like. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** One event of a watch, as it comes over the wire. */
export interface WatchEvent<T = unknown> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

export interface RestClientOptions {
  /** Who asks, for the server's records: `program/version`. */
  readonly userAgent: string;
  /** Told of each warning that comes with an answer (KEP-1693). */
  onWarning?(text: string): void;
}

/** An answer beyond this is no answer that a program could hold. */
const maxResponseBytes = 512 * 1024 * 1024;
/** Beyond what the largest object takes in a watch event. */
const maxEventBytes = 16 * 1024 * 1024;

/** JSON requests to an API server. What the server refuses is thrown as the StatusError that it sent. */
export class RestClient {
  readonly transport: Transport;
  readonly #options: RestClientOptions;

  constructor(transport: Transport, options: RestClientOptions) {
    this.transport = transport;
    this.#options = options;
  }

  /** The answer's JSON. Throws StatusError, ConnectionError, or the signal's reason. */
  async request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.#send(method, path, options);
    const bytes = await gather(response);
    if (response.status >= 300) throw errorOf(response.status, bytes);
    try {
      return JSON.parse(bytes.toString('utf8')) as T;
    } catch (cause) {
      throw new Error(`${method} ${path}: the server's answer is not JSON`, { cause });
    }
  }

  get<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.request<T>('GET', path, options);
  }

  /**
   * The events of a watch until the server ends it; `path` names a collection. An ERROR event is thrown as its
   * StatusError. Leaving the loop ends the watch.
   */
  async *watch<T>(path: string, options: RequestOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const response = await this.#send('GET', path, { ...options, query: { ...options.query, watch: true } });
    if (response.status >= 300) throw errorOf(response.status, await gather(response));
    for await (const line of linesOf(response.body, maxEventBytes)) {
      const event = JSON.parse(line) as WatchEvent<T>;
      if (event.type === 'ERROR') throw StatusError.fromStatus(event.object as Status);
      yield event;
    }
  }

  async #send(method: string, path: string, options: RequestOptions): Promise<ApiResponse> {
    const { body, signal } = options;
    const response = await this.transport.send({
      method,
      path: withQuery(path, options.query),
      headers: {
        accept: options.accept ?? 'application/json',
        'user-agent': this.#options.userAgent,
        ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body), 'utf8') }),
      signal,
    });
    for (const header of response.header('warning')) {
      for (const text of warningsOf(header)) this.#options.onWarning?.(text);
    }
    return response;
  }
}

function withQuery(path: string, query: RequestOptions['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  if (parameters.size === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${parameters.toString()}`;
}

async function gather({ body }: ApiResponse): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > maxResponseBytes) throw new Error(`the server's answer is longer than ${maxResponseBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

/** The texts of a `Warning` header (RFC 7234, code 299). */
function warningsOf(header: string): string[] {
  return [...header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}

const reasonOfCode: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** What of a foreign answer (a proxy's page, say) is worth showing. */
const maxShownLength = 2048;

function errorOf(code: number, bytes: Buffer): StatusError {
  const text = bytes.toString('utf8');
  try {
    const status = JSON.parse(text) as Partial<Status>;
    if (status.kind === 'Status' && typeof status.message === 'string') {
      return StatusError.fromStatus({
        ...status,
        metadata: status.metadata ?? {},
        code: status.code ?? code,
      } as Status);
    }
  } catch {
    // It is no Status: told below as what it is.
  }
  const shown = JSON.stringify(text.slice(0, maxShownLength));
  return new StatusError(
    code,
    reasonOfCode[code] ?? '',
    `an error on the server (${shown}) has prevented the request from succeeding`,
  );
}
